/** Detecting and responding to failure, around a whole machine (VMware FT, section 2.3). */
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../../../labs-runtime/ft/frame.ts';
import { encodeRecorded } from '../../../../labs-runtime/ft/log-codec.ts';
import type { ReplicaEffect, ReplicaInput } from '../../../../labs-runtime/ft/replica/messages.ts';
import { NOBODY } from '../../../../labs-runtime/ft/replica/messages.ts';
import { encodeRequest } from '../../../../labs-runtime/guests/tickets-protocol.ts';
import { decodeReply } from '../../../../labs-runtime/guests/tickets-protocol.ts';
import { bootedMachine } from '../recorded-run.ts';
import type { Pair } from './hand-made-pair.ts';
import { counterPair, ENOUGH, isAlone, ofKind, options, pairWith, pass, takeOver, TICK_MS } from './hand-made-pair.ts';

const kinds = (effects: readonly ReplicaEffect[]) => effects.map(({ kind }) => kind);

/** One byte typed, answered, and all of it with the backup; nothing of it acknowledged to the primary. */
async function typed(text = 'a', chosen = options()): Promise<Pair> {
  const pair = await counterPair(chosen);
  pair.primary.type(text);
  // No further than the last output, so that the backup can come to the same place.
  pair.primary.run(7);
  pass(pair.primary, pair.backup, 'log bytes');
  return pair;
}

describe('a backup whose primary has failed', () => {
  it('replays all that it holds before it asks for the flag, and is then where the primary was', async () => {
    const { primary, backup } = await typed();
    backup.time(2 * TICK_MS);
    expect(backup.state.isAtEnd).toBe(true);
    for (let entry = 1; entry < 8; entry++) expect(kinds(backup.replay(1))).not.toContain('test-and-set');
    expect(kinds(backup.replay(1))).toContain('test-and-set');
    expect(backup.state.guest.hash).toBe(primary.state.guest.hash);
  });

  it('asks at once where it holds nothing, and where it is told not to replay', async () => {
    const { backup } = await counterPair();
    expect(kinds(backup.time(2 * TICK_MS))).toContain('test-and-set');
    const hasty = await typed('a', options({}, { replaysToEnd: false }));
    expect(kinds(hasty.backup.time(2 * TICK_MS))).toContain('test-and-set');
    expect(hasty.backup.state.consumedSeq).toBe(0);
  });

  it('hears nothing more of the log once it has declared the failure', async () => {
    const { primary, backup } = await typed();
    backup.take('log bytes');
    backup.time(2 * TICK_MS);
    primary.type('b');
    expect(pass(primary, backup, 'log bytes')).toEqual([]);
    expect(backup.state.entries.length).toBe(8);
    expect(backup.take('log bytes')).toEqual([]);
  });

  it('stays quiet while it hears heartbeats and the log', async () => {
    const { primary, backup } = await counterPair();
    for (let tick = 1; tick < 10; tick++) {
      for (const server of [primary, backup]) expect(kinds(server.time(tick * TICK_MS))).not.toContain('test-and-set');
      pass(primary, backup, 'heartbeat');
      pass(backup, primary, 'heartbeat');
      pass(primary, backup, 'log bytes');
      pass(backup, primary, 'log bytes');
    }
    expect([primary.state.role, backup.state.role]).toEqual(['primary', 'backup']);
  });

  it.each(['heartbeat', 'log bytes'] as const)('takes the lack of the other for a failure, though it hears its %s', async (heard) => {
    const { primary, backup } = await counterPair();
    for (let tick = 1; tick <= 2; tick++) {
      primary.time(tick * TICK_MS);
      pass(primary, backup, heard);
      backup.time(tick * TICK_MS);
    }
    expect(backup.state.isAtEnd).toBe(true);
  });

  it('goes live with the flag, and halts for good without it', async () => {
    const [winner, loser] = [(await typed()).backup, (await typed()).backup];
    for (const backup of [winner, loser]) {
      backup.time(2 * TICK_MS);
      backup.replay();
    }
    expect(kinds(winner.tell({ kind: 'flag', generation: 1, owner: 1 }))[0]).toBe('goes live');
    expect(isAlone(winner)).toBe(true);
    expect(kinds(loser.tell({ kind: 'flag', generation: 1, owner: 0 }))).toEqual(['halts']);
    expect(loser.state.role).toBe('halted');
    for (const input of [
      { kind: 'time', nowMs: 999 },
      { kind: 'run', attempts: 100, entriesMax: 9 },
      { kind: 'console', byte: 65 },
    ] as const)
      expect(loser.tell(input)).toEqual([]);
  });

  it('asks again where no answer comes, and takes no other pair’s answer for its own', async () => {
    const { backup } = await typed();
    backup.time(2 * TICK_MS);
    backup.replay();
    expect(backup.tell({ kind: 'flag', generation: 2, owner: 1 })).toEqual([]);
    backup.tell({ kind: 'flag', generation: 1, owner: NOBODY });
    expect(kinds(backup.time(3 * TICK_MS))).toContain('test-and-set');
    expect(kinds(backup.time(4 * TICK_MS))).not.toContain('test-and-set');
    expect(backup.state.role).toBe('backup');
  });

  it('loses to whoever owns a later flag', async () => {
    const { backup } = await typed();
    backup.time(2 * TICK_MS);
    backup.replay();
    expect(kinds(backup.tell({ kind: 'flag', generation: 1, owner: 2 }))).toEqual(['halts']);
  });
});

