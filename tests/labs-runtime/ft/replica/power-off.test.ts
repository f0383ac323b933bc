/** A power-off around a whole machine: it ends a pair, but not before everything that the guest made is outside (VMware FT, sections 2.2, 2.3 and 3.4). */
import { describe, expect, it } from 'vitest';
import { decodeRecorded } from '../../../../labs-runtime/ft/log-codec.ts';
import { bootedMachine } from '../recorded-run.ts';
import type { Pair, Server } from './hand-made-pair.ts';
import {
  atDisk,
  diskMachine,
  ENOUGH,
  isAlone,
  leavingDiskGuest,
  ofKind,
  options,
  pairWith,
  pass,
  takeOver,
  TICK_MS,
} from './hand-made-pair.ts';

const DISK = { diskSectors: 8 };

/** Its outputs. */
const WRITTEN = 'write 0\nwrite 0\n.';

/** A pair whose guest has made two writes to one sector and a byte for the console, and has switched itself off: entries 1 to 5. */
async function switchedOff(chosen = options()): Promise<Pair> {
  const machine = await bootedMachine('overlap');
  machine.run(ENOUGH);
  const pair = pairWith(machine, chosen, DISK);
  pair.primary.type('.');
  pair.primary.run();
  return pair;
}

/** What the log says goes over, is replayed, and is acknowledged. */
function follow({ primary, backup }: Pair): void {
  pass(primary, backup, 'log bytes');
  backup.replay();
  pass(backup, primary, 'log bytes');
}

/** What the entries that a backup holds say, the last of them. */
function lastHeld({ state }: Server): unknown {
  return decodeRecorded(state.entries.at(-1)!).event;
}

const roles = ({ primary, backup }: Pair) => [primary.state.role, backup.state.role];

describe('a pair whose guest has switched itself off', () => {
  it('goes on while outputs are held, and while the disk has writes to do', async () => {
    const pair = await switchedOff();
    const { primary, backup } = pair;
    expect([primary.state.isOff, primary.state.held.length, primary.text]).toEqual([true, 3, '']);
    follow(pair);
    expect([backup.state.isOff, backup.state.inDoubt.length, primary.text]).toEqual([true, 3, WRITTEN]);
    expect(roles(pair)).toEqual(['primary', 'backup']);
    expect(primary.done(0)).toMatchObject([{ kind: 'disk', request: { id: 1 } }]);
    expect(primary.state.appendedSeq).toBe(5);
    expect(roles(pair)).toEqual(['primary', 'backup']);
  });

  it('ends with the entry that says that everything is outside', async () => {
    const pair = await switchedOff();
    const { primary, backup } = pair;
    follow(pair);
    primary.done(0);
    primary.done(1);
    pass(primary, backup, 'log bytes');
    expect(lastHeld(backup)).toEqual({ kind: 'control', operation: 'finished' });
    expect(roles(pair)).toEqual(['primary', 'backup']);
    pass(backup, primary, 'log bytes');
    expect(roles(pair)).toEqual(['halted', 'backup']);
    expect(ofKind(backup.replay(), 'halts').length).toBe(1);
    expect(backup.state.inDoubt).toEqual([]);
  });

  it('says so once, in its turn where the log has no room', async () => {
    const pair = await switchedOff(options({ channel: { ...options().channel, bufferEntriesMax: 1 } }));
    const { primary } = pair;
    // The log takes an entry at a time, and the guest waits for each.
    for (let entry = 1; entry <= 5; entry++) {
      follow(pair);
      primary.run();
    }
    expect(primary.state).toMatchObject({ isOff: true, finishedSeq: 0 });
    primary.done(0);
    primary.time(TICK_MS);
    expect(primary.state.isStalledByChannel).toBe(true);
    primary.done(1);
    expect(primary.state.finishedSeq).toBe(0);
    for (let entry = 0; entry < 3; entry++) follow(pair);
    expect(primary.state.finishedSeq).toBe(primary.state.appendedSeq);
    expect(roles(pair)).toEqual(['halted', 'halted']);
  });

  it('keeps its log alive meanwhile', async () => {
    const pair = await switchedOff();
    const { primary, backup } = pair;
    for (let tick = 1; tick < 8; tick++) {
      for (const server of [primary, backup]) expect(ofKind(server.time(tick * TICK_MS), 'test-and-set')).toEqual([]);
      follow(pair);
      pass(primary, backup, 'heartbeat');
      pass(backup, primary, 'heartbeat');
    }
    expect(roles(pair)).toEqual(['primary', 'backup']);
  });

  it('stays where it is, though a server is to be emptied', async () => {
    const pair = await switchedOff();
    follow(pair);
    for (const server of [pair.primary, pair.backup]) expect(server.tell({ kind: 'leave' })).toEqual([]);
    expect(roles(pair)).toEqual(['primary', 'backup']);
  });
});

