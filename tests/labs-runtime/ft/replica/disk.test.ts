/** Disk requests around a whole machine: the order they go to the disk in, bounce buffers, and what is pending at go-live (VMware FT, section 3.4). */
import { describe, expect, it } from 'vitest';
import { places } from '../../emulator/devices/block-driver.ts';
import { diskGuest as abandoningGuest, resetOfDisk } from '../device-guests.ts';
import type { Pair } from './hand-made-pair.ts';
import { atDisk, diskMachine, diskPair, ofKind, options, pairWith, pass, takeOver, TICK_MS } from './hand-made-pair.ts';

const write = (sector: number) => ({ kind: 'write' as const, sector });
const read = (sector: number) => ({ kind: 'read' as const, sector });
const sector = (fill: number) => new Uint8Array(512).fill(fill);

function exchange({ primary, backup }: Pair): ReturnType<typeof pass> {
  pass(primary, backup, 'log bytes');
  return pass(backup, primary, 'log bytes');
}

describe('a request to a shared disk', () => {
  it('waits, if it writes, for the acknowledgement of its own entry, as any output; a read does not', () => {
    const pair = diskPair([[read(5)], [write(6)]]);
    expect(atDisk(pair.primary.run())).toEqual(['read 5']);
    expect(atDisk(exchange(pair))).toEqual(['write 6']);
    expect(ofKind(pair.primary.effects, 'disk').at(-1)!.request.data?.[0]).toBe(2);
  });

  it('waits for an earlier one that touches the same place, unless both read', () => {
    const pair = diskPair([[write(6)], [read(6), read(7)], [write(7)], [read(6)]]);
    expect(atDisk(pair.primary.run())).toEqual(['read 7']);
    expect(atDisk(exchange(pair))).toEqual(['write 6']);
    expect(atDisk(pair.primary.done(0))).toEqual(['read 6', 'read 6']);
    expect(atDisk(pair.primary.done(2, sector(1)))).toEqual(['write 7']);
  });

  it('does not wait where the queue does not put them in order', () => {
    const pair = diskPair([[write(6)], [write(6)]], options({ diskQueue: { serialises: false } }));
    pair.primary.run();
    expect(atDisk(exchange(pair))).toEqual(['write 6', 'write 6']);
  });

  it('is the primary’s alone: the backup asks the disk for nothing while it follows', () => {
    const { primary, backup } = diskPair([[read(5), write(6)]]);
    primary.run();
    pass(primary, backup, 'log bytes');
    backup.replay();
    expect(atDisk(backup.effects)).toEqual([]);
    expect(backup.state.disk.pending.map(({ id }) => id)).toEqual([0, 1]);
  });

  it.each([
    ['a read before a write', [read(5), write(6)]],
    ['a write before a read', [write(6), read(5)]],
    ['a write between reads', [read(5), write(6), read(7)]],
  ])('is lost by nobody where one notification asks for %s: live, on a disk of one’s own, and at go-live', (_, wanted) => {
    const all = wanted.map((each) => `${each.kind} ${each.sector}`).sort();
    const pair = diskPair([wanted]);
    pair.primary.run();
    exchange(pair);
    expect(atDisk(pair.primary.effects).sort()).toEqual(all);
    expect(atDisk(takeOver(pair.backup)).sort()).toEqual(all);
    const own = diskPair([wanted], options({ disk: 'local' }));
    own.primary.run();
    pass(own.primary, own.backup, 'log bytes');
    own.backup.replay();
    expect(atDisk(own.primary.effects)).toEqual(wanted.map((each) => `${each.kind} ${each.sector}`));
    expect(atDisk(own.backup.effects)).toEqual(atDisk(own.primary.effects));
  });

  it('waits for an earlier one of its own notification that touches the same place', () => {
    const pair = diskPair([[read(6), write(6)]]);
    pair.primary.run();
    exchange(pair);
    expect(atDisk(pair.primary.effects)).toEqual(['read 6']);
    expect(atDisk(pair.primary.done(0, sector(1)))).toEqual(['write 6']);
  });
});

