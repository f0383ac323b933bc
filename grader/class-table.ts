/** The results of a class as a table for people: a line for each submission, then the points of the class and how many passed each check. */
import type { Lab } from '../labs-runtime/checks/lab.ts';
import type { Result } from './grade-all.ts';
import { reportLines, type TableOptions } from './table.ts';
import { columns, printable, shorten, type Cell } from './terminal.ts';

type GradedResult = Extract<Result, { kind: 'graded' }>;

/** One submission in a line: verdict, points, and the checks it failed. */
function resultCells(result: Result): Cell[] {
  const name = shorten(printable(result.name), 40);
  if (result.kind === 'not graded') {
    const [why = ''] = result.message.replace(`${printable(result.name)}: `, '').split('\n', 1);
    return [{ text: 'not graded', colour: 'yellow' }, { text: '-', right: true }, { text: name }, { text: printable(why) }];
  }
  const { report } = result;
  const failing = report.checks.filter((check) => check.verdict !== 'pass').map((check) => check.id);
  const why = report.problem === undefined ? failing.join(', ') : (report.problem.message.split('\n', 1)[0] ?? '');
  return [
    { text: report.verdict, colour: report.verdict === 'pass' ? 'green' : 'red' },
    { text: `${report.points}/${report.pointsMax}`, right: true },
    { text: name },
    { text: printable(why) },
  ];
}

/** Middle of sorted numbers. */
function median(sorted: number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** How the class did: counts, points, and for each check how many passed it. */
function summaryLines(results: Result[], lab: Lab, { paint }: TableOptions): string[] {
  const graded = results.filter((result): result is GradedResult => result.kind === 'graded');
  const passed = graded.filter(({ report }) => report.verdict === 'pass').length;
  const lines = [
    paint(
      'bold',
      `${results.length} submissions: ${passed} pass, ${graded.length - passed} fail, ${results.length - graded.length} not graded`,
    ),
  ];
  if (graded.length === 0) return lines;
  const points = graded.map(({ report }) => report.points).sort((a, b) => a - b);
  const mean = points.reduce((sum, each) => sum + each, 0) / points.length;
  lines.push(`Points: mean ${mean.toFixed(1)}, median ${median(points)}, lowest ${points[0]}, highest ${points.at(-1)}`, '');
  const rows = lab.checks.map((check): Cell[] => {
    const count = graded.filter(({ report }) => report.checks.some(({ id, verdict }) => id === check.id && verdict === 'pass')).length;
    return [{ text: `${count}/${graded.length}`, right: true }, { text: check.id }, { text: check.title, colour: 'dim' }];
  });
  return [...lines, 'Passed each check:', ...columns(rows, { paint, indent: 2 })];
}

/** The lines of a class. With `details`, the whole report of each submission that failed comes first. */
export function classLines(results: Result[], lab: Lab, options: TableOptions & { details: boolean }): string[] {
  const { details } = options;
  const failing = results.filter((result): result is GradedResult => result.kind === 'graded' && result.report.verdict === 'fail');
  const reports = details ? failing.flatMap((result) => [...reportLines(result.name, result.report, result.details, options), '']) : [];
  const rows = columns(results.map(resultCells), { ...options, indent: 2 });
  const hint = !details && failing.length > 0 ? ['', 'Add --details for the messages of those that failed.'] : [];
  return [...reports, ...rows, '', ...summaryLines(results, lab, options), ...hint];
}
