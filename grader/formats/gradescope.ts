/**
 * `gradescope/<file name>.json`: what Gradescope's autograder leaves in `/autograder/results/results.json`
 * (https://gradescope-autograders.readthedocs.io). All text is `text`, never HTML. No test is hidden: one would hide the student's total.
 */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import { asStudentsSee } from '../results/as-students-see.ts';
import { totalOf, type SubmissionResult } from '../results/results.ts';
import { fileName } from './file-name.ts';
import type { Format } from './format.ts';
import { jsonText } from './json-text.ts';
import { sectionsOf, sectionWords, type CheckRow, type Section } from './sections.ts';

function test({ check, verdict, points, text }: CheckRow, number: string) {
  return {
    name: check.title,
    name_format: 'text',
    number,
    status: verdict === 'pass' ? 'passed' : 'failed',
    score: points,
    max_score: check.points,
    output: text === '' ? undefined : text,
    output_format: 'text',
  };
}

/** The tests of a lab, numbered as the labs and checks of the assignment are: `2.1` is the first check of its second lab. */
function tests({ rows }: Section, index: number) {
  return rows.map((row, at) => test(row, `${index + 1}.${at + 1}`));
}

/**
 * The text of `results.json` for one submission of these labs. Where one of them could not be graded there is no score at all, and no tests
 * that Gradescope would add up to one: it tells the instructor that the autograder failed, and `output` says why.
 */
export function gradescopeResults(submission: SubmissionResult, labs: Lab[]): string {
  const sections = sectionsOf(submission, labs);
  const total = totalOf(submission);
  return jsonText({
    output: sections.map(sectionWords).join('\n'),
    output_format: 'text',
    visibility: 'visible',
    ...(total && { score: total.final, tests: sections.flatMap(tests) }),
  });
}

export const gradescope: Format = (results) => {
  const { submissions, labs } = asStudentsSee(results);
  return submissions.map((submission) => ({
    path: `gradescope/${fileName(submission.name)}.json`,
    content: gradescopeResults(submission, labs),
  }));
};
