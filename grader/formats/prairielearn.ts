/**
 * `prairielearn/<file name>.json`: what PrairieLearn's external grader leaves in `/grade/results/results.json`
 * (https://prairielearn.readthedocs.io, External grading). It takes 1 MB at most, so long messages are cut there.
 */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import { asStudentsSee } from '../results/as-students-see.ts';
import { totalOf, type SubmissionResult } from '../results/results.ts';
import { fileName } from './file-name.ts';
import type { Format } from './format.ts';
import { jsonText } from './json-text.ts';
import { sectionsOf, sectionWords, type CheckRow, type Section } from './sections.ts';

/** Bytes of a file, at most. */
export const PRAIRIELEARN_BYTES_MAX = 1_000_000;

/** Cuts text to about `charactersMax` UTF-16 code units, and says so. */
function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const kept = text.slice(0, charactersMax).replace(/[\ud800-\udbff]$/, '');
  return `${kept}\n[Cut: ${text.length - kept.length} more characters. PrairieLearn takes no more in one file.]`;
}

function test({ check, points, text }: CheckRow, charactersMax: number) {
  return { name: check.title, points, max_points: check.points, message: text === '' ? undefined : cut(text, charactersMax) };
}

/** Lateness as a test out of no points: PrairieLearn shows the sum of all tests beside the score, and the two have to agree. */
function latenessTests({ lab, score }: Section) {
  return score === undefined || score.deducted === 0
    ? []
    : [{ name: `${lab.title}: handed in late`, points: -score.deducted, max_points: 0 }];
}

/** Results with messages of at most so many characters each. One that is not gradable costs the student no attempt and no points. */
function results(submission: SubmissionResult, labs: Lab[], charactersMax: number) {
  const sections = sectionsOf(submission, labs);
  const words = (some: Section[]) => some.map((section) => cut(sectionWords(section), charactersMax));
  const message = words(sections).join('\n');
  const total = totalOf(submission);
  if (total === undefined) return { gradable: false, format_errors: words(sections.filter(({ score }) => score === undefined)), message };
  const tests = sections.flatMap((section) => [...section.rows.map((row) => test(row, charactersMax)), ...latenessTests(section)]);
  return { gradable: true, score: total.final / total.pointsMax, message, tests };
}

/** The text of `results.json` for one submission of these labs. Precondition: the labs have points. */
export function prairielearnResults(submission: SubmissionResult, labs: Lab[]): string {
  for (let charactersMax = PRAIRIELEARN_BYTES_MAX; ; charactersMax = Math.floor(charactersMax / 2)) {
    const text = jsonText(results(submission, labs, charactersMax));
    if (charactersMax === 0 || Buffer.byteLength(text) <= PRAIRIELEARN_BYTES_MAX) return text;
  }
}

export const prairielearn: Format = (results) => {
  const { submissions, labs } = asStudentsSee(results);
  return submissions.map((submission) => ({
    path: `prairielearn/${fileName(submission.name)}.json`,
    content: prairielearnResults(submission, labs),
  }));
};