describe('outputs in doubt', () => {
  it('are made again by a backup that goes live, in order (2.2)', async () => {
    const { primary, backup } = await typed();
    const effects = takeOver(backup);
    expect(ofKind(effects, 'output').map(({ output }) => output)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(backup.text).toMatch(/^1 [0-9a-f]{4}\n$/);
    expect(primary.text).toBe('');
    expect(backup.state).toMatchObject({ inDoubt: [], outputs: 7, released: 7 });
  });

  it('are only those that no heartbeat of the primary has called outside', async () => {
    const { primary, backup } = await typed();
    backup.replay(5);
    backup.tell({ kind: 'heartbeat', from: 0, heartbeat: { generation: 1, released: 3, consumedSeq: 0 } });
    expect(backup.state.inDoubt.map(({ output }) => output)).toEqual([3]);
    // An older one that comes late calls nothing back.
    backup.tell({ kind: 'heartbeat', from: 0, heartbeat: { generation: 1, released: 1, consumedSeq: 0 } });
    backup.replay();
    expect(ofKind(takeOver(backup), 'output').map(({ output }) => output)).toEqual([3, 4, 5, 6]);
    expect(primary.state.released).toBe(0);
  });

  it('are not those called outside before the replay came past them', async () => {
    const { backup } = await typed();
    backup.tell({ kind: 'heartbeat', from: 0, heartbeat: { generation: 1, released: 5, consumedSeq: 0 } });
    backup.replay();
    expect(ofKind(takeOver(backup), 'output').map(({ output }) => output)).toEqual([5, 6]);
  });

  it('are believed outside only from a heartbeat of this pair', async () => {
    const { backup } = await typed();
    backup.replay();
    for (const [from, generation] of [
      [0, 2],
      [2, 1],
    ] as const)
      backup.tell({ kind: 'heartbeat', from, heartbeat: { generation, released: 7, consumedSeq: 0 } });
    expect(backup.state.inDoubt.length).toBe(7);
  });

  it('are forgotten where the mechanism is off', async () => {
    const { backup } = await typed('a', options({}, { remakesOutputs: false }));
    expect(ofKind(takeOver(backup), 'output')).toEqual([]);
    expect(backup.state.inDoubt).toEqual([]);
  });

  it('leave after the network knows where the guest is now', async () => {
    const { backup } = await typed();
    const effects = takeOver(backup).filter(({ kind }) => ['goes live', 'announce', 'output'].includes(kind));
    expect(kinds(effects).slice(0, 3)).toEqual(['goes live', 'announce', 'output']);
  });
});

describe('a machine that has moved', () => {
  it('announces itself as it goes live, and again at each tick; one that stayed where it was does not', async () => {
    const { primary, backup } = await typed();
    const { frame } = ofKind(takeOver(backup), 'announce')[0]!;
    expect([...frame.slice(0, 6)]).toEqual(new Array(6).fill(0xff));
    expect(frame.slice(6, 12)).toEqual(frame.slice(22, 28));
    expect(frame.length).toBe(60);
    for (let tick = 3; tick < 6; tick++) expect(ofKind(backup.time(tick * TICK_MS), 'announce').length).toBe(1);
    takeOver(primary);
    expect(ofKind([...primary.effects, ...primary.time(999)], 'announce')).toEqual([]);
    const mute = await typed('a', options({}, { announces: false }));
    takeOver(mute.backup);
    expect(ofKind([...mute.backup.effects, ...mute.backup.time(999)], 'announce')).toEqual([]);
  });

  it('looks for a new backup, as any that is alone, unless that mechanism is off', async () => {
    const { backup } = await typed();
    expect(ofKind(backup.time(10), 'find server')).toEqual([]);
    takeOver(backup);
    expect(ofKind(backup.time(3 * TICK_MS), 'find server').length).toBe(1);
    expect(ofKind(backup.time(4 * TICK_MS), 'find server').length).toBe(1);
    const content = await typed('a', options({}, { restoresRedundancy: false }));
    takeOver(content.backup);
    expect(ofKind(content.backup.time(3 * TICK_MS), 'find server')).toEqual([]);
  });
});

describe('the guest’s clock', () => {
  /** The time on the ticket that a live machine issues for a request. */
  function ticketTime(server: Pair['primary'], number: number): number {
    server.tell({ kind: 'frame', frame: encodeRequest({ op: 'take ticket', client: 0, request: number }) });
    const [made] = ofKind(server.run(), 'made').filter((effect) => effect.made.device === 'network');
    return decodeReply((made!.made as { frames: Uint8Array[] }).frames[0]!)!.time;
  }

  async function ticketPair(chosen = options()): Promise<Pair> {
    const machine = await bootedMachine('tickets');
    for (let stop = machine.run(ENOUGH); stop.reason !== 'wait'; stop = machine.run(ENOUGH)) machine.provideClock(0n);
    return pairWith(machine, chosen);
  }

  it('goes on over a takeover, though the backup’s own host is behind (2.3)', async () => {
    const { primary, backup } = await ticketPair();
    primary.time(90);
    const before = ticketTime(primary, 1);
    expect(before).toBeGreaterThanOrEqual(90_000);
    pass(primary, backup, 'log bytes');
    // The backup has seen no more time pass than it takes to count the primary as failed.
    takeOver(backup, 2 * TICK_MS - 39);
    const after = ticketTime(backup, 2);
    expect(backup.state.nowMs * 1000).toBeLessThan(before);
    expect(after).toBeGreaterThan(before);
  });

  it('goes back where that mechanism is off', async () => {
    const { primary, backup } = await ticketPair(options({}, { continuesClock: false }));
    primary.time(90);
    const before = ticketTime(primary, 1);
    pass(primary, backup, 'log bytes');
    takeOver(backup, 2 * TICK_MS - 39);
    expect(ticketTime(backup, 2)).toBeLessThan(before);
  });

  it('never stands still between two readings, and follows the host’s', async () => {
    const { primary } = await ticketPair();
    const first = ticketTime(primary, 1);
    const second = ticketTime(primary, 2);
    expect(second).toBeGreaterThan(first);
    primary.time(40);
    expect(ticketTime(primary, 3)).toBeGreaterThanOrEqual(40_000);
  });
});

describe('a backup that cannot follow', () => {
  const sent = (payload: Uint8Array): ReplicaInput => ({
    kind: 'log bytes',
    from: 0,
    generation: 1,
    bytes: encodeFrame({ kind: 'entry', seq: 1, payload }),
  });

  it.each([
    [
      'guest and log disagree',
      encodeRecorded({ at: 1_000_000, event: { kind: 'output', output: 0 } }),
      'replay diverged at position 1000000',
    ],
    ['an entry is none', Uint8Array.of(0x1f, 0), 'malformed log entry'],
  ])('halts where %s, and says so', async (_, entry, explanation) => {
    const { backup } = await counterPair();
    backup.tell(sent(entry));
    const effects = backup.replay();
    expect(kinds(effects)).toEqual(['diverged']);
    expect(ofKind(effects, 'diverged')[0]!.explanation).toContain(explanation);
    expect(backup.state.role).toBe('halted');
    expect(backup.time(999)).toEqual([]);
  });
});
