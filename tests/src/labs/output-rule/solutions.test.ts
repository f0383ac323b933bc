/** The reference solutions against far more seeds than the checks use: a check that fails a correct part would be worse than none. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as failover from '../../../../labs-runtime/ft/failover.ts';
import type { FailoverPart, OutputGatePart } from '../../../../labs-runtime/sim/part-end.ts';
import type { Rule } from '../../../../labs-runtime/sim/rules.ts';
import { search } from '../../../../labs-runtime/sim/search.ts';
import { solutions } from './mutants.ts';

const everyRule: Rule[] = [
  'network held',
  'console held',
  'own entry',
  'guest runs',
  'inside passes',
  'output order',
  'output once',
  'prompt',
  'alone',
  'remembered',
  'client',
  'state size',
];
const failoverPart = failover as FailoverPart;
const faults = { breaks: true, lateBytes: true, oldAcknowledgements: true, lateOutputs: true };

describe.each(solutions)('the solution %s', (name) => {
  test.each([
    ['every fault of the link and of the news that reach the gate', {}, faults],
    ['entries and acknowledgements one by one', {}, { length: 100, attemptsMax: 100, pieceBytesMax: 40 }],
    ['a crash of either machine', { failoverPart }, { ...faults, crash: 'either' }],
    [
      'lost datagrams, lost heartbeats and a crash of the primary',
      { failoverPart },
      { crash: 'primary', datagramFaults: true, heartbeatFaults: true },
    ],
  ] as const)('keeps every rule over 1,000 seeds with %s', async (_, parts, schedule) => {
    const outputGatePart = (await import(`./solutions/${name}.ts`)) as OutputGatePart;
    const { counterexample, runs, outputs } = await search({
      parts: { outputGatePart, ...parts },
      rules: everyRule,
      guest: 'tickets',
      clients: 2,
      firstSeed: 1_000_000,
      seeds: 1000,
      stateBytesMax: 16_384,
      schedule: { traffic: 'service', ...schedule },
    });
    expect(counterexample, `seed ${counterexample?.seed}`).toBeUndefined();
    expect(runs).toBe(1000);
    expect(outputs).toBeGreaterThan(4 * runs);
  });
});

test('the checks try at least 200 schedules, 100 of them for a crash', () => {
  const checks = readFileSync(new URL('../../../../src/labs/output-rule/checks.ts', import.meta.url), 'utf8');
  const seeds = [...checks.matchAll(/seeds: (\d+)/g)].map(([, count]) => Number(count));
  expect(seeds.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(200);
  expect(Math.max(...seeds)).toBeGreaterThanOrEqual(100);
});
