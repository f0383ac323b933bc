/**
 * How a check says that a part broke a rule: in seven parts, with the shortest trace, as data and as text.
 * Walk two, step 3 and 4: checks throw it; the report carries both forms, so that every host shows the same words.
 */
import type { Failure } from './report.ts';
import { formatTrace } from './trace-text.ts';

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
    ...(failure.replay === undefined ? [] : [`Replay: ${failure.replay}`]),
    `Class: ${failure.class}`,
  ];
  return lines.join('\n');
}
