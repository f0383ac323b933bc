/** The traffic of both ways, measured: that the pages are all that a copy needs, and the log all that a replay needs. */
import { describe, expect, test } from 'vitest';
import {
  ATTEMPTS,
  describeTraffic,
  formatBytes,
  measureTraffic,
  workloads,
  type Traffic,
} from '../../../../src/components/figures/replica-traffic.ts';
import { DrivenGuest } from '../../../../src/components/figures/driven-guest.ts';
import { Machine } from '../../../../labs-runtime/emulator/machine.ts';
import type { LogEntry } from '../../../../labs-runtime/ft/log-entry.ts';
import { createReplayer } from '../../../../labs-runtime/ft/replayer.ts';
import { guests } from '../../../../labs-runtime/guests/index.ts';

type Workload = keyof typeof workloads;
const names = Object.keys(workloads) as Workload[];

async function curveOf(name: Workload, checkpointEvery: number): Promise<readonly Traffic[]> {
  let last: readonly Traffic[] = [];
  for (const curve of measureTraffic(guests[name], await guests[name].load(), { checkpointEvery })) last = curve;
  return last;
}

describe.each(names)('the guest %s', (name) => {
  test('is measured to the end of the run, and sums never fall', async () => {
    const curve = await curveOf(name, 2 ** 15);
    expect(curve.at(-1)).toMatchObject({ position: ATTEMPTS, checkpoints: ATTEMPTS / 2 ** 15 });
    for (const [index, sums] of curve.slice(1).entries()) {
      expect(sums.stateBytes).toBeGreaterThanOrEqual(curve[index]!.stateBytes);
      expect(sums.logBytes).toBeGreaterThanOrEqual(curve[index]!.logBytes);
    }
  });

  test('is sent in fewer pages where checkpoints are rarer, and in the same log', async () => {
    const [often, seldom] = [(await curveOf(name, 2 ** 13)).at(-1)!, (await curveOf(name, 2 ** 19)).at(-1)!];
    expect(seldom.pages).toBeLessThan(often.pages);
    expect(seldom.logBytes).toBe(often.logBytes);
  });

  test('can be replayed from the entries that were counted', async () => {
    const image = await guests[name].load();
    const [machine, replica] = [new Machine({ ramBytes: guests[name].ramBytes }), new Machine({ ramBytes: guests[name].ramBytes })];
    machine.load(image);
    replica.load(image);
    const entries: LogEntry[] = [];
    const driven = new DrivenGuest({
      machine,
      requestEvery: workloads[name],
      log: (recorded) => entries.push({ seq: entries.length + 1, ...recorded }),
    });
    driven.runTo(300_000);
    const replayer = createReplayer({ machine: replica });
    for (const entry of entries) replayer.accept(entry);
    replayer.run();
    // From the last entry on nothing happened that the log would have to say.
    while (replica.position < machine.position) replica.run(machine.position);
    expect(replica.stateHash()).toBe(machine.stateHash());
  });
});

test('a guest that writes memory and meets nothing has an empty log', async () => {
  expect((await curveOf('sieve-crc32', 2 ** 15)).at(-1)!.entries).toBe(0);
});

test('a request of the server is about ten entries and 60 bytes, as the chapter on levels says', async () => {
  const { position, entries, logBytes } = (await curveOf('counter', 2 ** 20)).at(-1)!;
  const requests = position / workloads.counter;
  expect(Math.round(entries / requests)).toBe(10);
  expect(Math.abs(logBytes / requests - 60)).toBeLessThan(3);
});

test('with rare checkpoints the log of a busy server is the greater of the two', async () => {
  const { stateBytes, logBytes } = (await curveOf('counter', 2 ** 20)).at(-1)!;
  expect(logBytes).toBeGreaterThan(stateBytes);
});

test('bytes are written in three digits', () => {
  expect([0, 999, 1000, 59_675, 2_183_168].map(formatBytes)).toEqual(['0 bytes', '999 bytes', '1.00 kB', '59.7 kB', '2.18 MB']);
});

test('what was sent is said in words', () => {
  const sums = { position: 0, checkpoints: 0, pages: 0, entries: 0 };
  expect(describeTraffic({ ...sums, stateBytes: 4096, logBytes: 0 })).toMatch(/^State transfer sent 4\.10 kB\. The log stayed empty/);
  expect(describeTraffic({ ...sums, stateBytes: 40_960, logBytes: 4096 })).toMatch(/State transfer sent 10 times as much\.$/);
  expect(describeTraffic({ ...sums, stateBytes: 4096, logBytes: 8192 })).toMatch(/The log sent 2 times as much\.$/);
});