describe('a machine that is left alone with a guest that is off', () => {
  it('makes again what may not be outside, has the disk do what was pending, and runs nothing', async () => {
    const pair = await switchedOff();
    pass(pair.primary, pair.backup, 'log bytes');
    const { backup } = pair;
    const effects = takeOver(backup);
    expect([backup.text, atDisk(effects), isAlone(backup)]).toEqual([WRITTEN, ['write 0'], true]);
    expect(atDisk(backup.done(0))).toEqual(['write 0']);
    backup.done(1);
    expect(backup.state.disk.undone).toEqual([]);
    const before = backup.state.guest.hash;
    expect([...backup.run(), ...ofKind(backup.time(9 * TICK_MS), 'find server')]).toEqual([]);
    expect(backup.state.guest.hash).toBe(before);
  });

  it('lets go what it held, if it was the primary', async () => {
    const { primary } = await switchedOff();
    const effects = takeOver(primary);
    expect([primary.text, atDisk(effects), isAlone(primary)]).toEqual([WRITTEN, ['write 0'], true]);
    expect(atDisk(primary.done(0))).toEqual(['write 0']);
  });
});

describe('a power-off where it is not the log and a shared disk that the pair stands on', () => {
  it('leaves a backup with its own disk until that has done everything (4.1)', async () => {
    const pair = await switchedOff(options({ disk: 'local' }));
    const { primary, backup } = pair;
    follow(pair);
    primary.done(0);
    primary.done(1);
    follow(pair);
    expect(roles(pair)).toEqual(['halted', 'halted']);
    expect(atDisk(backup.done(0))).toEqual(['write 0']);
    expect(ofKind(backup.tell({ kind: 'disk done', id: 1, status: 'error', data: undefined }), 'disk').length).toBe(1);
    backup.done(1);
    expect(backup.state.disk.undone).toEqual([]);
  });

  it('holds no write for a read that the log will never tell of (4.2)', () => {
    const guest = leavingDiskGuest([{ kind: 'read', sector: 0 }], [{ kind: 'write', sector: 0 }]);
    const pair = pairWith(guest, options({}, { backupReadsDisk: true }), diskMachine);
    const { primary, backup } = pair;
    expect(atDisk(primary.run())).toEqual(['read 0']);
    follow(pair);
    expect([primary.state.isOff, backup.state.isOff]).toEqual([true, true]);
    expect(atDisk(primary.done(0, new Uint8Array(512)))).toEqual(['write 0']);
    primary.done(1);
    follow(pair);
    expect(roles(pair)).toEqual(['halted', 'halted']);
  });

  it('ends with the first checkpoint at which everything is outside (4)', async () => {
    const pair = await switchedOff(options({ follows: 'checkpoints' }));
    const { primary, backup } = pair;
    let nowMs = 0;
    const epoch = () => {
      nowMs += TICK_MS;
      primary.time(nowMs);
      pass(primary, backup, 'transfer');
      pass(backup, primary, 'transfer');
    };
    epoch();
    expect([primary.text, backup.state.isOff, ...roles(pair)]).toEqual([WRITTEN, true, 'primary', 'backup']);
    primary.done(0);
    epoch();
    expect(roles(pair)).toEqual(['primary', 'backup']);
    primary.done(1);
    epoch();
    expect(roles(pair)).toEqual(['halted', 'halted']);
  });
});
