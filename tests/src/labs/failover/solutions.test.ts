/** The reference solutions against far more seeds than the checks use: a check that fails a correct part would be worse than none. */
import { describe, expect, test } from 'vitest';
import * as outputGate from '../../../../labs-runtime/ft/output-gate.ts';
import type { FailoverPart } from '../../../../labs-runtime/sim/part-end.ts';
import { search } from '../../../../labs-runtime/sim/search.ts';
import { everyRule } from './every-rule.ts';
import { solutions } from './mutants.ts';

const faults = { breaks: true, lateBytes: true, datagramFaults: true, heartbeatFaults: true, storageFaults: true };

describe.each(solutions)('the solution %s', (name) => {
  test.each([
    ['no fault but lost and late datagrams', { schedule: { datagramFaults: true } }],
    ['every fault, and a crash of either machine', { schedule: { ...faults, crash: 'either' } }],
    ['every fault but a crash, and a guest that may be switched off', { schedule: { ...faults, powerOffs: true } }],
    ['a backup that lags', { schedule: { ...faults, crash: 'primary', powerOffs: true }, replayEntriesPerRound: 3 }],
    ['other times', { schedule: { ...faults, crash: 'either' }, failover: { heartbeatEveryMs: 40, silenceMaxMs: 130, retryAfterMs: 60 } }],
  ] as const)('keeps every rule over 1,000 seeds with %s', async (_, wanted) => {
    const part = (await import(`./solutions/${name}.ts`)) as FailoverPart;
    const { counterexample, runs, takeovers } = await search({
      parts: { failoverPart: part, outputGatePart: outputGate },
      rules: everyRule,
      firstSeed: 1_000_000,
      seeds: 1000,
      guest: 'tickets',
      clients: 2,
      stateBytesMax: 4096,
      ...wanted,
      schedule: { traffic: 'failover', length: 30, ...wanted.schedule },
    });
    expect(counterexample, `seed ${counterexample?.seed}`).toBeUndefined();
    expect(runs).toBe(1000);
    expect(takeovers).toBeLessThanOrEqual(runs);
  });
});
