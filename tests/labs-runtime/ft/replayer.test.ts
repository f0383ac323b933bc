/** Where guest and log disagree, the replayer says what it was told, and what the guest did instead (VMware FT, section 2.1). */
import { describe, expect, it } from 'vitest';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry, LogEvent } from '../../../labs-runtime/ft/log-entry.ts';
import { createReplayer, describeEntry, ReplayDivergence, WrongSequence, type Replayer } from '../../../labs-runtime/ft/replayer.ts';
import { bootedMachine } from './recorded-run.ts';

/** Entries numbered from 1. */
function log(...events: [number, LogEvent][]): LogEntry[] {
  return events.map(([at, event], index) => ({ seq: index + 1, at, event }));
}

function holding(machine: Machine, entries: LogEntry[]): Replayer {
  const replayer = createReplayer({ machine });
  for (const entry of entries) replayer.accept(entry);
  return replayer;
}

/** The divergence that a run ends in. */
function divergence(replayer: Replayer): ReplayDivergence {
  try {
    replayer.run();
  } catch (error) {
    if (error instanceof ReplayDivergence) return error;
    throw error;
  }
  throw new Error('the replay did not diverge');
}

const byte = (value: number): LogEvent => ({ kind: 'console', byte: value });

describe('replayer', () => {
  it('stays where it is without entries', async () => {
    const machine = await bootedMachine('counter');
    expect(createReplayer({ machine }).run()).toEqual({ consumed: 0 });
    expect(machine.position).toBe(0);
  });

  it('stops at the last entry it holds and goes on when the next one comes', async () => {
    const machine = await bootedMachine('counter');
    const replayer = holding(machine, log([500, byte(65)]));
    expect(replayer.run()).toEqual({ consumed: 1 });
    expect(machine.position).toBe(500);
    expect(replayer.run()).toEqual({ consumed: 1 });
    expect(machine.position).toBe(500);
  });

  it('runs a slice of at most attemptsMax attempts, and injects what lies at its end', async () => {
    const machine = await bootedMachine('counter');
    const replayer = holding(machine, log([500, byte(65)], [500, byte(66)]));
    expect(replayer.run(499)).toEqual({ consumed: 0 });
    expect(machine.position).toBe(499);
    expect(replayer.held).toBe(2);
    expect(replayer.run(1)).toEqual({ consumed: 2 });
    expect(replayer.held).toBe(0);
  });

  it('finishes the load of a clock entry only if the slice has an attempt left for it', async () => {
    const machine = await bootedMachine('clockwork');
    const at = clockLoad(await bootedMachine('clockwork'));
    const replayer = holding(machine, log([at, { kind: 'clock', value: 5n }]));
    expect(replayer.run(at)).toEqual({ consumed: 0 });
    expect(machine.position).toBe(at);
    expect(replayer.run(1)).toEqual({ consumed: 1 });
    expect(machine.position).toBe(at + 1);
  });

  it('refuses an entry that is repeated, left out or too early', async () => {
    const replayer = createReplayer({ machine: await bootedMachine('counter'), consumed: 4 });
    const entry = (seq: number): LogEntry => ({ seq, at: 900, event: byte(1) });
    expect(() => replayer.accept(entry(6))).toThrow('was given log entry 6, the next one is 5');
    replayer.accept(entry(5));
    expect(() => replayer.accept(entry(5))).toThrow(WrongSequence);
    expect(() => replayer.accept(entry(4))).toThrow(WrongSequence);
    replayer.accept(entry(6));
    expect(replayer.run()).toEqual({ consumed: 6 });
  });

  it('diverges where the guest reads the clock without an entry', async () => {
    const machine = await bootedMachine('clockwork');
    const at = clockLoad(await bootedMachine('clockwork'));
    const entries = log([5000, byte(65)]);
    expect(divergence(holding(machine, entries))).toMatchObject({ position: at, entry: entries[0], guestDid: 'read the clock' });
  });

  it('diverges at a clock entry where the guest does not read the clock', async () => {
    const entries = log([3, { kind: 'clock', value: 1n }]);
    const error = divergence(holding(await bootedMachine('clockwork'), entries));
    expect(error).toMatchObject({ position: 4, entry: entries[0], guestDid: 'did something else' });
    expect(error.message).toBe(
      'replay diverged at position 4: the next log entry is number 1 at position 3, clock value 1, but the guest did something else',
    );
  });

  it('diverges where the guest makes an output without an entry', async () => {
    const entries = log([100, byte(65)], [5000, byte(66)]);
    expect(divergence(holding(await bootedMachine('counter'), entries))).toMatchObject({ entry: entries[1], guestDid: 'made an output' });
  });

  it('diverges at an output entry where the guest makes none', async () => {
    const entries = log([30, { kind: 'output', output: 0 }]);
    expect(divergence(holding(await bootedMachine('counter'), entries))).toMatchObject({ position: 30, guestDid: 'did something else' });
  });

  it('diverges at an output entry with another number', async () => {
    const probe = await bootedMachine('counter');
    expect(probe.run(100).reason).toBe('wait');
    const waitsAt = probe.position;
    probe.receive(65);
    expect(probe.run(1000).reason).toBe('output');
    const entries = log([waitsAt, byte(65)], [probe.position, { kind: 'output', output: 1 }]);
    expect(divergence(holding(await bootedMachine('counter'), entries))).toMatchObject({
      entry: entries[1],
      guestDid: 'made an output of another number',
    });
  });

  it('diverges where the output comes before the place of its entry', async () => {
    const entries = log([100, byte(65)], [1000, { kind: 'output', output: 0 }]);
    const error = divergence(holding(await bootedMachine('counter'), entries));
    expect(error).toMatchObject({ entry: entries[1], guestDid: 'made an output' });
    expect(error.position).toBeLessThan(1000);
  });

  it('diverges at an entry in the past', async () => {
    const entries = log([100, byte(65)], [99, byte(66)]);
    expect(divergence(holding(await bootedMachine('counter'), entries))).toMatchObject({ position: 100, guestDid: 'was already past it' });
  });

  it.each([
    ['powered off', 0x000055b7, 0x55558593],
    ['rebooted', 0x000075b7, 0x77758593],
  ] as const)('diverges where the guest %s before the entry', (what, loadUpper, addLower) => {
    const machine = new Machine();
    // lui a0, 0x11100; the value into a1; sw a1, 0(a0)
    machine.load(new Uint8Array(Uint32Array.of(0x11100537, loadUpper, addLower, 0x00b52023).buffer));
    expect(divergence(holding(machine, log([50, byte(65)])))).toMatchObject({ position: 4, guestDid: what });
  });

  it('repeats its divergence instead of running on from a wrong state', async () => {
    const machine = await bootedMachine('counter');
    const replayer = holding(machine, log([30, { kind: 'output', output: 0 }]));
    const first = divergence(replayer);
    expect(divergence(replayer)).toBe(first);
    expect(machine.position).toBe(30);
  });

  it('describes each kind of entry in words', () => {
    const words = log(
      [5, { kind: 'clock', value: 9n }],
      [6, { kind: 'interrupt', line: 7 }],
      [7, byte(65)],
      [8, { kind: 'output', output: 2 }],
    );
    expect(words.map(describeEntry)).toEqual([
      'number 1 at position 5, clock value 9',
      'number 2 at position 6, interrupt line 7',
      'number 3 at position 7, console byte 65',
      'number 4 at position 8, output 2',
    ]);
  });
});

/** Position of the guest's first load of mtime. */
function clockLoad(machine: Machine): number {
  const stop = machine.run(10_000);
  if (stop.reason !== 'clock') throw new Error(`the guest ended in ${stop.reason} before it read the clock`);
  return machine.position;
}
