/** The witness reports what breaks a property when it happens, in words, and nothing that is allowed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Machine, type DiskRequest } from '../../../../labs-runtime/emulator/machine.ts';
import type { Output } from '../../../../labs-runtime/ft/log-entry.ts';
import { GuestState } from '../../../../labs-runtime/ft/replica/guest-slot.ts';
import { NOBODY } from '../../../../labs-runtime/ft/replica/messages.ts';
import type { ReplicaState } from '../../../../labs-runtime/ft/replica/state.ts';
import type { ClusterState, Witness } from '../../../../labs-runtime/sim/cluster/cluster-state.ts';
import { createChunks, writeChunks } from '../../../../labs-runtime/sim/cluster/disk-chunks.ts';
import { Editor } from '../../../../labs-runtime/sim/cluster/editor.ts';
import { copyPlain } from '../../../../labs-runtime/sim/cluster/plain-data.ts';
import type { Scenario } from '../../../../labs-runtime/sim/cluster/scenario.ts';
import {
  asksForFlag,
  breach,
  goesLive,
  hasLeft,
  hasMade,
  look,
  lookAtDisk,
  reachesDisk,
  switches,
} from '../../../../labs-runtime/sim/cluster/witness.ts';
import { clusterOf, counterScenario, options } from './small-scenarios.ts';

let start: ClusterState;
beforeAll(async () => {
  start = (await clusterOf(counterScenario({ servers: 3 }))).state;
});

interface Stage {
  editor: Editor;
  state: ClusterState;
  primary: ReplicaState;
  backup: ReplicaState;
  witness: Witness;
}

/** A pair that has just been made, for a test to change: server 0 is the primary, server 1 the backup, server 2 is free. */
function stage(changes: Partial<Scenario> = {}, keepsStates = true): Stage {
  const scenario = counterScenario({ servers: 3, ...changes });
  const state = copyPlain(start);
  const primary = state.servers[0]!.replica!;
  const editor = new Editor({ scenario, slots: [], empty: primary.guest, keepsStates }, state);
  return { editor, state, primary, backup: state.servers[1]!.replica!, witness: state.witness };
}

/** The state of a machine that holds that byte. */
function guestWith(byte: number): GuestState {
  const machine = new Machine({ ramBytes: 4096 });
  machine.load(Uint8Array.of(byte));
  return new GuestState(machine);
}

const key = (character: string): Output => ({ device: 'console', byte: character.charCodeAt(0) });
const write = (id: number, sector: number, fill: number): DiskRequest => ({
  id,
  kind: 'write',
  sector,
  byteCount: 512,
  data: new Uint8Array(512).fill(fill),
});

describe('a witness of writes on their way to the disk', () => {
  const made: Output = { device: 'disk', requests: [write(7, 3, 1)] };

  it('reports one that a shared disk gets before its output has left, and none after', () => {
    const { editor, state, witness } = stage();
    hasMade(editor, 0, witness.outside, made);
    reachesDisk(editor, 0, write(8, 3, 1));
    expect(state.breach).toBeNull();
    reachesDisk(editor, 0, write(7, 3, 1));
    expect(state.breach).toMatchObject({ property: 'no output is lost', observed: 'the disk gets it before' });

    const later = stage();
    hasMade(later.editor, 0, later.witness.outside, made);
    hasLeft(later.editor, 0, later.witness.outside, made);
    reachesDisk(later.editor, 0, write(7, 3, 1));
    expect(later.state.breach).toBeNull();
  });

  it('lets a disk of the machine’s own have it at once', () => {
    const { editor, state, witness } = stage({ options: options({ disk: 'local' }) });
    hasMade(editor, 0, witness.outside, made);
    reachesDisk(editor, 0, write(7, 3, 1));
    expect(state.breach).toBeNull();
  });
});

