/** How a machine that serves alone gets a backup while its guest goes on (VMware FT, section 3.1), and what can go wrong on the way (3.3). */
import { describe, expect, it } from 'vitest';
import type { NumberedPage, TransferMessage } from '../../../../labs-runtime/ft/replica/messages.ts';
import { NOBODY } from '../../../../labs-runtime/ft/replica/messages.ts';
import type { ReplicaOptions } from '../../../../labs-runtime/ft/replica/options.ts';
import { bootedMachine } from '../recorded-run.ts';
import { places } from '../../emulator/devices/block-driver.ts';
import {
  atDisk,
  diskGuest,
  diskMachine,
  diskPair,
  ENOUGH,
  isAlone,
  ofKind,
  options,
  pass,
  receiverOf,
  type Server,
  serverWith,
  takeOver,
  TICK_MS,
} from './hand-made-pair.ts';

const quick = { roundsMax: 8, stopPagesMax: 0 };

async function alone(chosen: ReplicaOptions = options()): Promise<Server> {
  const machine = await bootedMachine('counter');
  machine.run(ENOUGH);
  return serverWith(0, machine, chosen);
}

type Part = ReplicaOptions['parts']['migrate'];

/** Pages that the source has sent, by round. */
function rounds(source: Server): number[][] {
  return messages(source, 'pages').map(numbers);
}

function numbers({ pages }: { pages: readonly NumberedPage[] }): number[] {
  return pages.map(({ index }) => index);
}

function messages<K extends TransferMessage['kind']>(server: Server, kind: K): Extract<TransferMessage, { kind: K }>[] {
  return ofKind(server.effects, 'transfer')
    .map(({ message }) => message)
    .filter((message): message is Extract<TransferMessage, { kind: K }> => message.kind === kind);
}

/** A source that has begun to send its guest to server 1, and that server. */
function begun(source: Server, ...rest: Parameters<typeof receiverOf> extends [number, Server, ...infer Rest] ? Rest : never) {
  source.tell({ kind: 'server found', server: 1 });
  return receiverOf(1, source, ...rest);
}

/** Messages to and fro until nothing more is said. */
function transfer(source: Server, destination: Server): void {
  while (pass(source, destination, 'transfer').length + pass(destination, source, 'transfer').length > 0);
}