describe('what the disk has done', () => {
  it('reaches the guest’s memory at its completion, whose place is logged, and the backup’s at the same place', () => {
    const pair = diskPair([[read(5)]]);
    const { primary, backup } = pair;
    primary.run();
    const at = primary.machine.position;
    primary.done(0, sector(9));
    expect(primary.machine.readRam(places(0).data, 2)).toEqual(Uint8Array.of(9, 9));
    expect(primary.state).toMatchObject({ appendedSeq: 1, disk: { pending: [], undone: [], results: [] } });
    exchange(pair);
    backup.replay();
    expect(backup.machine.position).toBe(at);
    expect(backup.state.guest.hash).toBe(primary.state.guest.hash);
    expect(backup.state.disk.pending).toEqual([]);
  });

  it('is told once, and nothing is heard of what was never asked', () => {
    const { primary } = diskPair([[read(5)]]);
    primary.run();
    expect(primary.done(7)).toEqual([]);
    primary.done(0, sector(9));
    primary.done(0, sector(8));
    expect(primary.state.appendedSeq).toBe(1);
    expect(primary.machine.readRam(places(0).data, 1)).toEqual(Uint8Array.of(9));
  });

  it('waits for a guest that is stopped by a full log, and is told once that goes on', () => {
    const channel = { ...options().channel, bufferEntriesMax: 1 };
    const pair = diskPair([[read(5)], [write(6)]], options({ channel }));
    const { primary } = pair;
    primary.run();
    expect(primary.state.isStalledByChannel).toBe(true);
    primary.done(0, sector(9));
    expect(primary.state.disk.results.map(({ id }) => id)).toEqual([0]);
    exchange(pair);
    expect(primary.state.disk.results).toEqual([]);
    expect(primary.machine.readRam(places(0).data, 1)).toEqual(Uint8Array.of(9));
    expect(primary.state.appendedSeq).toBe(2);
  });

  it('may be there before its completion where no bounce buffer is, and then nobody has logged its place', () => {
    const pair = diskPair([[read(5)]], options({}, { bouncesDisk: false }));
    const { primary, backup } = pair;
    primary.run();
    primary.tell({ kind: 'disk data', id: 0, offset: 0, bytes: sector(9).subarray(0, 256) });
    expect(primary.machine.readRam(places(0).data, 1)).toEqual(Uint8Array.of(9));
    expect(primary.state.appendedSeq).toBe(0);
    primary.tell({ kind: 'disk data', id: 3, offset: 0, bytes: sector(1) });
    exchange(pair);
    expect(backup.machine.readRam(places(0).data, 1)).toEqual(Uint8Array.of(0));
  });

  it('may be an error, which is logged and told like the rest', () => {
    const pair = diskPair([[read(5)]]);
    pair.primary.run();
    pair.primary.tell({ kind: 'disk done', id: 0, status: 'error', data: undefined });
    exchange(pair);
    pair.backup.replay();
    expect(pair.backup.machine.readRam(places(0).status, 1)).toEqual(Uint8Array.of(1));
    expect(pair.backup.state.disk.pending).toEqual([]);
  });
});

