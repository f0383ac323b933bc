/** Replay to any position of a recorded run, in whatever steps. */
import { beforeAll, describe, expect, test } from 'vitest';
import { PastLogEnd, ReplayRun } from '../../../labs-runtime/monitor/replay-run.ts';
import { ReplayDivergence } from '../../../labs-runtime/ft/replayer.ts';
import { bootMachine, type MachineSetup } from '../../../labs-runtime/monitor/setup.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import { clockworkRun, guestSetup, monitored, type Monitored } from './monitored.ts';

let setup: MachineSetup;
let run: Monitored;
beforeAll(async () => void ({ setup, run } = await clockworkRun(3)));

/** A replay of the run from boot. */
function replay(entries = run.entries) {
  const machine = bootMachine(setup);
  return { machine, replayed: new ReplayRun({ machine, entries }) };
}

test('it reaches every position asked for, past the last entry too, in the same state in whatever steps', () => {
  const end = run.machine.position;
  const last = run.entries.at(-1)!.at;
  expect(last).toBeLessThan(end);
  const prng = createPrng(5);
  const { machine, replayed } = replay();
  while (machine.position < end) {
    const position = Math.min(end, machine.position + prng.int(20_000));
    replayed.runTo(position);
    expect(machine.position).toBe(position);
    const direct = replay();
    direct.replayed.runTo(position);
    expect(direct.machine.stateHash()).toBe(machine.stateHash());
  }
  expect(machine.stateHash()).toBe(run.machine.stateHash());
  expect(replayed.consumed).toBe(run.entries.length);
});

test('it can stop among the entries of one position', () => {
  const { machine, replayed } = replay();
  const first = run.entries.find(({ event }) => event.kind === 'console')!;
  replayed.runTo(first.at, first.seq - 1);
  const before = machine.stateHash();
  expect(machine.position).toBe(first.at);
  replayed.runTo(first.at, first.seq);
  expect(machine.position).toBe(first.at);
  expect(machine.stateHash()).not.toBe(before);
});

test('it goes on when entries are added to the log', () => {
  const entries = run.entries.slice(0, 10);
  const { machine, replayed } = replay(entries);
  replayed.runTo(entries.at(-1)!.at);
  entries.push(...run.entries.slice(10));
  replayed.runTo(run.machine.position);
  expect(machine.stateHash()).toBe(run.machine.stateHash());
});

describe('where guest and log disagree it says so', () => {
  test('at an entry', () => {
    const { replayed } = replay(run.entries.map((entry) => (entry.seq === 20 ? { ...entry, at: entry.at + 1 } : entry)));
    expect(() => replayed.runTo(run.machine.position)).toThrow(ReplayDivergence);
  });

  test('past the last entry', () => {
    const { replayed } = replay(run.entries.slice(0, 10));
    expect(() => replayed.runTo(run.machine.position)).toThrow(PastLogEnd);
    expect(() => replay(run.entries.slice(0, 10)).replayed.runTo(run.machine.position)).toThrow(
      /at position \d+: the log has no entry left, but the guest (read the clock|made an output)/,
    );
  });
});

test('a machine that powers off stays where it did', async () => {
  const sieve = await guestSetup('sieve-crc32');
  const recorded = monitored(sieve);
  expect(recorded.runOn(1_000_000_000)).toEqual({ reason: 'power-off' });
  const machine = bootMachine(sieve);
  new ReplayRun({ machine, entries: recorded.entries }).runTo(recorded.machine.position + 1000);
  expect([machine.position, machine.power]).toEqual([recorded.machine.position, 'power-off']);
});