describe('a migration', () => {
  it('sends all pages in its first round, and makes a backup in the same state', async () => {
    const source = await alone();
    const destination = begun(source);
    expect(rounds(source)).toEqual([[...Array(16).keys()]]);
    expect(source.state).toMatchObject({ destination: 1, peer: NOBODY, attempt: 1 });
    transfer(source, destination);
    expect([source.state.role, source.state.peer, source.state.generation]).toEqual(['primary', 1, 1]);
    expect([destination.state.role, destination.state.peer, destination.state.generation]).toEqual(['backup', 0, 1]);
    expect(source.state).toMatchObject({ isSwitching: false, destination: NOBODY, migrate: null });
    expect(destination.state.guest.hash).toBe(source.state.guest.hash);
  });

  it('has a log from the switch on, which the new backup follows', async () => {
    const source = await alone();
    source.type('x');
    source.run();
    expect(source.state.appendedSeq).toBe(0);
    const destination = begun(source);
    transfer(source, destination);
    source.type('a');
    source.run(7);
    pass(source, destination, 'log bytes');
    destination.replay();
    expect(destination.state).toMatchObject({ consumedSeq: 8, outputs: 14, position: source.machine.position });
    expect(destination.state.guest.hash).toBe(source.state.guest.hash);
    // What was outside before the pair was made is in no doubt.
    expect(ofKind(takeOver(destination), 'output').map(({ output }) => output)).toEqual([7, 8, 9, 10, 11, 12, 13]);
  });

  it('lets the guest run while pages are copied, and sends again what it has changed since', async () => {
    const source = await alone(options({ migrate: quick }));
    const destination = begun(source);
    pass(source, destination, 'transfer');
    source.type('a');
    source.run();
    expect(source.text).toMatch(/^1 /);
    pass(destination, source, 'transfer');
    const [, second] = rounds(source);
    expect(second!.length).toBeGreaterThan(0);
    expect(second!.length).toBeLessThan(16);
    expect(source.state.isSwitching).toBe(false);
    transfer(source, destination);
    expect(destination.state.guest.hash).toBe(source.state.guest.hash);
    expect(destination.state.outputs).toBe(7);
  });

  it('stops the guest once little is left, sends the rest, and lets it go on when the backup is ready', async () => {
    const source = await alone();
    const destination = begun(source);
    pass(source, destination, 'transfer');
    source.type('a');
    source.run();
    pass(destination, source, 'transfer');
    expect(source.state.isSwitching).toBe(true);
    expect(messages(source, 'image')[0]!.pages.length).toBeGreaterThan(0);
    const { position } = source.machine;
    expect(source.run()).toEqual([]);
    source.type('b');
    expect(source.machine.position).toBe(position);
    pass(source, destination, 'transfer');
    expect(destination.state.guest.hash).toBe(source.state.guest.hash);
    pass(destination, source, 'transfer');
    expect(source.state.isSwitching).toBe(false);
    source.type('b');
    source.run();
    expect(source.state.appendedSeq).toBe(8);
  });

  it('sends exactly the pages that the part names, in a round and at the end', async () => {
    const chosen = options({ migrate: quick });
    const rounds: number[][] = [[0, 1, 2], [3]];
    const named: Part = {
      start: chosen.parts.migrate.start,
      step: (state, input) => {
        if (input.kind === 'begin') return [{ kind: 'copy', round: 1, pages: rounds[0]! }];
        return input.kind === 'round held'
          ? [{ kind: 'stop' }, { kind: 'finish', pages: rounds[1]! }]
          : chosen.parts.migrate.step(state, input);
      },
    };
    const source = await alone({ ...chosen, parts: { ...chosen.parts, migrate: named } });
    const destination = begun(source);
    pass(source, destination, 'transfer');
    source.type('a');
    source.run();
    pass(destination, source, 'transfer');
    expect(messages(source, 'pages').map(numbers)).toEqual([rounds[0]]);
    expect(messages(source, 'image').map(numbers)).toEqual([rounds[1]]);
  });

  it('gives a guest that never calms down no more than its rounds', async () => {
    const source = await alone(options({ migrate: { roundsMax: 3, stopPagesMax: 0 } }));
    const destination = begun(source);
    for (let round = 0; round < 3; round++) {
      pass(source, destination, 'transfer');
      source.type('a');
      source.run();
      pass(destination, source, 'transfer');
    }
    expect(rounds(source).length).toBe(3);
    expect(source.state.isSwitching).toBe(true);
  });

  it('holds the guest’s outputs from the switch on, and hands over what was held', async () => {
    const source = await alone();
    const destination = begun(source);
    transfer(source, destination);
    source.type('a');
    source.run();
    expect(source.text).toBe('');
    expect(source.state.held.length).toBe(7);
  });
});

