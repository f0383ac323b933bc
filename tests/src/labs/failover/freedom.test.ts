/**
 * The statement leaves a part some choices. These parts are the reference with one of them made otherwise; a world that blamed one of them
 * would ask for more than it says.
 */
import { describe, expect, test } from 'vitest';
import * as reference from '../../../../labs-runtime/ft/failover.ts';
import type { FailoverEffect, FailoverInput } from '../../../../labs-runtime/ft/failover-api.ts';
import type { FailoverState } from '../../../../labs-runtime/ft/failover.ts';
import * as outputGate from '../../../../labs-runtime/ft/output-gate.ts';
import type { FailoverPart } from '../../../../labs-runtime/sim/part-end.ts';
import { search } from '../../../../labs-runtime/sim/search.ts';
import { everyRule } from './every-rule.ts';

type Change = (effects: FailoverEffect[], state: FailoverState, input: FailoverInput) => FailoverEffect[];

/** The reference with each list of effects changed on its way out. */
function changed(change: Change): FailoverPart {
  const step = (state: FailoverState, input: FailoverInput) => change(reference.step(state, input), state, input);
  return { ...reference, step } as FailoverPart;
}

const choices: [string, Change][] = [
  [
    'sends a heartbeat at every time, also after a decision and when it is live',
    (effects, _, { kind }) => (kind === 'time' ? [{ kind: 'heartbeat' }, ...effects] : effects),
  ],
  [
    'asks the storage at every time until it is answered',
    (effects, { phase }, { kind }) => (kind === 'time' && phase === 'asking' ? [{ kind: 'test-and-set' }] : effects),
  ],
  [
    'asks twice at once',
    (effects) => effects.flatMap((effect) => Array.from({ length: effect.kind === 'test-and-set' ? 2 : 1 }, () => effect)),
  ],
  ['halts at a power-off, also when it is live', (effects, _, { kind }) => (kind === 'power-off' ? [{ kind: 'halt' }] : effects)],
  ['does nothing at a power-off', (effects, _, { kind }) => (kind === 'power-off' ? [] : effects)],
];

const faults = { breaks: true, lateBytes: true, datagramFaults: true, heartbeatFaults: true, storageFaults: true };

describe.each(choices)('a part that %s', (_, change) => {
  test.each([
    ['either machine crashing', { schedule: { ...faults, crash: 'either' } }],
    ['a backup that lags, and power-offs', { schedule: { ...faults, crash: 'primary', powerOffs: true }, replayEntriesPerRound: 2 }],
  ] as const)('keeps every rule over 200 schedules with %s', async (_, wanted) => {
    const { counterexample, runs } = await search({
      parts: { failoverPart: changed(change), outputGatePart: outputGate },
      rules: everyRule,
      firstSeed: 2_000_000,
      seeds: 200,
      guest: 'tickets',
      clients: 2,
      ...wanted,
      schedule: { traffic: 'failover', length: 30, ...wanted.schedule },
    });
    expect(counterexample, `seed ${counterexample?.seed}`).toBeUndefined();
    expect(runs).toBe(200);
  });
});
