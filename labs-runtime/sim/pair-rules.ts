/**
 * The rules that a logging channel must keep, as the world around it can see them, and the record of one that was broken.
 * VMware FT, section 2.2 (what an acknowledgement is for) and section 3.2 (buffers on both ends).
 */

export type PairRule =
  /** The backup is handed entry n + 1 after entry n. */
  | 'order'
  /** No entry is handed over twice. */
  | 'once'
  /** What is handed over is what was appended under that number. */
  | 'content'
  /** What is reported as acknowledged has been handed over on the backup. */
  | 'acknowledged'
  /** The primary holds no more unacknowledged entries than its buffer has room for. */
  | 'primary bound'
  /** The backup holds no more unconsumed entries than its buffer has room for. */
  | 'backup bound'
  /** An end does not keep what it no longer needs. */
  | 'state size'
  /** At each output the backup's machine is in the state in which the primary's was. */
  | 'same state'
  /** With a whole link and time enough, every entry is handed over and acknowledged, and the guest may run. */
  | 'progress';

export interface Violation {
  rule: PairRule;
  expected: string;
  observed: string;
  /** Number of the event in the run, from 1, and virtual time. */
  event: number;
  atMs: number;
}

/** Rules after whose breach the backup's machine cannot go on in step, so that the run ends there. */
export const fatalRules: ReadonlySet<PairRule> = new Set<PairRule>(['order', 'content', 'same state']);