describe('a migration that fails', () => {
  it.each([
    ['the way is cut', (source: Server) => source.tell({ kind: 'link', peer: 1, up: false })],
    ['nothing is heard for too long', (source: Server) => source.time(2 * TICK_MS)],
  ])('while pages are copied is forgotten: %s', async (_, fails) => {
    const source = await alone();
    const destination = begun(source);
    pass(source, destination, 'transfer');
    fails(source);
    expect(source.state).toMatchObject({ destination: NOBODY, isSwitching: false, migrate: null, pages: [] });
    expect(isAlone(source)).toBe(true);
    source.type('a');
    source.run();
    expect(source.text).toMatch(/^1 /);
  });

  it('is not taken for that while rounds are held in time', async () => {
    const source = await alone(options({ migrate: quick }));
    const destination = begun(source);
    for (let tick = 1; tick < 5; tick++) {
      source.time(tick * TICK_MS);
      destination.time(tick * TICK_MS);
      source.type('a');
      source.run();
      pass(source, destination, 'transfer');
      pass(destination, source, 'transfer');
    }
    expect(rounds(source).length).toBe(5);
    expect(source.state.destination).toBe(1);
    expect(destination.state.role).toBe('receiving');
  });

  it('is followed by another attempt of its own number, and a late message of the first is ignored', async () => {
    const source = await alone();
    const first = begun(source);
    pass(source, first, 'transfer');
    const [late] = first.take('transfer');
    source.tell({ kind: 'link', peer: 1, up: false });
    source.tell({ kind: 'link', peer: 1, up: true });
    expect(ofKind(source.time(10), 'find server').length).toBe(1);
    const second = begun(source);
    expect(source.state.attempt).toBe(2);
    expect(source.tell({ kind: 'transfer', from: 1, message: late!.message })).toEqual([]);
    expect(source.state.isSwitching).toBe(false);
    // The right one counts, from the right server only.
    pass(source, second, 'transfer');
    const [held] = second.take('transfer');
    expect(source.tell({ kind: 'transfer', from: 2, message: held!.message })).toEqual([]);
    source.tell({ kind: 'transfer', from: 1, message: held!.message });
    expect(source.state.isSwitching).toBe(true);
    // And the first destination, being of another attempt, is none of this pair's.
    const [image] = source.take('transfer').slice(-1);
    first.tell({ kind: 'transfer', from: 0, message: image!.message });
    expect(first.state.role).toBe('receiving');
  });

  it('leaves a destination that has not got everything with nothing: it halts', async () => {
    for (const fails of [
      (destination: Server) => destination.tell({ kind: 'link', peer: 0, up: false }),
      (destination: Server) => destination.time(2 * TICK_MS),
    ]) {
      const source = await alone();
      const destination = begun(source);
      pass(source, destination, 'transfer');
      fails(destination);
      expect(destination.state.role).toBe('halted');
    }
  });

  it('after the rest was sent is for the flag to decide: the guest stays stopped, and a late word of the backup lets it go on', async () => {
    const source = await alone();
    const destination = begun(source);
    pass(source, destination, 'transfer');
    pass(destination, source, 'transfer');
    source.tell({ kind: 'link', peer: 1, up: false });
    expect(source.state).toMatchObject({ isSwitching: true, peer: 1 });
    pass(source, destination, 'transfer');
    destination.take('transfer');
    source.tell({ kind: 'link', peer: 1, up: true });
    destination.tell({ kind: 'link', peer: 0, up: true });
    pass(destination, source, 'transfer');
    expect(source.state).toMatchObject({ isSwitching: false, peer: 1 });
  });

  it('after the rest was sent lets the source go on alone, if that wins', async () => {
    const source = await alone();
    const destination = begun(source);
    pass(source, destination, 'transfer');
    pass(destination, source, 'transfer');
    source.time(2 * TICK_MS);
    source.tell({ kind: 'flag', generation: 1, owner: 0 });
    expect(isAlone(source)).toBe(true);
    source.type('a');
    source.run();
    expect(source.text).toMatch(/^1 /);
  });
});

describe('a migration with requests at the disk (3.3)', () => {
  const wanted = [[{ kind: 'read' as const, sector: 5 }], [{ kind: 'write' as const, sector: 6 }]];

  function diskSource(chosen = options()): { source: Server; destination: Server } {
    const source = serverWith(0, diskGuest(...wanted), chosen, diskMachine);
    source.run();
    const destination = begun(source, diskMachine);
    pass(source, destination, 'transfer');
    pass(destination, source, 'transfer');
    return { source, destination };
  }

  it('waits, with the guest stopped, until the disk is done with them; the last answer goes with the rest', () => {
    const { source, destination } = diskSource();
    expect(source.state).toMatchObject({ isSwitching: true, isQuiescing: true });
    expect(messages(source, 'image')).toEqual([]);
    source.done(1);
    expect(messages(source, 'image')).toEqual([]);
    source.done(0, new Uint8Array(512).fill(9));
    expect(messages(source, 'image').length).toBe(1);
    expect(messages(source, 'image')[0]!.rest.pendingDisk).toEqual([]);
    transfer(source, destination);
    expect(source.state.appendedSeq).toBe(0);
    expect(destination.machine.readRam(places(0).data, 1)).toEqual(Uint8Array.of(9));
    expect(destination.state.guest.hash).toBe(source.state.guest.hash);
    expect(source.state).toMatchObject({ isQuiescing: false, isSwitching: false });
  });

  it('hands over what waits for another, which goes to the disk after the switch, and again from a backup that takes over', () => {
    const source = serverWith(0, diskGuest([{ kind: 'write', sector: 5 }], [{ kind: 'read', sector: 5 }]), options(), diskMachine);
    source.run();
    const destination = begun(source, diskMachine);
    transfer(source, destination);
    expect(atDisk(source.effects)).toEqual(['write 5']);
    source.done(0);
    expect(messages(source, 'image')[0]!.rest.pendingDisk.map(({ id }) => id)).toEqual([1]);
    transfer(source, destination);
    expect(atDisk(source.effects)).toEqual(['write 5', 'read 5']);
    expect(atDisk(takeOver(destination))).toEqual(['read 5']);
  });

  it('does not wait where that mechanism is off, and hands over what is pending', () => {
    const { source, destination } = diskSource(options({}, { quiesces: false }));
    expect(messages(source, 'image')[0]!.rest.pendingDisk.map(({ id }) => id)).toEqual([0, 1]);
    transfer(source, destination);
    expect(destination.state.disk.pending.map(({ id }) => id)).toEqual([0, 1]);
    expect(atDisk(destination.effects)).toEqual([]);
  });

  it('goes on issuing where it is given up', () => {
    const { source } = diskSource();
    source.tell({ kind: 'link', peer: 1, up: false });
    expect(source.state).toMatchObject({ isSwitching: false, isQuiescing: false, destination: NOBODY });
    expect(source.state.diskQueue).toMatchObject({ isQuiescing: false });
  });

  it('takes a disk of the server’s own along', () => {
    const chosen = options({ disk: 'local' });
    const [own, other] = [1, 2].map((fill) => [0, 1].map((chunk) => new Uint8Array(4096).fill(fill + chunk)));
    const source = serverWith(0, diskGuest(), chosen, diskMachine, own);
    const destination = begun(source, diskMachine, other);
    transfer(source, destination);
    expect(destination.state.role).toBe('backup');
    expect(destination.place.localDisk!.chunks).toEqual(own);
    expect(destination.state.guest.hash).toBe(source.state.guest.hash);
  });
});

