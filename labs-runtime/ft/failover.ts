/**
 * Failover, the reference's own: watches the peer, and when it falls silent asks the shared storage for the right to go on alone.
 * Sixth stop of walk one; VMware FT, section 2.3. A decision is never taken back: a backup that has stopped listening has missed entries.
 */
import type { FailoverEffect, FailoverInput, FailoverOptions } from './failover-api.ts';

/**
 * - `watching`: the peer counts as alive;
 * - `replaying`: the backup finishes the log it holds;
 * - `asking`: the storage is being asked for the flag;
 * - `ended`: live or halted, nothing more to decide.
 */
type Phase = 'watching' | 'replaying' | 'asking' | 'ended';

export interface FailoverState {
  options: FailoverOptions;
  phase: Phase;
  nowMs: number;
  heartbeatSentMs: number;
  heartbeatHeardMs: number;
  logHeardMs: number;
  /** When the last attempt got no answer; undefined while one is under way. */
  unansweredMs: number | undefined;
}

/** A machine that has just heard of its peer. */
export function start(options: FailoverOptions): FailoverState {
  return { options, phase: 'watching', nowMs: 0, heartbeatSentMs: 0, heartbeatHeardMs: 0, logHeardMs: 0, unansweredMs: undefined };
}

/** Tells the machine one thing; returns what is to be done, in order. Changes `state` in place. */
export function step(state: FailoverState, input: FailoverInput): FailoverEffect[] {
  switch (input.kind) {
    case 'time':
      state.nowMs = input.nowMs;
      return [...beat(state), ...watch(state), ...askAgain(state)];
    case 'heartbeat':
      state.heartbeatHeardMs = state.nowMs;
      return [];
    case 'log traffic':
      state.logHeardMs = state.nowMs;
      return [];
    case 'log end':
      return state.phase === 'replaying' ? ask(state) : [];
    case 'flag':
      return state.phase === 'asking' ? end(state, input.owner === state.options.role ? 'go live' : 'halt') : [];
    case 'no flag answer':
      state.unansweredMs = state.nowMs;
      return [];
    case 'power-off':
      return state.phase === 'ended' ? [] : end(state, 'halt');
  }
}

function beat(state: FailoverState): FailoverEffect[] {
  if (state.phase !== 'watching' || state.nowMs - state.heartbeatSentMs < state.options.heartbeatEveryMs) return [];
  state.heartbeatSentMs = state.nowMs;
  return [{ kind: 'heartbeat' }];
}

/** Section 2.3: a failure is declared if heartbeats or log traffic have stopped for longer than the timeout. */
function watch(state: FailoverState): FailoverEffect[] {
  const heardMs = Math.min(state.heartbeatHeardMs, state.logHeardMs);
  if (state.phase !== 'watching' || state.nowMs - heardMs <= state.options.silenceMaxMs) return [];
  if (state.options.role === 'primary') return ask(state);
  state.phase = 'replaying';
  return [{ kind: 'replay to end' }];
}

function askAgain(state: FailoverState): FailoverEffect[] {
  const { phase, unansweredMs, nowMs, options } = state;
  if (phase !== 'asking' || unansweredMs === undefined || nowMs - unansweredMs < options.retryAfterMs) return [];
  return ask(state);
}

/** One's own earlier attempt may have won although its answer was lost: asking again then gets the answer. */
function ask(state: FailoverState): FailoverEffect[] {
  state.phase = 'asking';
  state.unansweredMs = undefined;
  return [{ kind: 'test-and-set' }];
}

function end(state: FailoverState, kind: 'go live' | 'halt'): FailoverEffect[] {
  state.phase = 'ended';
  return [{ kind }];
}