describe('a witness of outputs made', () => {
  it('compares the backup with the primary after the same output, once', () => {
    const { editor, state, primary, backup } = stage();
    primary.guest = guestWith(1);
    hasMade(editor, 0, 5, key('a'));
    primary.guest = guestWith(2);
    hasMade(editor, 0, 6, key('b'));
    expect(state.witness.hashes.map(({ output }) => output)).toEqual([5, 6]);
    backup.guest = guestWith(1);
    hasMade(editor, 1, 5, key('a'));
    expect(state.breach).toBeNull();
    expect(state.witness.hashes.map(({ output }) => output)).toEqual([6]);
    hasMade(editor, 1, 6, key('b'));
    expect(state.breach).toMatchObject({ property: 'the backup follows', server: 1 });
    expect(state.breach!.expected).toBe(`state ${guestWith(2).hash} after output 6, as on the primary`);
    expect(state.breach!.observed).toBe(`state ${guestWith(1).hash}`);
  });

  it('lets a backup be that passes outputs of which nothing is known', () => {
    const { editor, state, primary } = stage();
    primary.peer = NOBODY;
    hasMade(editor, 0, 5, key('a'));
    expect(state.witness.hashes).toEqual([]);
    hasMade(editor, 1, 5, key('a'));
    expect(state.breach).toBeNull();
  });

  it('hashes no machine that only goes on', () => {
    const { editor, state } = stage({}, false);
    hasMade(editor, 0, 5, key('a'));
    expect(state.witness.hashes).toEqual([]);
  });

  it('takes no note of a machine that is not the live one', () => {
    const { editor, state, witness } = stage();
    witness.live = 1;
    hasMade(editor, 0, 5, { device: 'disk', requests: [write(0, 1, 2)] });
    expect([state.witness.hashes, state.witness.writes]).toEqual([[], []]);
  });

  it('remembers writes with their output, and no flushes', () => {
    const { editor, state } = stage();
    const flush: DiskRequest = { id: 8, kind: 'flush', sector: 0, byteCount: 0 };
    hasMade(editor, 0, 5, { device: 'disk', requests: [write(7, 3, 1), flush, write(9, 4, 2)] });
    expect(state.witness.writes.map(({ output, request, sector, data }) => [output, request, sector, data[0]])).toEqual([
      [5, 7, 3, 1],
      [5, 9, 4, 2],
    ]);
    expect(state.witness.inside).toEqual([]);
  });

  it('counts writes to a disk of one’s own as nobody’s business outside', () => {
    const { editor, state } = stage({ options: options({ disk: 'local' }) });
    hasMade(editor, 0, 5, { device: 'disk', requests: [write(7, 3, 1)] });
    hasMade(editor, 0, 6, key('a'));
    expect(state.witness.inside).toEqual([5]);
  });
});

describe('a witness of outputs that leave', () => {
  it('takes them one after the other, and what comes again once', () => {
    const { editor, state, witness } = stage();
    witness.outside = 3;
    for (const [output, character] of [
      [3, 'a'],
      [4, 'b'],
      [3, 'a'],
      [4, 'b'],
      [5, 'c'],
    ] as const)
      hasLeft(editor, 0, output, key(character));
    expect(state.breach).toBeNull();
    expect(state.witness.outside).toBe(6);
    expect(String.fromCharCode(...state.witness.console)).toBe('abc');
  });

  it('misses the one that never left', () => {
    const { editor, state, witness } = stage();
    witness.outside = 3;
    hasLeft(editor, 0, 4, key('b'));
    expect(state.breach).toEqual({
      property: 'no output is lost',
      server: 0,
      expected: 'output 3 before all later ones',
      observed: 'output 4, console byte "b", leaves, and output 3 never did',
    });
    expect(state.witness.outside).toBe(3);
  });

  it('does not miss what stays inside', () => {
    const { editor, state, witness } = stage();
    Object.assign(witness, { outside: 3, inside: [3, 4, 6] });
    hasLeft(editor, 0, 5, key('b'));
    expect(state.breach).toBeNull();
    expect(state.witness).toMatchObject({ outside: 6, inside: [6] });
    hasLeft(editor, 0, 7, key('c'));
    expect(state.breach).toBeNull();
    expect(state.witness).toMatchObject({ outside: 8, inside: [] });
  });

  it('allows one that lost its right what it had made before, and nothing of its own', () => {
    const { editor, state, witness } = stage();
    Object.assign(witness, { live: 1, liveFrom: 5, outside: 5 });
    hasLeft(editor, 0, 4, { device: 'network', frames: [] });
    expect(state.breach).toBeNull();
    hasLeft(editor, 0, 5, { device: 'network', frames: [] });
    expect(state.breach).toMatchObject({
      property: 'one machine is live',
      server: 0,
      expected: 'nothing of its own from server 0, since server 1 went live after 5 outputs',
      observed: 'output 5, a frame',
    });
    expect(state.witness.outside).toBe(5);
  });
});