describe('a server that is emptied (3.3)', () => {
  /** A primary that is to leave while its guest's read is at the disk, and its backup. */
  function diskPairThatLeaves() {
    const { primary: source, backup } = diskPair([[{ kind: 'read', sector: 5 }]]);
    source.run();
    source.tell({ kind: 'leave' });
    return { source, backup };
  }

  it('stops its primary at an entry of its own, and falls silent once the backup is there and nothing is held', async () => {
    const source = await alone();
    const backup = begun(source);
    transfer(source, backup);
    source.type('a');
    source.run();
    source.tell({ kind: 'leave' });
    expect(source.state).toMatchObject({ isSwitching: true, leavesAfterSeq: 9, isSilent: false });
    expect(source.run()).toEqual([]);
    pass(source, backup, 'log bytes');
    backup.replay();
    const heard = (consumedSeq: number) =>
      source.tell({ kind: 'heartbeat', from: 1, heartbeat: { generation: 1, released: 0, consumedSeq } });
    heard(9);
    expect(source.state.isSilent).toBe(false);
    pass(backup, source, 'log bytes');
    heard(8);
    expect(source.state.isSilent).toBe(false);
    heard(9);
    expect(source.state.isSilent).toBe(true);
    source.take('heartbeat');
    source.time(TICK_MS);
    expect([source.take('heartbeat'), source.state.appendedSeq]).toEqual([[], 9]);
    expect(backup.state.guest.hash).toBe(source.state.guest.hash);
  });

  it('waits until its guest has the last answer of the disk, and its log says so', () => {
    const { source, backup } = diskPairThatLeaves();
    expect(source.state).toMatchObject({ isQuiescing: true, leavesAfterSeq: 0 });
    source.done(0, new Uint8Array(512).fill(9));
    expect(source.state).toMatchObject({ isQuiescing: false, leavesAfterSeq: 2 });
    pass(source, backup, 'log bytes');
    backup.replay();
    expect(backup.state).toMatchObject({ consumedSeq: 2, disk: { pending: [] } });
    expect(backup.state.guest.hash).toBe(source.state.guest.hash);
  });

  it('halts its backup, and leaves one alone that has no other', async () => {
    const source = await alone();
    source.tell({ kind: 'leave' });
    expect(source.state).toMatchObject({ isSwitching: false, leavesAfterSeq: 0 });
    const backup = begun(source);
    transfer(source, backup);
    expect(backup.tell({ kind: 'leave' })).toEqual([{ kind: 'halts' }]);
    expect(backup.state.role).toBe('halted');
  });
});
