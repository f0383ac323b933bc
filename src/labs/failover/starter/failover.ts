// Failover: your file. Both machines of the pair run this code; `options.role` says which one it is.
// It compiles, and fails every check on purpose. The statement says what is wanted.
import type { FailoverEffect, FailoverInput, FailoverOptions } from 'lockstep/failover';

/** What one machine remembers. Plain data only: numbers, strings, booleans, bigint, arrays, objects, Uint8Array. */
interface State {
  options: FailoverOptions;
  nowMs: number;
}

/** A machine at time 0 that has just heard of its peer in both ways. */
export function start(options: FailoverOptions): State {
  return { options, nowMs: 0 };
}

/** Tells the machine one thing. Change `state` in place; return what is to be done, in order. */
export function step(state: State, input: FailoverInput): FailoverEffect[] {
  switch (input.kind) {
    case 'time': // It is input.nowMs. Is a heartbeat due? Has the peer been silent for too long? Is it time to ask the storage again?
      state.nowMs = input.nowMs;
      return [];
    case 'heartbeat': // The peer's host runs.
      return [];
    case 'log traffic': // The peer's end of the logging channel works.
      return [];
    case 'log end': // Backup, after 'replay to end': nothing of the log is left. What is still missing before it may go live?
      return [];
    case 'flag': // The storage has answered: input.owner holds the flag, now and for ever. What does that mean for this machine?
      return [];
    case 'no flag answer': // Was the flag set, or not? Nobody knows. What is safe in both cases?
      return [];
    case 'power-off': // The guest switched itself off, and no machine failed.
      return [];
  }
}
