/**
 * The rules that the protocol's parts must keep, as the world around them can see them, and the record of one that was broken.
 * VMware FT: section 2.2 (acknowledgements and the output rule), 2.3 (failover), 3.2 (buffers on both ends).
 */

import type { Lane } from './trace-event.ts';

/** Rules of the logging channel. */
export type ChannelRule =
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
  /** At each output the backup's machine is in the state in which the primary's was. */
  | 'same state';

/** Rules of the output gate. The first three together are the output rule: an output leaves only when its own log entry is acknowledged. */
export type GateRule =
  /** A frame waits while an entry before its own is not acknowledged. */
  | 'network held'
  /** So does a console byte. */
  | 'console held'
  /** With all entries before it acknowledged, an output still waits for its own. */
  | 'own entry'
  /** An output whose entry is acknowledged leaves at once. */
  | 'prompt'
  /** The guest is not stopped. */
  | 'guest runs'
  /** What stays inside the machine does not wait. */
  | 'inside passes'
  /** Outputs leave in the order in which they were made. */
  | 'output order'
  /** Each output leaves once. */
  | 'output once'
  /** A machine that goes on alone lets out what it holds, and holds nothing any more. */
  | 'alone'
  /** A backup that goes live has passed every output that the primary let out. */
  | 'remembered';

/** Rules of failover. */
export type FailoverRule =
  /** A heartbeat goes out as often as one is due. */
  | 'heartbeats'
  /** A peer that is silent for too long is noticed. */
  | 'notices'
  /** A peer that is heard counts as alive. */
  | 'false alarm'
  /** A backup goes live only at the end of the log. */
  | 'log end'
  /** A machine goes live only when the storage has said that it holds the flag. */
  | 'flag'
  /** A machine that holds the flag goes live. */
  | 'goes on'
  /** A machine that learns that the other holds the flag halts. */
  | 'loser halts'
  /** Without an answer a machine asks again, and neither goes live nor halts. */
  | 'asks again'
  /** A power-off is no failure: nobody goes live after it. */
  | 'power-off'
  /** Never two machines that serve alone. */
  | 'one live';

export type Rule =
  | ChannelRule
  | GateRule
  | FailoverRule
  /** A part does not keep what it no longer needs. */
  | 'state size'
  /** With whole networks and time enough, what is owed is done. */
  | 'progress'
  /** A client never sees two answers to one request, or one ticket given to two requests. */
  | 'client';

export interface Violation {
  rule: Rule;
  expected: string;
  observed: string;
  /** Number of the event in the run, from 1, and virtual time. */
  event: number;
  atMs: number;
  /** The machine, or the client, that broke it or saw it broken; absent where nobody in particular did. */
  lane?: Lane;
  /** The row of the trace that shows the breach, counted from 0; absent where there was none when it was reported. */
  row?: number;
}

/** Rules after whose breach the backup's machine cannot go on in step, so that the run ends there. */
export const fatalRules: ReadonlySet<Rule> = new Set<Rule>(['order', 'content', 'same state']);
