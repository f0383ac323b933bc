/**
 * Results for GitHub Classroom's reporter (`autograding-grading-reporter`): no file but environment variables of a workflow, one for each
 * runner. The reporter prints a table of tests passed, and sends Classroom the sum of their scores. The two agree where each check is a
 * runner of its own, but for lateness, of which the table knows nothing.
 */
import { sumPoints, totalOf, type Score, type SubmissionResult } from '../results/results.ts';
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import { sectionsOf, type CheckRow, type Section } from './sections.ts';

export interface ClassroomRunner {
  /** For the reporter's input `runners`, e.g. `output_rule__own_entry`. */
  runner: string;
  /** The variable in which the reporter looks for the results, e.g. `OUTPUT_RULE__OWN_ENTRY_RESULTS`. */
  variable: string;
  /** Base64 of JSON in UTF-8. */
  results: string;
}

type Status = 'pass' | 'fail' | 'error';

const STATUSES: Record<CheckRow['verdict'], Status> = {
  pass: 'pass',
  fail: 'fail',
  'step budget': 'fail',
  missing: 'fail',
  error: 'error',
  'not graded': 'error',
};

/**
 * What each check counts when lateness is taken off all of them alike. There is no other place for it: no runner can have
 * less than no points. Rounded to two decimals so that the sum stays exact.
 */
function sharesOf(rows: CheckRow[], { points, final }: Score): number[] {
  let before = 0;
  let shared = 0;
  return rows.map((row) => {
    before = sumPoints([before, row.points!]);
    const share = sumPoints([points === 0 ? 0 : (final * before) / points, -shared]);
    shared = sumPoints([shared, share]);
    return share;
  });
}

/** `score` is absent where there is none: with `maxScore` 0 the reporter never looks for it, and tells Classroom nothing. */
function runner(
  { lab }: Section,
  { check, verdict, text, position }: CheckRow,
  maxScore: number,
  score: number | undefined,
): ClassroomRunner {
  const name = `${lab.id}__${check.id}`.replaceAll('-', '_');
  const status = STATUSES[verdict];
  const test = {
    name: check.title,
    status,
    score,
    message: text,
    line_no: position?.line ?? 0,
    execution_time: '0ms',
    test_code: check.id,
  };
  const results = JSON.stringify({ version: 1, status, max_score: maxScore, tests: [test] });
  return { runner: name, variable: `${name.toUpperCase()}_RESULTS`, results: Buffer.from(results).toString('base64') };
}

/**
 * The runners of a submission of these labs, one for each check. Where a lab could not be graded none of them has points, so that Classroom
 * keeps what it had.
 */
export function classroomRunners(submission: SubmissionResult, labs: Lab[]): ClassroomRunner[] {
  const graded = totalOf(submission) !== undefined;
  return sectionsOf(submission, labs).flatMap((section) => {
    const shares = graded ? sharesOf(section.rows, section.score!) : [];
    return section.rows.map((row, index) => runner(section, row, graded ? row.check.points : 0, shares[index]));
  });
}