describe('what is pending at go-live', () => {
  const requests = [[write(6), read(5)], [write(6)], [write(8)]];

  /** The backup holds every entry; the primary’s disk has done the read. */
  function pendingPair(chosen = options()): Pair {
    const pair = diskPair(requests, chosen);
    pair.primary.run();
    pair.primary.done(1, sector(9));
    pass(pair.primary, pair.backup, 'log bytes');
    return pair;
  }

  it('is asked for again, in the guest’s order, and overlapping requests one after the other (3.4)', () => {
    const { backup } = pendingPair();
    expect(atDisk(takeOver(backup))).toEqual(['write 6', 'write 8']);
    const again = ofKind(backup.effects, 'disk').map(({ request }) => request.data?.[0]);
    expect(again).toEqual([1, 4]);
    expect(atDisk(backup.done(0))).toEqual(['write 6']);
    expect(ofKind(backup.effects, 'disk').at(-1)!.request.data?.[0]).toBe(3);
    for (const id of [2, 3]) backup.done(id);
    expect(backup.state.disk).toMatchObject({ pending: [], undone: [], results: [] });
    expect(backup.machine.pendingDiskRequests).toEqual([]);
  });

  it('is not asked for if the guest has abandoned it', () => {
    const { primary, backup } = pairWith(abandoningGuest([['write', 'read']], resetOfDisk), options(), diskMachine);
    primary.run();
    primary.time(TICK_MS);
    pass(primary, backup, 'log bytes');
    backup.replay();
    expect(backup.state.disk.pending.map(({ id }) => id)).toEqual([0, 1]);
    expect(atDisk(takeOver(backup))).toEqual([]);
    expect(backup.state.disk.pending).toEqual([]);
  });

  it('is forgotten where that mechanism is off', () => {
    const { backup } = pendingPair(options({}, { reissuesDisk: false }));
    expect(atDisk(takeOver(backup))).toEqual([]);
  });

  it('goes only to the disk: no write is an output of its own a second time', () => {
    const { backup } = pendingPair();
    const outputs = ofKind(takeOver(backup), 'output');
    expect(outputs.map(({ output }) => output)).toEqual([0, 1, 2]);
    expect(outputs.every(({ made }) => made.device === 'disk')).toBe(true);
    expect(backup.state.held).toEqual([]);
  });

  it('is at the disk already where a primary goes on alone: only held writes go out', () => {
    const { primary } = pendingPair();
    expect(atDisk(takeOver(primary))).toEqual(['write 6', 'write 8']);
  });
});

describe('disks that are not shared (4.1)', () => {
  const local = options({ disk: 'local' });

  it('are written by both machines, each its own, and no write waits for an acknowledgement', () => {
    const { primary, backup } = diskPair([[write(6)], [read(6)]], local);
    expect(atDisk(primary.run())).toEqual(['write 6']);
    expect(primary.state.held).toEqual([]);
    pass(primary, backup, 'log bytes');
    expect(atDisk(backup.replay())).toEqual(['write 6']);
    expect(atDisk(backup.done(0))).toEqual([]);
    // The read lies behind the last entry that the backup has.
    expect(atDisk(primary.done(0))).toEqual(['read 6']);
    pass(primary, backup, 'log bytes');
    expect(atDisk(backup.replay())).toEqual(['read 6']);
  });

  it('give the backup results that wait for the log to say where they belong', () => {
    const pair = diskPair([[write(6)], [write(7)]], local);
    const { primary, backup } = pair;
    primary.run();
    exchange(pair);
    backup.replay();
    backup.done(0);
    expect(backup.state.disk.results.map(({ id }) => id)).toEqual([0]);
    expect(backup.machine.readRam(places(0).status, 1)).toEqual(Uint8Array.of(0xee));
    primary.done(0);
    exchange(pair);
    backup.replay();
    expect(backup.state.disk.results).toEqual([]);
    expect(backup.machine.readRam(places(0).status, 1)).toEqual(Uint8Array.of(0));
  });

  it('have a backup ask again for what has failed only there', () => {
    const pair = diskPair([[write(6)]], local);
    pair.primary.run();
    exchange(pair);
    pair.backup.replay();
    const effects = pair.backup.tell({ kind: 'disk done', id: 0, status: 'error', data: undefined });
    expect(atDisk(effects)).toEqual(['write 6']);
    expect(pair.backup.state.disk.undone.map(({ id }) => id)).toEqual([0]);
  });

  it('need nothing asked again at go-live: results that waited reach the guest then', () => {
    const pair = diskPair([[write(6)], [write(7)]], local);
    const { primary, backup } = pair;
    primary.run();
    exchange(pair);
    backup.replay();
    backup.done(0);
    expect(atDisk(takeOver(backup))).toEqual([]);
    expect(backup.machine.readRam(places(0).status, 1)).toEqual(Uint8Array.of(0));
    backup.done(1);
    expect(backup.machine.readRam(places(1).status, 1)).toEqual(Uint8Array.of(0));
  });
});

