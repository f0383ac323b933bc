/** Seeds of an instructor's own: a right part passes with them, a mistake is found with one of them, and no two secrets or labs share them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gradeJob } from '../../../grader/grading/grade-submission.ts';
import { readChecks } from '../../../grader/labs.ts';
import { seedOffsetOf } from '../../../grader/seeds.ts';
import { labMatrix } from '../../src/labs/lab-matrix.ts';
import { lab } from '../../../src/labs/logging-channel/lab.ts';
import { mutants, mutantSource, solutionSource } from '../../src/labs/logging-channel/mutants.ts';

const mistaken = mutants.find(({ name }) => name === 'reports as acknowledged what it sent')!;

async function graded(source: string, seedOffset: number) {
  const job = { lab, checksSource: await readChecks(lab), files: { 'channel.ts': source }, seedOffset };
  return (await gradeJob(job)).report;
}

test('a right part passes with them, and a mistake is shown by a run with such a seed, without a link that the page could not follow', async () => {
  const seedOffset = seedOffsetOf('a secret', lab.id);
  expect((await graded(solutionSource('text-lines'), seedOffset)).verdict).toBe('pass');
  const report = await graded(mutantSource(mistaken), seedOffset);
  const failing = report.checks.find(({ id }) => id === mistaken.fails)!;
  expect(failing.failure!.seed).toBeGreaterThanOrEqual(seedOffset);
  expect(failing.failure).not.toHaveProperty('replay');
  expect(failing.message).not.toContain('Replay');
  const usual = await graded(mutantSource(mistaken), 0);
  expect(usual.checks.find(({ id }) => id === mistaken.fails)!.failure).toHaveProperty('replay');
  expect(usual.labHash).not.toBe(report.labHash);
});

test('the same secret gives the same seeds, whatever blanks an editor adds; another secret or lab gives others', () => {
  const ids = labMatrix.map(({ lab: each }) => each.id);
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (secret, other) => {
      fc.pre(secret.trim() !== other.trim());
      const offsets = ids.map((id) => seedOffsetOf(secret, id));
      expect(new Set([...offsets, ...ids.map((id) => seedOffsetOf(other, id))]).size).toBe(2 * ids.length);
      expect(ids.map((id) => seedOffsetOf(` ${secret}\n`, id))).toEqual(offsets);
      for (const offset of offsets) expect(offset >= 1_000_000 && offset < 2 ** 31).toBe(true);
    }),
  );
});

test('they stay the same in every version, so that what was graded last year can be graded again', () => {
  // 1000000 + 0x43a9d1d3 % (2**31 - 1000000), of the first eight digits that `printf 'logging-channel\na secret' | sha256sum` prints.
  expect(seedOffsetOf('a secret', 'logging-channel')).toBe(1_136_202_771);
});
