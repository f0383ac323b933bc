/** How much the checks of the failover lab look at, as their file says. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lab } from '../../../../src/labs/failover/lab.ts';
import { pointsMax } from '../../../../labs-runtime/checks/lab.ts';

const checks = readFileSync(new URL('../../../../src/labs/failover/checks.ts', import.meta.url), 'utf8');

test('the checks run at least 200 schedules of seeds, as many as they say', () => {
  const seeds = [...checks.matchAll(/seeds: (\d+)/g)].map(([, count]) => Number(count)).filter((count) => count > 1);
  const said = Number(/schedules that seeds decide: (\d+) of these/.exec(checks)?.[1]);
  expect(seeds.reduce((sum, count) => sum + count, 0)).toBe(said);
  expect(said).toBeGreaterThanOrEqual(200);
});

test('all checks together are worth 100 points', () => {
  expect(pointsMax(lab)).toBe(100);
});
