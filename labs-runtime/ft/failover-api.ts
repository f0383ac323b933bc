/**
 * The interface of failover: what each machine of a pair is told about its peer, and what it asks to be done. Sixth stop of walk one.
 * VMware FT, section 2.3 (detecting and responding to failure).
 */
import type { Role } from './channel-api.ts';

/** What a machine's failover is started with. Both machines of a pair run the same code. */
export interface FailoverOptions {
  /** Which machine this is; also the name under which it asks for the flag. */
  role: Role;
  /** How often a heartbeat is due, in milliseconds of virtual time. */
  heartbeatEveryMs: number;
  /** A peer whose heartbeats, or whose log traffic, have stayed out for longer than this counts as failed. */
  silenceMaxMs: number;
  /** How long to wait after a test-and-set that got no answer before the next attempt, at most. */
  retryAfterMs: number;
}

/** What a machine is told, one thing at a step. */
export type FailoverInput =
  /** Virtual time, in milliseconds since the pair was made; never goes back. Told before anything else that happens at that time. */
  | { kind: 'time'; nowMs: number }
  /** A heartbeat of the peer arrived. */
  | { kind: 'heartbeat' }
  /** Something arrived on the logging channel: log entries on the backup, acknowledgements on the primary. */
  | { kind: 'log traffic' }
  /** Backup only, after `replay to end`: the last entry it holds has been replayed. */
  | { kind: 'log end' }
  /** The answer to a test-and-set: who holds the flag now. It never changes hands. */
  | { kind: 'flag'; owner: Role }
  /** A test-and-set got no answer. Perhaps it never reached the storage; perhaps it did, and only the answer is lost. */
  | { kind: 'no flag answer' }
  /** The guest has switched itself off, and the other machine knows it or will. */
  | { kind: 'power-off' };

/** What a machine asks to be done, in the order of the returned array. */
export type FailoverEffect =
  /** Send a heartbeat to the peer. */
  | { kind: 'heartbeat' }
  /** Backup only: take nothing more from the logging channel, replay what is held. `log end` says when that is done. */
  | { kind: 'replay to end' }
  /** Ask the shared storage for the pair's flag: atomically, it goes to the first that asks. */
  | { kind: 'test-and-set' }
  /** Serve the clients alone: as the backup, from where the replay ended; as the primary, without a backup. */
  | { kind: 'go live' }
  /** Stop this machine for good. */
  | { kind: 'halt' };
