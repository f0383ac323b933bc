/** The results of a class as a table for people: a line for each submission, then the points of the class and how many passed each check. */
import type { Lab } from '../labs-runtime/checks/lab.ts';
import type { ClassResults, LabResult, Outcome, Student, SubmissionResult } from './results/results.ts';
import { sumPoints, totalOf } from './results/results.ts';
import { reportLines, type TableOptions } from './table.ts';
import { columns, printable, shorten, type Cell } from './terminal.ts';

type Graded = Extract<Outcome, { kind: 'graded' }>;

const NAME_WIDTH = 40;
const ABSENT_MAX = 20;

/** The lines of a class. With `details`, the whole report of each submission that failed comes first. */
export function classLines(results: ClassResults, options: TableOptions & { details: boolean }): string[] {
  const { submissions, labs, absent } = results;
  const failing = submissions.flatMap(({ name, labs: its }) => its.flatMap((lab) => failed(name, lab, labs.length > 1)));
  const reports = options.details
    ? failing.flatMap(({ name, report, details }) => [...reportLines(name, report, details, options), ''])
    : [];
  const cells = labs.length === 1 ? submissions.map(oneLabCells) : [headCells(labs), ...submissions.map(severalLabsCells)];
  const rows = columns(cells, { ...options, indent: 2 });
  const hint = !options.details && failing.length > 0 ? ['', 'Add --details for the messages of those that failed.'] : [];
  return [
    ...reports,
    ...rows,
    '',
    ...countLines(submissions, options),
    ...absentLines(absent),
    ...labs.flatMap((_, lab) => labLines(results, lab, options)),
    ...hint,
  ];
}

function failed(name: string, { lab, outcome }: LabResult, namesLab: boolean) {
  if (outcome.kind !== 'graded' || outcome.report.verdict === 'pass') return [];
  return [{ name: namesLab ? `${name}, ${lab}` : name, report: outcome.report, details: outcome.details }];
}

/** What it is called and, where that does not say so, whose it is: `submission_1` tells nobody. */
function nameCell({ name, student }: SubmissionResult): Cell {
  const whose = student?.name === undefined || name.includes(student.name) ? '' : ` (${student.name})`;
  return { text: shorten(printable(`${name}${whose}`), NAME_WIDTH) };
}

/** One submission in a line: verdict, points, and the checks it failed, or why there are none. */
function oneLabCells(submission: SubmissionResult): Cell[] {
  const { outcome, score } = submission.labs[0]!;
  if (outcome.kind !== 'graded') {
    const why = outcome.kind === 'missing' ? 'nothing was handed in' : reasonOf(outcome.message, submission.name);
    return [{ text: wordOf(outcome), colour: 'yellow' }, { text: '-', right: true }, nameCell(submission), { text: why }];
  }
  const { report } = outcome;
  const failing = report.checks.filter((check) => check.verdict !== 'pass').map((check) => check.id);
  const why = report.problem === undefined ? failing.join(', ') : (report.problem.message.split('\n', 1)[0] ?? '');
  const lateness = score === undefined || score.deducted === 0 ? [] : [score.lateness!];
  return [
    { text: report.verdict, colour: report.verdict === 'pass' ? 'green' : 'red' },
    { text: pointsOf(submission.labs[0]!), right: true },
    nameCell(submission),
    { text: printable([...lateness, why].filter((text) => text !== '').join('; ')) },
  ];
}

/** A message's first line, without the name that it begins with. */
function reasonOf(message: string, name: string): string {
  return printable(message.replace(`${printable(name)}: `, '').split('\n', 1)[0] ?? '');
}

function wordOf({ kind }: Outcome): string {
  return kind === 'missing' ? 'missing' : 'not graded';
}

function pointsOf({ outcome, score }: LabResult): string {
  return outcome.kind === 'graded' ? `${score?.final ?? outcome.report.points}/${outcome.report.pointsMax}` : wordOf(outcome);
}

function headCells(labs: Lab[]): Cell[] {
  return [{ text: '', right: true }, ...labs.map(({ id }): Cell => ({ text: id, right: true })), { text: 'name' }];
}

/** One submission in a line: its points in all, those of each lab, and its name. */
function severalLabsCells(submission: SubmissionResult): Cell[] {
  const total = totalOf(submission);
  const all: Cell = { text: total === undefined ? '-' : `${total.final}/${total.pointsMax}`, right: true };
  return [all, ...submission.labs.map((lab): Cell => ({ text: pointsOf(lab), right: true })), nameCell(submission)];
}

/** How many there are, and what became of them. */
function countLines(submissions: SubmissionResult[], { paint }: TableOptions): string[] {
  const kinds = submissions.map(({ labs }) => kindOf(labs));
  const count = (kind: string) => kinds.filter((each) => each === kind).length;
  const missing = count('missing') > 0 ? `, ${count('missing')} missing` : '';
  const all = `${submissions.length} submission${submissions.length === 1 ? '' : 's'}`;
  const line = `${all}: ${count('pass')} pass, ${count('fail')} fail, ${count('not graded')} not graded${missing}`;
  return [paint('bold', line)];
}

/** Whom an instructor has to write to. Of many the first are named: all are in the files of `--out`. */
function absentLines(absent: Student[]): string[] {
  if (absent.length === 0) return [];
  const named = absent.slice(0, ABSENT_MAX).map(({ id, name }) => shorten(printable(name ?? id), NAME_WIDTH));
  const more = absent.length > named.length ? `, and ${absent.length - named.length} more` : '';
  return [`Nothing came from ${absent.length} of the roster: ${named.join('; ')}${more}`];
}

/** A submission passes if it passes in all labs. */
function kindOf(labs: LabResult[]): string {
  if (labs.some(({ outcome }) => outcome.kind === 'not graded')) return 'not graded';
  if (labs.every(({ outcome }) => outcome.kind === 'missing')) return 'missing';
  return labs.every(({ outcome }) => outcome.kind === 'graded' && outcome.report.verdict === 'pass') ? 'pass' : 'fail';
}

/** How the class did in a lab: points, and for each check how many passed it. */
function labLines({ labs, submissions }: ClassResults, index: number, { paint }: TableOptions): string[] {
  const lab = labs[index]!;
  const graded = submissions.map((submission) => submission.labs[index]!).filter(({ outcome }) => outcome.kind === 'graded');
  if (graded.length === 0) return [];
  const points = graded.map(({ outcome, score }) => score?.final ?? (outcome as Graded).report.points).sort((a, b) => a - b);
  const mean = sumPoints(points) / points.length;
  const rows = lab.checks.map((check): Cell[] => {
    const count = graded.filter(({ outcome }) => hasPassed(outcome as Graded, check.id)).length;
    return [{ text: `${count}/${graded.length}`, right: true }, { text: check.id }, { text: check.title, colour: 'dim' }];
  });
  const of = labs.length > 1 ? ['', paint('bold', lab.id)] : [];
  const line = `Points: mean ${mean.toFixed(1)}, median ${median(points)}, lowest ${points[0]}, highest ${points.at(-1)}`;
  return [...of, line, '', 'Passed each check:', ...columns(rows, { paint, indent: 2 })];
}

function hasPassed({ report }: Graded, checkId: string): boolean {
  return report.checks.some(({ id, verdict }) => id === checkId && verdict === 'pass');
}

/** Middle of sorted numbers. */
function median(sorted: number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
