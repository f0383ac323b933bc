/** One report as a table for people: a line for each check, and below it the whole message of each that did not pass. */
import type { CheckReport, Report, TraceEvent, Verdict } from '../labs-runtime/checks/report.ts';
import type { SourcePosition } from '../labs-runtime/ft/part.ts';
import { columns, printable, printableLines, shorten, type Cell, type Colour, type Paint } from './terminal.ts';

export interface TableOptions {
  paint: Paint;
  /** Characters in a line of the terminal. */
  width: number;
}

const COLOURS: Record<Verdict, Colour> = { pass: 'green', fail: 'red', error: 'red', 'step budget': 'red' };

/** `channel.ts:12:3`, as editors and terminals link it. */
function at(position: SourcePosition | undefined): string {
  return position === undefined ? '' : printable(`${position.file}:${position.line}:${position.column}`);
}

/** What a check's line says in a few words: the rule that was broken, or the first line of the message. */
function shortMessage(check: CheckReport): string {
  return printable(check.failure?.rule ?? check.message?.split('\n', 1)[0] ?? '');
}

/** The lines of the checks. The message takes what width is left to it. */
function checkRows(checks: CheckReport[], { paint, width }: TableOptions): string[] {
  const fixed = checks.map((check): Cell[] => [
    { text: check.verdict, colour: COLOURS[check.verdict] },
    { text: `${check.points}/${check.pointsMax}`, right: true },
    { text: printable(check.id) },
    { text: at(check.position), colour: 'dim' },
  ]);
  const taken = fixed[0]!.reduce((sum, _, column) => sum + Math.max(...fixed.map((row) => row[column]!.text.length)) + 2, 2);
  const rows = fixed.map((row, index) => [...row, { text: shorten(shortMessage(checks[index]!), Math.max(24, width - taken)) }]);
  return columns(rows, paint, 2);
}

/** One event of a trace in words, e.g. `  7   120 ms  primary → link  sends entry 3`. */
function traceCells(event: TraceEvent): Cell[] {
  const lanes = event.to === undefined || event.to === event.lane ? event.lane : `${event.lane} → ${event.to}`;
  return [
    { text: String(event.event), right: true },
    { text: `${event.atMs} ms`, right: true },
    { text: lanes },
    { text: printable(event.what) },
  ];
}

/** Everything about a check that did not pass: its title, the message part by part, and the shortest trace. */
function failureLines(check: CheckReport, { paint }: TableOptions): string[] {
  const place = at(check.position);
  const heading = `${printable(check.id)}: ${printable(check.title)}`;
  const lines = ['', `${paint('bold', heading)}  ${paint('dim', [check.verdict, place].filter((text) => text !== '').join(', '))}`];
  if (check.message !== undefined) lines.push(...printableLines(check.message, 2));
  const trace = check.failure?.trace ?? [];
  if (trace.length > 0)
    lines.push('  Shortest run that shows it (event, virtual time, where, what):', ...columns(trace.map(traceCells), paint, 4));
  return lines;
}

/** Whether the report says the same of every check because the submission could not be run at all. */
function problemLines(report: Report, { paint }: TableOptions): string[] {
  if (report.problem === undefined) return [];
  const place = at(report.problem.position);
  return ['', paint('bold', `It could not be run${place === '' ? '' : `: ${place}`}`), ...printableLines(report.problem.message, 2)];
}

/** `70 of 100 points, 8 of 10 checks pass`. */
export function scoreLine(report: Report): string {
  const passed = report.checks.filter((check) => check.verdict === 'pass').length;
  return `${report.points} of ${report.pointsMax} points, ${passed} of ${report.checks.length} checks pass`;
}

/** The lines of one report. `details` (an engine's own words, not part of the report) come last. */
export function reportLines(name: string, report: Report, details: string[], options: TableOptions): string[] {
  const { paint } = options;
  const pass = report.verdict === 'pass';
  const lines = [`${paint('bold', printable(name))}  ${paint(pass ? 'green' : 'red', `${report.verdict}: ${scoreLine(report)}`)}`, ''];
  if (report.checks.length > 0) lines.push(...checkRows(report.checks, options));
  lines.push(...problemLines(report, options));
  // Where nothing ran, the checks have no more to say than the problem has.
  const failing = report.problem === undefined ? report.checks.filter((check) => check.verdict !== 'pass') : [];
  for (const check of failing) lines.push(...failureLines(check, options));
  if (details.length > 0)
    lines.push(
      '',
      paint('dim', 'In the words of the engine (not part of the report):'),
      ...details.flatMap((text) => printableLines(text, 2)),
    );
  return lines;
}
