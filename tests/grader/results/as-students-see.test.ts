/** What students get to see of hidden checks, in every format that is for them: the points, and not a word of a check. */
import { expect, test } from 'vitest';
import { formats } from '../../../grader/formats/formats.ts';
import { asStudentsSee } from '../../../grader/results/as-students-see.ts';
import { totalOf } from '../../../grader/results/results.ts';
import { smallClass } from '../formats/small-class.ts';

const [, hidden] = smallClass.labs;
const results = { ...smallClass, hiddenLabs: [hidden!.id] };
const forStudents = [
  ...formats.gradescope(results),
  ...formats.prairielearn(results),
  ...formats.html(results).filter(({ path }) => path !== 'class.html'),
];

test('points stay as they are', () => {
  expect(asStudentsSee(results).submissions.map(totalOf)).toEqual(results.submissions.map(totalOf));
  expect(asStudentsSee(smallClass)).toEqual(smallClass);
});

test('no title or message of a hidden check is in a file for students, and what is open is', () => {
  const all = forStudents.map(({ content }) => content).join('\n');
  const shown = [...formats.gradescope(smallClass), ...formats.html(smallClass)].map(({ content }) => content).join('\n');
  for (const { title, id } of hidden!.checks) {
    expect(shown).toContain(title);
    expect(all).not.toContain(title);
    expect(all).not.toMatch(new RegExp(`\\b${id}\\b`));
  }
  expect(all).toContain('Hidden checks');
  for (const { title } of smallClass.labs[0]!.checks) expect(all).toContain(title);
});
