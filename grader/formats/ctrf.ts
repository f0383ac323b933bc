/**
 * `ctrf.json`, the Common Test Report Format (https://ctrf.io): a test for each check of each submission. No time is measured, so each test
 * takes 0 ms, and the run begins and ends when the grading was done.
 */
import type { SubmissionResult } from '../results/results.ts';
import { place } from '../report-words.ts';
import { printable } from '../terminal.ts';
import type { Format } from './format.ts';
import { jsonText } from './json-text.ts';
import { sectionsOf, type CheckRow, type Section } from './sections.ts';

/** The version of the specification that the report follows. */
const SPEC_VERSION = '0.0.0';

type Status = 'passed' | 'failed' | 'skipped' | 'pending' | 'other';

const STATUSES: Record<CheckRow['verdict'], Status> = {
  pass: 'passed',
  fail: 'failed',
  error: 'failed',
  'step budget': 'failed',
  missing: 'skipped',
  // Of all that a test can be, this alone is nobody's failure.
  'not graded': 'other',
};

/** The place is the student's, while `line` and `filePath` of a test are its own: so it stands in `extra`. */
function test(name: string, { lab }: Section, { check, verdict, points, text, position }: CheckRow) {
  return {
    name: check.title,
    status: STATUSES[verdict],
    duration: 0,
    rawStatus: verdict,
    suite: [printable(name), lab.title],
    tags: [check.class],
    message: text === '' ? undefined : text,
    extra: { check: check.id, lab: lab.id, points, pointsMax: check.points, at: position && place(position) },
  };
}

/** What a lab of a submission comes to, lateness and all. */
function scoreOf(name: string, { lab, outcome, score }: Section) {
  return { submission: printable(name), lab: lab.id, kind: outcome.kind, ...score, lateness: score?.lateness && printable(score.lateness) };
}

export const ctrf: Format = ({ submissions, labs, gradedAt, version }) => {
  const all = submissions.flatMap((submission: SubmissionResult) =>
    sectionsOf(submission, labs).map((section) => ({ name: submission.name, section })),
  );
  const tests = all.flatMap(({ name, section }) => section.rows.map((row) => test(name, section, row)));
  const count = (wanted: Status) => tests.filter(({ status }) => status === wanted).length;
  const [passed, failed, skipped, pending, other] = (['passed', 'failed', 'skipped', 'pending', 'other'] as const).map(count);
  const at = Date.parse(gradedAt);
  const summary = { tests: tests.length, passed, failed, skipped, pending, other, suites: all.length, start: at, stop: at };
  const results = {
    tool: { name: 'lockstep', version },
    summary,
    tests,
    extra: { scores: all.map(({ name, section }) => scoreOf(name, section)) },
  };
  const report = { reportFormat: 'CTRF', specVersion: SPEC_VERSION, timestamp: gradedAt, generatedBy: `lockstep ${version}`, results };
  return [{ path: 'ctrf.json', content: jsonText(report) }];
};