describe('a witness of takeovers', () => {
  /** The backup has become a primary alone, as it has when it goes live. */
  function takenOver(changes: Partial<Witness> = {}, outputs = 5): Stage {
    const staged = stage();
    Object.assign(staged.witness, { outside: 5, ...changes });
    Object.assign(staged.backup, { role: 'primary', peer: NOBODY, outputs });
    return staged;
  }

  it('takes the right from one to the other, and forgets what only the first had made', () => {
    const hashes = [{ output: 4, hash: 'x' }];
    const writes = [4, 5].map((output) => ({ output, request: output, sector: 0, data: new Uint8Array(512) }));
    const { editor, state } = takenOver({ hashes, writes, inside: [4, 5, 6] });
    goesLive(editor, 1);
    expect(state.breach).toBeNull();
    expect(state.witness).toMatchObject({ live: 1, liveFrom: 5, hashes: [], inside: [4] });
    expect(state.witness.writes.map(({ output }) => output)).toEqual([4]);
  });

  it('forgets nothing where the live machine goes on', () => {
    const { editor, state, primary } = stage();
    state.witness.hashes = [{ output: 4, hash: 'x' }];
    primary.peer = NOBODY;
    goesLive(editor, 0);
    expect(state.witness).toMatchObject({ live: 0, liveFrom: 0, hashes: [{ output: 4 }] });
    expect(state.breach).toBeNull();
  });

  it('misses outputs that are outside and that the new machine has not made', () => {
    const { editor, state } = takenOver({}, 4);
    goesLive(editor, 1);
    expect(state.breach).toMatchObject({
      property: 'no output is lost',
      expected: 'a machine that has made all 5 outputs that are outside',
      observed: 'server 1 goes live after 4 outputs',
    });
  });

  it('speaks of one output as of one', () => {
    const { editor, state } = takenOver({ outside: 2 }, 1);
    goesLive(editor, 1);
    expect(state.breach).toMatchObject({ observed: 'server 1 goes live after 1 output' });
    const other = takenOver({ outside: 1 }, 0);
    goesLive(other.editor, 1);
    expect(other.state.breach).toMatchObject({
      expected: 'a machine that has made the one output that is outside',
      observed: 'server 1 goes live after 0 outputs',
    });
  });

  it.each([
    ['up', true],
    ['frozen', true],
    ['crashed', false],
  ] as const)('sees two where the other one is alone and %s: %s', (condition, isSeen) => {
    const { editor, state, primary } = takenOver();
    primary.peer = NOBODY;
    state.servers[0]!.condition = condition;
    goesLive(editor, 1);
    if (isSeen) expect(state.breach).toMatchObject({ property: 'one machine is live', server: 1, observed: 'server 1 goes live too' });
    else expect(state.breach).toBeNull();
  });

  it.each([
    ['is still one of the pair', { peer: 1 }],
    ['has halted', { peer: NOBODY, role: 'halted' }],
  ] as const)('sees one where the other one %s', (_, changes) => {
    const { editor, state, primary } = takenOver();
    Object.assign(primary, changes);
    goesLive(editor, 1);
    expect(state.breach).toBeNull();
  });
});

