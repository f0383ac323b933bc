// Deadlines: whatever waits for time stands in one record of alarms. An input sets alarms or takes them away, and time rings those that are due.
import type { FailoverEffect, FailoverInput, FailoverOptions } from 'lockstep/failover';

/** When each alarm rings; one that is absent is not set. */
interface Alarms {
  /** The next heartbeat is due: a multiple of the interval. */
  beat?: number;
  /** The peer counts as failed unless it is heard before. */
  heartbeats?: number;
  log?: number;
  /** The storage is to be asked again. */
  retry?: number;
}

interface State {
  options: FailoverOptions;
  nowMs: number;
  alarms: Alarms;
  isOver: boolean;
}

export function start(options: FailoverOptions): State {
  const { heartbeatEveryMs, silenceMaxMs } = options;
  return { options, nowMs: 0, alarms: { beat: heartbeatEveryMs, heartbeats: silenceMaxMs, log: silenceMaxMs }, isOver: false };
}

export function step(state: State, input: FailoverInput): FailoverEffect[] {
  const { alarms, options } = state;
  if (input.kind === 'time') return ring(state, input.nowMs);
  if (state.isOver) return [];
  switch (input.kind) {
    case 'heartbeat':
      if (alarms.heartbeats !== undefined) alarms.heartbeats = state.nowMs + options.silenceMaxMs;
      return [];
    case 'log traffic':
      if (alarms.log !== undefined) alarms.log = state.nowMs + options.silenceMaxMs;
      return [];
    case 'log end':
      return [{ kind: 'test-and-set' }];
    case 'no flag answer':
      alarms.retry = state.nowMs + options.retryAfterMs;
      return [];
    case 'flag':
      return end(state, input.owner === options.role ? 'go live' : 'halt');
    case 'power-off':
      return end(state, 'halt');
  }
}

function ring(state: State, nowMs: number): FailoverEffect[] {
  const { alarms, options } = state;
  const effects: FailoverEffect[] = [];
  state.nowMs = nowMs;
  if (isDue(alarms.heartbeats, nowMs) || isDue(alarms.log, nowMs)) {
    state.alarms = {};
    return [{ kind: options.role === 'backup' ? 'replay to end' : 'test-and-set' }];
  }
  if (isDue(alarms.beat, nowMs)) {
    effects.push({ kind: 'heartbeat' });
    alarms.beat = nowMs - (nowMs % options.heartbeatEveryMs) + options.heartbeatEveryMs;
  }
  if (isDue(alarms.retry, nowMs)) {
    effects.push({ kind: 'test-and-set' });
    delete alarms.retry;
  }
  return effects;
}

function isDue(alarm: number | undefined, nowMs: number): boolean {
  return alarm !== undefined && nowMs >= alarm;
}

function end(state: State, kind: 'go live' | 'halt'): FailoverEffect[] {
  state.isOver = true;
  state.alarms = {};
  return [{ kind }];
}
