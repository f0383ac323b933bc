// A table of phases and inputs: what is not in it does nothing. A machine whose guest is off falls silent and stays so.
import type { FailoverEffect, FailoverInput, FailoverOptions } from 'lockstep/failover';

type Phase = 'watching' | 'replaying' | 'asking' | 'refused an answer' | 'done';

interface State extends FailoverOptions {
  phase: Phase;
  nowMs: number;
  lastBeatMs: number;
  lastHeartbeatMs: number;
  lastTrafficMs: number;
  lastAttemptMs: number;
}

type Act<Kind extends FailoverInput['kind']> = (state: State, input: Extract<FailoverInput, { kind: Kind }>) => FailoverEffect['kind'][];
type Row = { [Kind in FailoverInput['kind']]?: Act<Kind> };

const switchOff: Act<'power-off'> = (state) => enter(state, 'done');

const obey: Act<'flag'> = (state, { owner }) => enter(state, 'done', owner === state.role ? 'go live' : 'halt');

const table: Record<Phase, Row> = {
  watching: {
    time: (state) => (isSilent(state) ? decide(state) : beat(state)),
    heartbeat: (state) => {
      state.lastHeartbeatMs = state.nowMs;
      return [];
    },
    'log traffic': (state) => {
      state.lastTrafficMs = state.nowMs;
      return [];
    },
    'power-off': switchOff,
  },
  replaying: {
    time: beat,
    'log end': ask,
    'power-off': switchOff,
  },
  asking: {
    time: beat,
    flag: obey,
    'no flag answer': (state) => enter(state, 'refused an answer'),
    'power-off': switchOff,
  },
  'refused an answer': {
    time: (state) => (state.nowMs - state.lastAttemptMs > state.retryAfterMs ? ask(state) : beat(state)),
    'power-off': switchOff,
  },
  done: {},
};

export function start(options: FailoverOptions): State {
  return { ...options, phase: 'watching', nowMs: 0, lastBeatMs: 0, lastHeartbeatMs: 0, lastTrafficMs: 0, lastAttemptMs: 0 };
}

export function step(state: State, input: FailoverInput): FailoverEffect[] {
  if (input.kind === 'time') state.nowMs = input.nowMs;
  const act = table[state.phase][input.kind] as Act<FailoverInput['kind']> | undefined;
  return (act?.(state, input) ?? []).map((kind) => ({ kind }));
}

function isSilent({ nowMs, lastHeartbeatMs, lastTrafficMs, silenceMaxMs }: State): boolean {
  return nowMs - lastHeartbeatMs > silenceMaxMs || nowMs - lastTrafficMs > silenceMaxMs;
}

function decide(state: State): FailoverEffect['kind'][] {
  return state.role === 'primary' ? ask(state) : enter(state, 'replaying', 'replay to end');
}

function ask(state: State): FailoverEffect['kind'][] {
  state.lastAttemptMs = state.nowMs;
  return enter(state, 'asking', 'test-and-set');
}

function beat(state: State): FailoverEffect['kind'][] {
  if (state.nowMs - state.lastBeatMs <= state.heartbeatEveryMs) return [];
  state.lastBeatMs = state.nowMs;
  return ['heartbeat'];
}

function enter(state: State, phase: Phase, ...effects: FailoverEffect['kind'][]): FailoverEffect['kind'][] {
  state.phase = phase;
  return effects;
}
