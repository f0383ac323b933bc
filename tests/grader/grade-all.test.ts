/** Many submissions at a time: the order of the results, the bound on how many run, and one failure that stops no other. */
import { expect, test } from 'vitest';
import { gradeAll, type Grade } from '../../grader/grade-all.ts';
import { CannotGrade, type Submission } from '../../grader/submissions.ts';
import type { Report } from '../../labs-runtime/checks/report.ts';
import { lab } from '../../src/labs/logging-channel/lab.ts';

const submissions: Submission[] = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name, read: async () => ({ 'channel.ts': name }) }));

/** A grader whose runs end when the test says so. */
function gradeByHand() {
  const waiting = new Map<string, { end: () => void; fail: (error: Error) => void }>();
  const grade: Grade = (_, files) =>
    new Promise((resolve, reject) => {
      const source = files['channel.ts']!;
      const report: Report = {
        schema: 1,
        lab: lab.id,
        labHash: '',
        runtimeHash: source,
        verdict: 'pass',
        points: 0,
        pointsMax: 0,
        checks: [],
      };
      waiting.set(source, { end: () => resolve({ report, details: [] }), fail: reject });
    });
  return { waiting, grade };
}

/** Lets every promise that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('results come in the order of the submissions, whichever was done first, and no more run than allowed', async () => {
  const { waiting, grade } = gradeByHand();
  const done: number[] = [];
  const all = gradeAll({ lab, submissions, grade, jobsMax: 2, onDone: (count) => done.push(count) });
  const endings = ['b', 'c', 'd', 'a', 'e'];
  for (const name of endings) {
    await settle();
    expect(waiting.size).toBeLessThanOrEqual(2);
    waiting.get(name)!.end();
    waiting.delete(name);
  }
  expect((await all).map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test('one that cannot be graded stops none of the others, and a bug of ours is called one', async () => {
  const { waiting, grade } = gradeByHand();
  const all = gradeAll({ lab, submissions: submissions.slice(0, 3), grade, jobsMax: 3 });
  await settle();
  waiting.get('a')!.fail(new CannotGrade('a: no memory left'));
  waiting.get('b')!.fail(new TypeError('x is undefined'));
  waiting.get('c')!.end();
  const results = await all;
  expect(results[0]).toEqual({ kind: 'not graded', name: 'a', message: 'a: no memory left' });
  expect(results[1]).toMatchObject({
    kind: 'not graded',
    message: expect.stringMatching(/grader itself failed.*report this[^]*x is undefined/),
  });
  expect(results[2]).toMatchObject({ kind: 'graded', name: 'c' });
});
