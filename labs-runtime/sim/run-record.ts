/**
 * What one simulated run knows of itself, shared by all that stands in the world: its clock, the number of the present event, the trace, and the
 * rules that were broken.
 */
import type { Rule, Violation } from './rules.ts';
import { fatalRules } from './rules.ts';
import type { Lane } from './trace-event.ts';
import { Trace } from './trace.ts';

export class RunRecord {
  readonly seed: number;
  readonly trace = new Trace();
  readonly violations: Violation[] = [];
  /** A rule was broken after which the machines cannot be compared any more. */
  ended = false;
  /** Virtual time in milliseconds; only events move it. */
  nowMs = 0;
  /** Number of the present event, from 1. */
  event = 0;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Begins the next event, `forMs` later. */
  begin(forMs: number): void {
    this.event += 1;
    this.nowMs += forMs;
    this.trace.begin(this.event, this.nowMs);
  }

  /** Where a part's call stands, for the message should it fail. */
  get place(): string {
    return `at event ${this.event} of the run with seed ${this.seed}`;
  }

  /** A rule is broken, on a lane if on one in particular, and shown by a row of the trace if one is given. */
  report(rule: Rule, lane: Lane | undefined, expected: string, observed: string, row?: number): void {
    const place = { event: this.event, atMs: this.nowMs, ...(lane && { lane }), ...(row !== undefined && { row }) };
    this.violations.push({ rule, expected, observed, ...place });
    this.ended ||= fatalRules.has(rule);
  }
}