describe('a witness of requests for the flag', () => {
  const eager = ['heartbeat', 'log', 'transfer'] as const;
  const allowance = { ...counterScenario().allowance, faults: 1, leaves: 1 };

  it('wants a cause where everything sent arrives at once', () => {
    const { editor, state } = stage({ eager, allowance });
    Object.assign(state.left, { faults: 1, leaves: 1 });
    asksForFlag(editor, 1);
    expect(state.breach).toMatchObject({
      property: 'a takeover has a cause',
      server: 1,
      expected: 'server 1 leaves the flag alone',
      observed: 'it asks for it, though nothing has failed',
    });
  });

  it.each([
    ['something has failed', { left: { faults: 0, leaves: 1 } }],
    ['a server was emptied', { left: { faults: 1, leaves: 0 } }],
    ['a heartbeat may be late', { left: { faults: 1, leaves: 1 }, eager: eager.slice(1) }],
    ['a message of state transfer may be late', { left: { faults: 1, leaves: 1 }, eager: eager.slice(0, 2) }],
  ])('has nothing to say where %s', (_, { left, ...changes }: { left: Partial<ClusterState['left']>; eager?: Scenario['eager'] }) => {
    const { editor, state } = stage({ eager, allowance, ...changes });
    Object.assign(state.left, left);
    asksForFlag(editor, 1);
    expect(state.breach).toBeNull();
  });

  it('wants none of a backup for a guest that is off, once that knows that everything is outside', () => {
    const { editor, state, primary, backup } = stage();
    primary.isOff = true;
    primary.finishedSeq = 3;
    asksForFlag(editor, 0);
    backup.isOff = true;
    asksForFlag(editor, 1);
    expect(state.breach).toBeNull();
    backup.finishedSeq = 3;
    asksForFlag(editor, 1);
    expect(state.breach).toMatchObject({
      property: 'a takeover has a cause',
      observed: 'it asks for it, though it was told that the guest is off and everything outside',
    });
  });
});

describe('a witness of switches to a new backup', () => {
  const atDisk = (server: number, incarnation = 0) => ({
    server,
    incarnation,
    generation: 1,
    request: write(7, 3, 1),
    isDone: false,
    isHalf: false,
  });

  it('wants nothing of the guest’s at the disk', () => {
    const { editor, state } = stage();
    // Another server's, and one that it asked for before it was repaired.
    state.disk.work = [atDisk(1), atDisk(0, -1)];
    switches(editor, 0);
    expect(state.breach).toBeNull();
    state.disk.work.push(atDisk(0));
    switches(editor, 0);
    expect(state.breach).toMatchObject({ property: 'a switch finds the disk quiet', observed: '1 request of the guest’s with the disk' });
  });
});

describe('a witness that looks at a machine', () => {
  it('measures how far a backup is behind, in time of the primary’s', () => {
    const { editor, state, primary, backup } = stage({ lagMsMax: 100, options: options({ attemptsPerMs: 10 }) });
    primary.position = backup.position + 1000;
    look(editor, 0);
    expect(state.breach).toBeNull();
    primary.position += 20;
    // What nobody follows any more is not behind.
    backup.generation += 1;
    look(editor, 0);
    expect(state.breach).toBeNull();
    backup.generation -= 1;
    look(editor, 0);
    expect(state.breach).toMatchObject({
      property: 'the backup keeps up',
      expected: 'a backup at most 100 ms of work behind',
      observed: 'the backup is 102 ms behind',
    });
  });

  const small = { options: options({ channel: { ...options().channel, bufferEntriesMax: 2 } }) };

  it('counts what either end of the channel holds', () => {
    const { editor, state, primary, backup } = stage(small);
    Object.assign(primary, { appendedSeq: 9, acknowledgedSeq: 7 });
    Object.assign(backup, { deliveredSeq: 9, consumedSeq: 7 });
    look(editor, 0);
    look(editor, 1);
    expect(state.breach).toBeNull();
    backup.consumedSeq = 6;
    look(editor, 1);
    expect(state.breach).toMatchObject({ property: 'buffers are bounded', expected: 'at most 2 entries', observed: 'the backup holds 3' });
    state.breach = null;
    primary.appendedSeq = 10;
    look(editor, 0);
    expect(state.breach).toMatchObject({ property: 'buffers are bounded', server: 0, observed: 'the primary holds 3' });
  });

  it('compares what counts as acknowledged with what the backup of the same pair holds', () => {
    const { editor, state, primary, backup } = stage();
    Object.assign(primary, { appendedSeq: 9, acknowledgedSeq: 7 });
    Object.assign(backup, { deliveredSeq: 7, consumedSeq: 7 });
    look(editor, 0);
    expect(state.breach).toBeNull();
    backup.deliveredSeq = 6;
    backup.generation += 1;
    look(editor, 0);
    expect(state.breach).toBeNull();
    backup.generation -= 1;
    look(editor, 0);
    expect(state.breach).toMatchObject({ property: 'acknowledged is held', observed: 'entry 7 counts as acknowledged' });
  });

  it('has nothing to say of one that is alone or gone', () => {
    const { editor, state, primary } = stage(small);
    Object.assign(primary, { peer: NOBODY, appendedSeq: 99 });
    look(editor, 0);
    look(editor, 2);
    expect(state.breach).toBeNull();
  });
});

