/** Schedules with which the search found a fault of the reference protocol, each mended since. */
import { expect, test } from 'vitest';
import { createCluster } from '../../../../labs-runtime/sim/cluster/create-cluster.ts';
import { parseEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import type { Scenario } from '../../../../labs-runtime/sim/cluster/scenario.ts';
import { scenarios } from '../../../../labs-runtime/sim/cluster/scenarios.ts';
import { settle } from '../../../../labs-runtime/sim/cluster/settle.ts';

interface Found {
  fault: string;
  scenario: string;
  changes?: (scenario: Scenario) => Partial<Scenario>;
  events: string;
  /** An event that cannot happen any more. */
  prevented?: string;
}

const found: Found[] = [
  {
    fault:
      'a machine that had been given up sent a last frame, which was acknowledged, and the network looked for the guest there ever after (2.3)',
    scenario: 'frozen',
    events:
      'ask 0; log 0 1; log 0 1; log 1 0; log 1 0; disk 0; log 0 1; log 0 1; log 1 0; log 1 0; disk 0; log 0 1; log 0 1; tick; log 1 0; tick',
  },
  {
    fault: 'a cut at the switch of a migration lost the word that the backup was ready, and the guest stood still for good (3.1)',
    scenario: 'new backup',
    events: 'crash 1; tick; tick; tick; transfer 0 2; transfer 2 0; transfer 0 2; cut 0 2',
  },
  {
    fault: 'a new backup that reads for itself did not ask for the read that its guest was waiting for (4.2)',
    scenario: 'backup reads',
    changes: (scenario) => ({ servers: 3, faults: ['crash'], allowance: { ...scenario.allowance, ticks: 30, repairs: 1 } }),
    events: 'crash 0; tick; tick; tick; run 1; run 1; run 1; run 1',
  },
  {
    fault: 'a guest that switched itself off while a backup was made of it was taken for failed (2.3)',
    scenario: 'power off',
    changes: (scenario) => ({
      servers: 3,
      faults: ['crash', 'cut'],
      allowance: { ...scenario.allowance, faults: 2, ticks: 20, retries: 3 },
    }),
    events: 'tick; ask 0; frame 0; log 0 1; tick; frame 0; ask 0; tick; transfer 0 2; frame 0; transfer 2 0; transfer 0 2; tick; tick',
    prevented: 'transfer 0 2',
  },
  {
    fault:
      'a backup with a disk of its own, and state from a checkpoint, went live without asking that disk for what its guest waits for (3.4)',
    scenario: 'frozen',
    changes: ({ options, allowance }) => ({
      servers: 3,
      allowance: { ...allowance, faults: 2 },
      faults: ['mute', 'freeze'],
      options: { ...options, disk: 'local', follows: 'checkpoints' },
    }),
    events: 'mute 0 1; ask 0; tick; transfer 0 1; freeze 0; tick',
  },
  {
    fault:
      'a write went to the disk before the backup had done the read of the same place, while the log did not say yet that it was done (4.2)',
    scenario: 'reads before writes',
    events: 'key; replay 1; replay 1; replay 1; disk 0; replay 1; replay 1; disk 0; replay 1; replay 1; replay 1; disk 0; disk 1',
    prevented: 'disk 1',
  },
  {
    fault: 'a backup that had replayed a power-off halted at once, and what the primary still held when it failed never left (2.2)',
    scenario: 'power off',
    events: 'ask 0; frame 0; log 0 1; log 1 0; log 0 1; log 0 1; log 1 0; log 1 0; frame 0; ask 0; frame 0; crash 0',
  },
  {
    fault: 'a backup whose guest was off left a server that was to be emptied, with outputs that only it could still make (2.2, 3.3)',
    scenario: 'power off by checkpoints',
    changes: ({ allowance }) => ({ allowance: { ...allowance, leaves: 1 } }),
    events: 'key; tick; transfer 0 1; crash 0; leave 1',
  },
];

test.each(found)('once $fault', async ({ scenario: name, changes, events, prevented }) => {
  const named = scenarios.find((scenario) => scenario.name === name)!;
  const cluster = await createCluster({ ...named, ...changes?.(named) }, { keepsStates: true });
  // A schedule of which something else cannot happen would prove nothing.
  const missing = events.split('; ').filter((text) => !cluster.apply(parseEvent(text)!));
  expect(missing).toEqual(prevented === undefined ? [] : [prevented]);
  expect(cluster.state.breach).toBeNull();
  expect(settle(cluster)).toBeNull();
});