describe('reads that the backup does itself (4.2)', () => {
  const reading = options({}, { backupReadsDisk: true });

  it('are logged without what they got', () => {
    const carried = diskPair([[read(5)]]);
    const lean = diskPair([[read(5)]], reading);
    const bytesOf = (pair: Pair) => {
      pair.primary.run();
      pair.primary.done(0, sector(9));
      return pair.primary.take('log bytes').reduce((sum, { bytes }) => sum + bytes.length, 0);
    };
    expect(bytesOf(carried)).toBeGreaterThan(512);
    expect(bytesOf(lean)).toBeLessThan(40);
  });

  it('hold the replay back until the backup has read, and come to the same', () => {
    const pair = diskPair([[read(5)]], reading);
    const { primary, backup } = pair;
    primary.run();
    primary.done(0, sector(9));
    exchange(pair);
    expect(atDisk(backup.replay())).toEqual(['read 5']);
    expect(backup.state).toMatchObject({ consumedSeq: 0, position: primary.machine.position });
    expect(backup.replay()).toEqual([]);
    backup.done(0, sector(9));
    backup.replay();
    expect(backup.state).toMatchObject({ consumedSeq: 1, disk: { pending: [], results: [] } });
    expect(backup.state.guest.hash).toBe(primary.state.guest.hash);
  });

  it('are tried again where they fail on the backup only', () => {
    const pair = diskPair([[read(5)]], reading);
    pair.primary.run();
    pair.primary.done(0, sector(9));
    exchange(pair);
    pair.backup.replay();
    expect(atDisk(pair.backup.tell({ kind: 'disk done', id: 0, status: 'error', data: undefined }))).toEqual(['read 5']);
    expect(pair.backup.state.consumedSeq).toBe(0);
  });

  it('need no reading where the primary’s failed', () => {
    const pair = diskPair([[read(5)]], reading);
    pair.primary.run();
    pair.primary.tell({ kind: 'disk done', id: 0, status: 'error', data: undefined });
    exchange(pair);
    pair.backup.replay();
    expect(pair.backup.state.consumedSeq).toBe(1);
    expect(pair.backup.machine.readRam(places(0).status, 1)).toEqual(Uint8Array.of(1));
  });

  it.each([
    [true, []],
    [false, ['write 5']],
  ])('keep a write to the same place waiting until the backup is past them, if asked to: %s', (writesAwaitBackupReads, early) => {
    // The guest writes where it has read; the read is done when the write comes.
    const pair = diskPair([[read(5)], [write(5)]], options({}, { backupReadsDisk: true, writesAwaitBackupReads }));
    const { primary, backup } = pair;
    primary.run(1);
    primary.done(0, sector(9));
    primary.run();
    const beforeRead = [...atDisk(primary.effects).slice(1), ...atDisk(exchange(pair))];
    expect(beforeRead).toEqual(early);
    backup.replay();
    backup.done(0, sector(9));
    backup.replay();
    const seen = primary.tell({ kind: 'heartbeat', from: 1, heartbeat: { generation: 1, released: 0, consumedSeq: 2 } });
    expect([...early, ...atDisk(seen)]).toEqual(['write 5']);
  });

  it('keep no write to another place waiting, and none once the backup has failed', () => {
    for (const other of [5, 7]) {
      const apart = diskPair([[read(other)], [write(6)]], reading);
      apart.primary.run();
      apart.primary.done(0, sector(9));
      expect(atDisk(exchange(apart))).toEqual(['write 6']);
    }
    const same = diskPair([[read(5)], [write(5)]], reading);
    same.primary.run();
    same.primary.done(0, sector(9));
    expect(atDisk(exchange(same))).toEqual([]);
    expect(atDisk(takeOver(same.primary))).toEqual(['write 5']);
  });

  it('are asked for again by a backup that goes live, with the writes', () => {
    const pair = diskPair([[read(5)], [write(6)]], reading);
    pair.primary.run();
    exchange(pair);
    pair.backup.replay();
    expect(atDisk(takeOver(pair.backup))).toEqual(['read 5', 'write 6']);
  });
});
