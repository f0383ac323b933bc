/**
 * How a check says that a part broke a rule: in seven parts, with the shortest trace, as data and as text.
 * Walk two, step 3 and 4: checks throw it; the report carries both forms, so that every host shows the same words.
 */
import type { Failure, TraceEvent } from './report.ts';

/** Thrown by a check for a broken rule. */
export class CheckFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(formatFailure(failure));
    this.name = 'CheckFailure';
    this.failure = failure;
  }
}

/** A failure as plain text: one part a line, the trace as a space-time diagram of one line an event. */
export function formatFailure(failure: Failure): string {
  const lines = [
    failure.rule,
    `Expected: ${failure.expected}`,
    `Observed: ${failure.observed}`,
    ...formatTrace(failure.trace),
    `What a client sees: ${failure.consequence}`,
    `Likely cause: ${failure.cause}`,
    `Read: ${failure.link}${failure.seed === undefined ? '' : ` (seed ${failure.seed})`}`,
    `Class: ${failure.class}`,
  ];
  return lines.join('\n');
}

/** Columns of the lanes' lines, in characters. */
const laneColumns = { primary: 3, link: 11, backup: 19 } as const;
const diagramWidth = 23;

/**
 * A trace as text, one line an event: number, time, where it happened and where it led, what it was.
 * ```
 * event    time  primary  link   backup
 *     1    0 ms     o       |       |    append entry 1
 *     2    0 ms     o------>|       |    send 12 bytes
 * ```
 */
export function formatTrace(trace: TraceEvent[]): string[] {
  if (trace.length === 0) return [];
  const header = `event${'time'.padStart(9)}  ${'primary'.padEnd(9)}${'link'.padEnd(7)}${'backup'.padEnd(7)}`.trimEnd();
  return [header, ...trace.map(formatEvent)];
}

function formatEvent({ event, atMs, lane, to, what }: TraceEvent): string {
  const line = Array.from({ length: diagramWidth }, () => ' ');
  for (const column of Object.values(laneColumns)) line[column] = '|';
  const from = laneColumns[lane];
  const end = to === undefined ? from : laneColumns[to];
  for (let column = Math.min(from, end) + 1; column < Math.max(from, end); column += 1) line[column] = '-';
  if (end > from) line[end - 1] = '>';
  if (end < from) line[end + 1] = '<';
  line[from] = 'o';
  return `${String(event).padStart(5)}${`${atMs} ms`.padStart(9)}  ${line.join('')} ${what}`;
}
