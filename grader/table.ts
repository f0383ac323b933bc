/** One report as a table for people: a line for each check, and below it the whole message of each that did not pass. */
import type { CheckReport, Problem, Report, Verdict } from '../labs-runtime/checks/report.ts';
import { byReason, engineWords, place } from './report-words.ts';
import { columns, printable, printableLines, type Cell, type Colour, type Paint } from './terminal.ts';

export interface TableOptions {
  paint: Paint;
  /** Characters in a line of the terminal. */
  width: number;
}

const COLOURS: Record<Verdict, Colour> = { pass: 'green', fail: 'red', error: 'red', 'step budget': 'red' };

/** What a check's line says in a few words: the rule that was broken, or the first line of the message. */
function shortMessage(check: CheckReport): string {
  return printable(check.failure?.rule ?? check.message?.split('\n', 1)[0] ?? '');
}

/** One check as a line: verdict, points, name, where in the file, and the message as far as the line is long. */
function checkCells(check: CheckReport): Cell[] {
  return [
    { text: check.verdict, colour: COLOURS[check.verdict] },
    { text: `${check.points}/${check.pointsMax}`, right: true },
    { text: printable(check.id) },
    { text: check.position ? place(check.position) : '', colour: 'dim' },
    { text: shortMessage(check) },
  ];
}

/** Everything about checks that failed alike: their names, the message of the first part by part, and what an engine said. */
function failureLines(checks: CheckReport[], details: string[], { paint }: TableOptions): string[] {
  const { verdict, position, message = '' } = checks[0]!;
  const names = checks.length === 1 ? `${checks[0]!.id}: ${checks[0]!.title}` : checks.map(({ id }) => id).join(', ');
  const aside = position === undefined ? verdict : `${verdict}, ${place(position)}`;
  return [
    '',
    `${paint('bold', printable(names))}  ${paint('dim', aside)}`,
    ...printableLines(message, 2),
    ...engineWords(checks, details).flatMap((text) => printableLines(`In the engine's words, which are no part of the report: ${text}`, 2)),
  ];
}

/** Why the submission could not be run at all. No check has more to say than this. */
function problemLines({ message, position }: Problem, { paint }: TableOptions): string[] {
  const where = position === undefined ? '.' : `: ${place(position)}`;
  return ['', paint('bold', `It could not be run${where}`), ...printableLines(message, 2)];
}

/** `70 of 100 points, 8 of 10 checks pass`. */
export function scoreLine(report: Report): string {
  const passed = report.checks.filter((check) => check.verdict === 'pass').length;
  return `${report.points} of ${report.pointsMax} points, ${passed} of ${report.checks.length} checks pass`;
}

/** The lines of one report. `details` are what an engine said, which is no part of the report: the title of the check, a colon, the words. */
export function reportLines(name: string, report: Report, details: string[], options: TableOptions): string[] {
  const { paint } = options;
  const colour = report.verdict === 'pass' ? 'green' : 'red';
  const lines = [`${paint('bold', printable(name))}  ${paint(colour, `${report.verdict}: ${scoreLine(report)}`)}`];
  if (report.problem !== undefined) return [...lines, ...problemLines(report.problem, options)];
  lines.push('', ...columns(report.checks.map(checkCells), { ...options, indent: 2 }));
  const failing = report.checks.filter((check) => check.verdict !== 'pass');
  for (const alike of byReason(failing)) lines.push(...failureLines(alike, details, options));
  return lines;
}
