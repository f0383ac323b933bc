/** A small class in which everything happens once: what the golden files show. */
import { sumPoints, type ClassResults, type LabResult } from '../../../grader/results/results.ts';
import { pointsMax, type CheckInfo, type Lab } from '../../../labs-runtime/checks/lab.ts';
import { formatFailure } from '../../../labs-runtime/checks/check-failure.ts';
import type { CheckReport, Failure, Problem, Report, Verdict } from '../../../labs-runtime/checks/report.ts';

const limits = { stepsMax: 100_000, depthMax: 200, valuesMax: 1000, sourceBytesMax: 10_000 };

const channel: Lab = {
  id: 'small-channel',
  number: 1,
  title: 'Small channel',
  summary: 'Carry entries in order.',
  section: '2.1',
  files: ['channel.ts'],
  checks: [
    { id: 'in-order', title: 'entries arrive in order', points: 10, class: 'safety' },
    { id: 'once', title: 'an entry arrives once', points: 7.5, class: 'safety' },
    { id: 'forgets', title: 'what is acknowledged is forgotten', points: 2.5, class: 'liveness' },
  ],
  limits,
};

const failover: Lab = {
  id: 'small-failover',
  number: 2,
  title: 'Small failover',
  summary: 'Go on when the other has failed.',
  section: '2.3',
  files: ['failover.ts'],
  checks: [
    { id: 'notices', title: 'a silent peer is noticed', points: 12, class: 'liveness' },
    { id: 'one-live', title: 'of two machines one goes on', points: 8, class: 'safety' },
  ],
  limits,
};

/** What a terminal, a page, a spreadsheet, an XML parser or a file system would trip over. */
export const HOSTILE = '=HYPERLINK("http://example.invalid";"<b>&\x1b[31m")\n::error::\0\ud800\u202e../con';

const failure: Failure = {
  class: 'safety',
  rule: 'An entry arrives once.',
  expected: '1, 2',
  observed: '1, 2, 2',
  consequence: 'a reply that nobody asked for',
  cause: 'The number of the last entry is not kept.',
  link: 'lecture/logging-channel/#numbers',
  seed: 7,
  trace: [{ event: 1, atMs: 0, lane: 'primary', to: 'backup', what: 'entry 2' }],
};

const FAILURES: Partial<Record<Verdict, Failure>> = {
  fail: failure,
  error: { ...failure, class: 'crash', rule: 'The part crashed.', trace: [] },
  'step budget': { ...failure, class: 'step budget', rule: 'The part took more steps than it has.', trace: [] },
};

function checkReport({ id, title, points }: CheckInfo, verdict: Verdict, change: Partial<Failure>): CheckReport {
  const base = { id, title, verdict, pointsMax: points, steps: 120 };
  if (verdict === 'pass') return { ...base, points };
  const why = { ...FAILURES[verdict]!, ...change };
  return { ...base, points: 0, failure: why, message: formatFailure(why), position: { file: 'channel.ts', line: 12, column: 3 } };
}

function report(lab: Lab, checks: CheckReport[], problem?: Problem): Report {
  const verdict = checks.every((check) => check.verdict === 'pass') ? 'pass' : 'fail';
  const points = sumPoints(checks.map((check) => check.points));
  const hashes = { labHash: '1'.repeat(64), runtimeHash: '2'.repeat(64) };
  return { schema: 1, lab: lab.id, ...hashes, verdict, points, pointsMax: pointsMax(lab), checks, ...(problem && { problem }) };
}

interface Lateness {
  deducted: number;
  lateness?: string;
}

function graded(report: Report, { deducted, lateness }: Lateness = { deducted: 0 }, details: string[] = []): LabResult {
  const { points, pointsMax } = report;
  const score = { points, pointsMax, deducted, final: sumPoints([points, -deducted]) };
  return { lab: report.lab, outcome: { kind: 'graded', report, details }, score: lateness === undefined ? score : { ...score, lateness } };
}

function ofVerdicts(lab: Lab, verdicts: Verdict[], change: Partial<Failure> = {}): Report {
  return report(
    lab,
    lab.checks.map((check, index) => checkReport(check, verdicts[index]!, change)),
  );
}

function ofProblem(lab: Lab, problem: Problem): Report {
  const checks = lab.checks.map(({ id, title, points }): CheckReport => {
    return { id, title, verdict: 'error', points: 0, pointsMax: points, steps: 0, message: 'Not run: the submission has a problem.' };
  });
  return report(lab, checks, problem);
}

function missing(lab: Lab): LabResult {
  return { lab: lab.id, outcome: { kind: 'missing' }, score: { points: 0, pointsMax: pointsMax(lab), deducted: 0, final: 0 } };
}

function notGraded(lab: Lab): LabResult {
  return { lab: lab.id, outcome: { kind: 'not graded', message: 'it is UTF-16 text. Save it again as UTF-8.' } };
}

const channelPass = ofVerdicts(channel, ['pass', 'pass', 'pass']);
const failoverPass = ofVerdicts(failover, ['pass', 'pass']);
const late = { deducted: 3.3, lateness: '26 h late, 10 % a day' };

export const smallClass: ClassResults = {
  labs: [channel, failover],
  submissions: [
    {
      name: HOSTILE,
      student: { id: HOSTILE, name: HOSTILE, email: HOSTILE, login: HOSTILE, sisId: HOSTILE, canvasId: HOSTILE, section: HOSTILE },
      submittedAt: '2026-03-01T21:59:59+01:00',
      labs: [
        graded(ofVerdicts(channel, ['pass', 'fail', 'pass'], { observed: HOSTILE }), { deducted: 0, lateness: HOSTILE }),
        graded(ofProblem(failover, { message: HOSTILE, position: { file: HOSTILE, line: 1, column: 1 } })),
      ],
    },
    {
      name: 'student-01',
      student: {
        id: 's01',
        name: 'Student, First',
        email: 's01@example.invalid',
        login: 's01',
        sisId: '0001',
        canvasId: '101',
        section: 'A',
      },
      submittedAt: '2026-03-01T20:00:00Z',
      labs: [graded(channelPass), graded(failoverPass)],
    },
    {
      name: 'student-02',
      student: {
        id: 's02',
        name: 'Student, Second',
        email: 's02@example.invalid',
        login: 's02',
        sisId: '0002',
        canvasId: '102',
        section: 'B',
      },
      submittedAt: '2026-03-02T22:00:00Z',
      labs: [graded(ofVerdicts(channel, ['fail', 'step budget', 'pass'])), graded(failoverPass, late)],
    },
    {
      name: 'student-03.ts',
      labs: [
        graded(ofProblem(channel, { message: 'It does not compile:\nexpected ";"', position: { file: 'channel.ts', line: 3, column: 9 } })),
        missing(failover),
      ],
    },
    { name: 'student-04', student: { id: 's04', name: 'Student, Fourth' }, labs: [graded(channelPass), notGraded(failover)] },
    {
      name: 'Student-05',
      student: { id: 's05', canvasId: '105' },
      submittedAt: '2026-03-01T23:00:00Z',
      labs: [
        graded(ofVerdicts(channel, ['pass', 'error', 'pass']), { deducted: 0, lateness: '1 h late, within the grace of 2 h' }, [
          'an entry arrives once: TypeError: state.last is not iterable',
        ]),
        graded(failoverPass),
      ],
    },
  ],
  columnTitles: {},
  hiddenLabs: [],
  absent: [{ id: 's06', name: 'Student, Sixth', email: 's06@example.invalid', login: 's06', canvasId: '106' }],
  gradedAt: '2026-03-03T09:00:00Z',
  version: '0.1.0',
};
