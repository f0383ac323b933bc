/**
 * A trace as text: a space-time table of one line an event, for terminals and for whoever cannot see a drawing. Walk two, step 4.
 * Time goes down; each lane that takes part has a column, and an arrow crosses the columns between its ends.
 */
import { isGap, isLost } from '../sim/trace-event.ts';
import { LANES } from './report.ts';
import type { TraceEvent, TraceRow } from './report.ts';

export { isGap, isLost } from '../sim/trace-event.ts';

/** Characters from one lane's line to the next; the first stands half as far from the left. */
const PITCH = 8;

/** Characters in front of the lanes: number and time. */
const PLACE_WIDTH = 16;

/** Where less than this is left of a line's width beside the lanes, words stand below their row. */
const WORDS_WIDTH_MIN = 30;

/** How far words that stand below their row are indented. */
const WORDS_INDENT = 6;

/** On what a trace is shown. */
export interface TracePage<LaneName extends string> {
  /** Every lane there could be, in the order in which they stand side by side. No word of a name is longer than 7 characters. */
  lanes: readonly LaneName[];
  /** Characters in a line; words that find no room go on in further lines. Default: no end. */
  width?: number;
}

/** A pair's trace as text, one line an event: see `formatTraceOn`. */
export function formatTrace(trace: TraceEvent[]): string[] {
  return formatTraceOn(trace, { lanes: LANES });
}

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
export function formatTraceOn<LaneName extends string>(trace: TraceRow<LaneName>[], page: TracePage<LaneName>): string[] {
  if (trace.length === 0) return [];
  const lanes = lanesOf(trace, page.lanes);
  return [...headerOf(lanes), ...trace.flatMap((_, index) => formatRow(trace, index, lanes, page.width ?? Infinity))];
}

/** A lane's name, its words one below the other. */
function headerOf(lanes: string[]): string[] {
  const names = lanes.map((lane) => lane.split(' '));
  const height = Math.max(...names.map((words) => words.length));
  return Array.from({ length: height }, (_, line) => {
    const header = blank(lanes);
    for (const [index, words] of names.entries()) {
      const word = words[line] ?? '';
      write(header, columnOf(index) - (word.length >> 1), word);
    }
    const place = line === height - 1 ? `event${'time'.padStart(9)}  ` : ' '.repeat(PLACE_WIDTH);
    return `${place}${header.join('')}`.trimEnd();
  });
}

/** The lanes that a trace uses, in their order. */
export function lanesOf<LaneName extends string>(trace: TraceRow<LaneName>[], lanes: readonly LaneName[]): LaneName[] {
  return lanes.filter((lane) => trace.some((row) => !isGap(row) && (row.lane === lane || row.to === lane)));
}

/** The row that sent the datagram which arrives at this row; undefined where none arrives. */
export function sendingRow<Row extends TraceRow<string>>(trace: Row[], index: number): Row | undefined {
  const { lane, message } = trace[index]!;
  return message === undefined ? undefined : trace.slice(0, index).find((row) => row.message === message && row.to === lane);
}

function formatRow(trace: TraceRow<string>[], index: number, lanes: string[], width: number): string[] {
  const row = trace[index]!;
  const place = `${String(row.event).padStart(5)}${`${row.atMs} ms`.padStart(9)}  `;
  const bars = blank(lanes);
  for (const each of lanes.keys()) bars[columnOf(each)] = isGap(row) ? ':' : '|';
  const line = isGap(row) ? bars : drawRow(trace, index, lanes, bars);
  const room = width - PLACE_WIDTH - line.length - 1;
  if (room < WORDS_WIDTH_MIN)
    return [
      `${place}${line.join('')}`.trimEnd(),
      ...wrap(row.what, width - WORDS_INDENT).map((words) => `${' '.repeat(WORDS_INDENT)}${words}`),
    ];
  const [first = '', ...more] = wrap(row.what, room);
  return [`${place}${line.join('')} ${first}`, ...more.map((words) => `${' '.repeat(PLACE_WIDTH)}${bars.join('')} ${words}`)];
}

/** The dot of a row, and what crosses to other lanes. */
function drawRow(trace: TraceRow<string>[], index: number, lanes: string[], bars: string[]): string[] {
  const row = trace[index]!;
  const { lane, to, message, tone } = row;
  const line = bars.slice();
  const [at, sender] = [columnOf(lanes.indexOf(lane)), sendingRow(trace, index)];
  const end = to === undefined ? undefined : columnOf(lanes.indexOf(to));
  const leaves = sender === undefined && message !== undefined ? `#${message}` : '';
  if (end !== undefined && (isLost(row) || leaves !== '')) drawDeparture(line, at, end, `${leaves}${isLost(row) ? 'x' : ''}`);
  else if (end !== undefined) drawArrow(line, at, end);
  if (sender !== undefined) drawArrival(line, at, columnOf(lanes.indexOf(sender.lane)), `#${message}`);
  line[at] = tone === undefined ? 'o' : tone === 'fault' ? 'x' : '!';
  return line;
}

/** Text in lines of at most so many characters, at least one. */
export function wrap(text: string, width: number): string[] {
  const length = Math.max(1, width);
  const lines: string[] = [];
  let rest = text;
  while (rest.length > length) {
    const blankAt = rest.lastIndexOf(' ', length);
    const end = blankAt > 0 ? blankAt : length;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
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

function columnOf(lane: number): number {
  return (PITCH >> 1) - 1 + PITCH * lane;
}

function blank(lanes: string[]): string[] {
  return Array.from({ length: PITCH * lanes.length - 1 }, () => ' ');
}

function write(line: string[], column: number, text: string): void {
  for (let index = 0; index < text.length; index += 1) line[column + index] = text[index]!;
}
