/**
 * A trace as text: a space-time table of one line an event, for terminals and for whoever cannot see a drawing. Walk two, step 4.
 * Time goes down; each lane that takes part has a column, and an arrow crosses the columns between its ends.
 */
import { LANES } from './report.ts';
import type { Lane, TraceEvent } from './report.ts';

/** Characters from one lane's line to the next; the first stands half as far from the left. */
const PITCH = 8;

/**
 * A trace as text, one line an event: number, time, where it happened and where it led, what it was. A dot is `x` where something failed and
 * `!` where the rule is broken. A datagram leaves as `o--#7` and arrives as `#7->o`; one that is lost leaves as `o--#7x`.
 * ```
 * event     time  primary backup  storage
 *     1     0 ms     o------>|       |    append entry 1
 *     2     1 ms     |       o--#7   |    acknowledges 1
 *     3     3 ms     o<-#7   |       |    1 is acknowledged
 *     4     3 ms     o-------|------>|    test-and-set
 * ```
 */
export function formatTrace(trace: TraceEvent[]): string[] {
  if (trace.length === 0) return [];
  const lanes = lanesOf(trace);
  const header = blank(lanes);
  for (const lane of lanes) write(header, columnOf(lanes, lane) - (lane.length >> 1), lane);
  return [`event${'time'.padStart(9)}  ${header.join('')}`.trimEnd(), ...trace.map((_, index) => formatRow(trace, index, lanes))];
}

/** The lanes that a trace uses, in their order. */
export function lanesOf(trace: TraceEvent[]): Lane[] {
  return LANES.filter((lane) => trace.some((row) => !isGap(row) && (row.lane === lane || row.to === lane)));
}

/** The row that sent the datagram which arrives at this row; undefined where none arrives. */
export function sendingRow(trace: TraceEvent[], index: number): TraceEvent | undefined {
  const { lane, message } = trace[index]!;
  return message === undefined ? undefined : trace.slice(0, index).find((row) => row.message === message && row.to === lane);
}

/** Whether a row sends something that gets lost. */
export function isLost({ to, what }: TraceEvent): boolean {
  return to !== undefined && /\blost\b/.test(what);
}

/** Whether a row stands for others that were left out: it says how many, and happens on no lane. */
export function isGap({ what }: TraceEvent): boolean {
  return what.startsWith('…');
}

function formatRow(trace: TraceEvent[], index: number, lanes: Lane[]): string {
  const row = trace[index]!;
  const { event, atMs, lane, to, message, what, tone } = row;
  const line = blank(lanes);
  const place = `${String(event).padStart(5)}${`${atMs} ms`.padStart(9)}  `;
  for (const each of lanes) line[columnOf(lanes, each)] = isGap(row) ? ':' : '|';
  if (isGap(row)) return `${place}${line.join('')} ${what}`;
  const at = columnOf(lanes, lane);
  const sender = sendingRow(trace, index);
  const leaves = sender === undefined && message !== undefined ? `#${message}` : '';
  if (to !== undefined && (isLost(row) || leaves !== ''))
    drawDeparture(line, at, columnOf(lanes, to), `${leaves}${isLost(row) ? 'x' : ''}`);
  else if (to !== undefined) drawArrow(line, at, columnOf(lanes, to));
  if (sender !== undefined) drawArrival(line, at, columnOf(lanes, sender.lane), `#${message}`);
  line[at] = tone === undefined ? 'o' : tone === 'fault' ? 'x' : '!';
  return `${place}${line.join('')} ${what}`;
}

/** An arrow leaves the line of a lane between its ends to be seen. */
function drawArrow(line: string[], from: number, to: number): void {
  for (let column = Math.min(from, to) + 1; column < Math.max(from, to); column += 1) if (line[column] === ' ') line[column] = '-';
  if (to > from) line[to - 1] = '>';
  if (to < from) line[to + 1] = '<';
}

function drawDeparture(line: string[], at: number, to: number, label: string): void {
  if (to > at) write(line, at + 1, `--${label}`);
  else write(line, at - label.length - 2, `${label}--`);
}

function drawArrival(line: string[], at: number, from: number, label: string): void {
  if (from < at) write(line, at - label.length - 2, `${label}->`);
  else write(line, at + 1, `<-${label}`);
}

function columnOf(lanes: Lane[], lane: Lane): number {
  return (PITCH >> 1) - 1 + PITCH * lanes.indexOf(lane);
}

function blank(lanes: Lane[]): string[] {
  return Array.from({ length: PITCH * lanes.length - 1 }, () => ' ');
}

function write(line: string[], column: number, text: string): void {
  for (let index = 0; index < text.length; index += 1) line[column + index] = text[index]!;
}