describe('a witness that looks at the disk', () => {
  /** The guest has written these, of output numbers from 0, and the disk holds that. */
  function written(writes: DiskRequest[], onDisk: DiskRequest[], changes: Partial<Scenario> = {}): Stage {
    const staged = stage(changes);
    staged.witness.writes = writes.map(({ id, sector, data }, output) => ({ output, request: id, sector, data: data! }));
    const chunks = createChunks(16);
    for (const { sector, data } of onDisk) writeChunks(chunks, sector, data!);
    if (changes.options?.disk === 'local') staged.state.servers[0]!.chunks = chunks;
    else staged.state.disk.chunks = chunks;
    return staged;
  }

  it.each([
    ['is content with what was written', [write(0, 1, 7), write(1, 9, 8)], [write(0, 1, 7), write(1, 9, 8)]],
    ['does not expect what was overwritten', [write(0, 1, 7), write(1, 1, 8)], [write(1, 1, 8)]],
  ])('%s', (_, made, onDisk) => {
    const { editor, state } = written(made, onDisk);
    lookAtDisk(editor);
    expect(state.breach).toBeNull();
  });

  it.each([
    ['a write that is not there', [write(0, 1, 7), write(1, 9, 8)], [write(0, 1, 7)], 'what output 1 wrote to sector 9'],
    ['an older write over a newer', [write(0, 1, 7), write(1, 1, 8)], [write(0, 1, 7)], 'what output 1 wrote to sector 1'],
    [
      'a byte that differs',
      [write(0, 1, 7)],
      [{ ...write(0, 1, 7), data: new Uint8Array(512).fill(7).fill(0, 511) }],
      'what output 0 wrote to sector 1',
    ],
  ])('finds %s', (_, made, onDisk, expected) => {
    const { editor, state } = written(made, onDisk);
    lookAtDisk(editor);
    expect(state.breach).toEqual({ property: 'the disk is as written', server: 0, expected, observed: 'something else there' });
  });

  it('looks at the live machine’s own disk where it has one', () => {
    const local = { options: options({ disk: 'local' }) };
    const { editor, state } = written([write(0, 1, 7)], [write(0, 1, 7)], local);
    lookAtDisk(editor);
    expect(state.breach).toBeNull();
    state.servers[0]!.chunks = createChunks(16);
    lookAtDisk(editor);
    expect(state.breach).toMatchObject({ property: 'the disk is as written' });
  });

  it.each<[string, (stage: Stage) => void]>([
    [
      'a request is at the disk',
      ({ state }) =>
        state.disk.work.push({ server: 0, incarnation: 0, generation: 1, request: write(0, 1, 7), isDone: false, isHalf: false }),
    ],
    ['the guest waits for a request', ({ primary }) => primary.disk.pending.push(write(0, 1, 7))],
    [
      'a write is held back',
      ({ primary }) => primary.held.push({ operation: 1, output: 0, made: { device: 'disk', requests: [write(0, 1, 7)] }, madeAtMs: 0 }),
    ],
    ['the live machine is gone', ({ state }) => (state.servers[0]!.replica = null)],
    ['the live machine is a backup still', ({ primary }) => (primary.role = 'backup')],
  ])('waits while %s', (_, change) => {
    const staged = written([write(0, 1, 7)], []);
    change(staged);
    lookAtDisk(staged.editor);
    expect(staged.state.breach).toBeNull();
  });
});

describe('a breach', () => {
  it('is the first one', () => {
    const { editor, state } = stage();
    breach(editor, 'no output is lost', 1, 'a', 'b');
    breach(editor, 'the past stays', 2, 'c', 'd');
    expect(state.breach).toEqual({ property: 'no output is lost', server: 1, expected: 'a', observed: 'b' });
  });
});
