/**
 * One row of the record of a simulated run, ready to be drawn in a space-time diagram. A pair's world and a cluster's replay make them, reports carry
 * them, pages and terminals draw them.
 */

/** Who takes part in a run: a line of the space-time diagram each. */
export type Lane = 'client' | 'primary' | 'link' | 'backup' | 'storage';

/** Every lane, in the order in which they stand side by side. */
export const LANES: readonly Lane[] = ['client', 'primary', 'link', 'backup', 'storage'];

/** One event of a pair's trace. */
export type TraceEvent = TraceRow<Lane>;

/** One event of a trace on lanes of those names, ready to be drawn as one row of a space-time diagram. */
export interface TraceRow<LaneName extends string> {
  /** Number of the event in the run, from 1. */
  event: number;
  /** Virtual time in milliseconds. */
  atMs: number;
  lane: LaneName;
  /** Where an arrow leads, for what crosses to another lane. */
  to?: LaneName;
  what: string;
  /**
   * Number of a datagram, which takes time to cross. The row that sends it has `to`; a later row of this number on that lane is an arrival, and there may
   * be none (lost, then `what` says so, or still on its way at the end) or several.
   */
  message?: number;
  /** `fault` for what the schedule did to the pair: a crash, a break, a loss. `broken` for the row at which the rule is broken. */
  tone?: 'fault' | 'broken';
}

/** Whether a row sends something that gets lost. */
export function isLost({ to, what }: Pick<TraceRow<string>, 'to' | 'what'>): boolean {
  return to !== undefined && /\blost\b/.test(what);
}

/** Whether a row stands for others that were left out: it says how many, and happens on no lane. */
export function isGap({ what }: Pick<TraceRow<string>, 'what'>): boolean {
  return what.startsWith('…');
}
