/** The pool of threads, where one of them ends in the middle of its work. */
import { expect, test } from 'vitest';
import { openPool } from '../../../grader/grading/pool.ts';
import { echo, echoChecks, echoSolution } from '../hosts.ts';

/** Checks that take all memory where they run, as a forged transcript does where it is read. */
const greedyChecks = `import { test } from 'vitest';
test('says again what it was told', () => {
  const all = [];
  for (;;) all.push(new Array(10_000).fill(all.length));
});`;

test('a thread that runs out of memory costs its own submission a try, and not the others their grades', async () => {
  const pool = await openPool(1, { heapMegabytes: 300 });
  const honest = { lab: echo, checksSource: echoChecks, files: { 'echo.ts': echoSolution } };
  const greedy = { ...honest, lab: { ...echo, checks: echo.checks.slice(0, 1) }, checksSource: greedyChecks };
  expect(await pool.grade(greedy)).toMatchObject({ kind: 'died', message: expect.stringContaining('memory') });
  expect(await pool.grade(honest)).toMatchObject({ kind: 'graded', grading: { report: { verdict: 'pass' } } });
  await pool.close();
});
