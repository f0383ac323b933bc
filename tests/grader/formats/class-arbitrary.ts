/** Classes of all kinds, for property tests: every verdict and outcome, and texts that a student who means harm would choose. */
import fc from 'fast-check';
import { sumPoints, type ClassResults, type LabResult, type Outcome, type Student } from '../../../grader/results/results.ts';
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import { pointsMax } from '../../../labs-runtime/checks/lab.ts';
import type { CheckReport, Report, Verdict } from '../../../labs-runtime/checks/report.ts';

/** What means something to a terminal, a spreadsheet, a parser, a file system or a build server. */
const FRAGMENTS = [
  ...['=1+1', '+', '-', '@SUM(A1)', ';=1+1', ' ;"=2', '＝1', "'", '"', ',', ';', '\t', '\0', '\r', '\n', '\r\n', '\x1b[2J', '\x9b31m'],
  ...['<script>alert(1)</script>', ']]>', '&amp;', '<!--', '::error::x', '##[error]', '\n::stop-commands::x', '\u202e', '\u2028', '\ufeff'],
  ...['\ud800', '\udfff', '\ufffe', '\uffff', '😀', 'é', 'e\u0301', '../', '\\', '/', 'con', 'CON.ts', 'a', 'A', '.', '..', ' '],
  ...['Points Possible', '    Points Possible', 'Student', '__proto__', '{{message}}', '${x}', '%00', '\\x1b', '1,234', '1e3', '007'],
];

export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ unit: 'binary', maxLength: 4 })), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join(''))
  .filter((text) => text !== '');

const points = fc.integer({ min: 1, max: 4000 }).map((hundredths) => hundredths / 100);

function arbitraryLab(number: number): fc.Arbitrary<Lab> {
  return fc.array(points, { minLength: 1, maxLength: 4 }).map((all) => ({
    id: `lab-${number}`,
    number,
    title: `Lab <${number}>`,
    summary: 'A lab.',
    section: '2.1',
    files: [`lab${number}.ts`],
    checks: all.map((each, index) => ({ id: `check-${index}`, title: `keeps rule ${index} & more`, points: each, class: 'safety' })),
    limits: { stepsMax: 1, depthMax: 1, valuesMax: 1, sourceBytesMax: 1 },
  }));
}

const position = fc.record({ file: hostileText, line: fc.nat(), column: fc.nat() });

function arbitraryCheck({ id, title, points }: Lab['checks'][number]): fc.Arbitrary<CheckReport> {
  const verdict = fc.constantFrom<Verdict>('pass', 'fail', 'error', 'step budget');
  return fc.record({ verdict, text: hostileText, position }).map(({ verdict, text, position }) => {
    const base = { id, title, verdict, pointsMax: points, steps: 1 };
    if (verdict === 'pass') return { ...base, points };
    const failure = {
      class: 'safety',
      rule: text,
      expected: text,
      observed: text,
      consequence: text,
      cause: text,
      link: '',
      trace: [],
    } as const;
    return { ...base, points: 0, message: `${text}\n${text}`, failure: { ...failure, trace: [] }, position };
  });
}

function arbitraryReport(lab: Lab): fc.Arbitrary<Report> {
  const problem = fc.option(fc.record({ message: hostileText, position }), { nil: undefined, freq: 4 });
  return fc.tuple(fc.tuple(...lab.checks.map(arbitraryCheck)), problem).map(([checks, problem]) => {
    const all = problem === undefined ? checks : checks.map((check) => ({ ...check, verdict: 'error' as const, points: 0 }));
    const verdict = all.every((check) => check.verdict === 'pass') ? 'pass' : 'fail';
    const sum = sumPoints(all.map((check) => check.points));
    const max = sumPoints(all.map((check) => check.pointsMax));
    const report: Report = { schema: 1, lab: lab.id, labHash: '', runtimeHash: '', verdict, points: sum, pointsMax: max, checks: all };
    return problem === undefined ? report : { ...report, problem };
  });
}

function arbitraryOutcome(lab: Lab): fc.Arbitrary<Outcome> {
  const details = fc.array(
    hostileText.map((text) => `${lab.checks[0]!.title}: ${text}`),
    { maxLength: 1 },
  );
  return fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('graded' as const), report: arbitraryReport(lab), details }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('not graded' as const), message: hostileText }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'missing' as const }) },
  );
}

/** Any share of what was reached may be taken off. */
function arbitraryResult(lab: Lab): fc.Arbitrary<LabResult> {
  const share = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1, noNaN: true }));
  return fc.record({ outcome: arbitraryOutcome(lab), share, why: hostileText }).map(({ outcome, share, why }) => {
    if (outcome.kind === 'not graded') return { lab: lab.id, outcome };
    const reached = outcome.kind === 'graded' ? outcome.report.points : 0;
    const deducted = Math.floor(reached * share * 100) / 100;
    const score = { points: reached, pointsMax: sumPoints([pointsMax(lab)]), deducted, final: sumPoints([reached, -deducted]) };
    return { lab: lab.id, outcome, score: share === 0 ? score : { ...score, lateness: why } };
  });
}

const arbitraryStudent: fc.Arbitrary<Student> = fc.record(
  {
    id: hostileText,
    name: hostileText,
    email: hostileText,
    login: hostileText,
    sisId: hostileText,
    canvasId: hostileText,
    section: hostileText,
  },
  { requiredKeys: ['id'] },
);

export const arbitraryClass: fc.Arbitrary<ClassResults> = fc
  .integer({ min: 1, max: 3 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => arbitraryLab(index + 1))))
  .chain((labs) => {
    const submission = fc.record(
      {
        name: hostileText,
        student: arbitraryStudent,
        submittedAt: fc.constant('2026-03-01T10:00:00Z'),
        labs: fc.tuple(...labs.map(arbitraryResult)),
      },
      { requiredKeys: ['name', 'labs'] },
    );
    return fc.record({
      labs: fc.constant(labs),
      submissions: fc.uniqueArray(submission, { selector: ({ name }) => name, maxLength: 6 }),
      absent: fc.array(arbitraryStudent, { maxLength: 2 }),
      columnTitles: fc.constant({}),
      hiddenLabs: fc.constant([]),
      gradedAt: fc.constant('2026-03-02T08:30:00Z'),
      version: fc.constant('0.1.0'),
    });
  });
