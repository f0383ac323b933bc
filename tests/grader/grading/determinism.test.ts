/** A hundred gradings of a submission give one report, to the byte: in any order, beside any others, by any number of jobs, shared or alone. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openPool } from '../../../grader/grading/pool.ts';
import { canonicalJson } from '../../../labs-runtime/checks/canonical-json.ts';
import { echo, echoChecks, echoParts, echoSolution } from '../hosts.ts';

/** Parts of each kind of verdict, and some which spoil what they can for those after them. */
const sources = [
  ...echoParts,
  echoSolution.replace('  state.count += 1;', '  const all: any[] = []; for (;;) all.push(new Array(1000).fill(state));'),
  echoSolution.replace('  state.count += 1;', '  try { (Array.prototype as any).map = 1; } catch {}\n  state.count += 1;'),
];

test('a hundred runs', async () => {
  const found = sources.map(() => new Set<string>());
  const order = fc.shuffledSubarray(
    Array.from({ length: 20 * sources.length }, (_, index) => index % sources.length),
    { minLength: 20 * sources.length },
  );
  await fc.assert(
    fc.asyncProperty(order, fc.integer({ min: 1, max: 3 }), fc.boolean(), async (indices, jobs, fresh) => {
      const pool = await openPool(jobs);
      // Alone is slow: a few will do.
      const graded = indices.slice(0, fresh ? sources.length : undefined).map(async (index) => {
        const answer = await pool.grade({ lab: echo, checksSource: echoChecks, files: { 'echo.ts': sources[index]! }, fresh });
        found[index]!.add(answer.kind === 'graded' ? canonicalJson(answer.grading.report) : JSON.stringify(answer));
      });
      await Promise.all(graded);
      await pool.close();
      expect(found.map((reports) => reports.size)).toEqual(found.map((reports) => Math.min(reports.size, 1)));
    }),
    { numRuns: 5, examples: [[Array.from({ length: 140 }, (_, index) => index % sources.length), 2, false]] },
  );
  expect(found.map((reports) => reports.size)).toEqual(sources.map(() => 1));
});
