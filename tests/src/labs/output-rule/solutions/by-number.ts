// Outputs counted from 0 and kept in an object by that count; a window from `oldest` to `next` slides over it.
import type { OutputGateEffect, OutputGateInput, OutputGateOptions } from 'lockstep/output-rule';

interface State {
  waiting: Record<string, [operation: number, seq: number]>;
  oldest: number;
  next: number;
  confirmed: number;
  alone: boolean;
}

export const start = ({ acknowledgedSeq }: OutputGateOptions): State => ({
  waiting: {},
  oldest: 0,
  next: 0,
  confirmed: acknowledgedSeq,
  alone: false,
});

export const step = (state: State, input: OutputGateInput): OutputGateEffect[] => {
  if (input.kind === 'peer lost') return leaveAll(state);
  if (input.kind === 'acknowledged') return input.seq > state.confirmed ? confirm(state, input.seq) : [];
  if (staysInside(input) || state.alone) return [{ kind: 'release', operation: input.operation }];
  state.waiting[state.next++] = [input.operation, input.seq];
  return confirm(state, state.confirmed);
};

function staysInside({ device, action }: { device: string; action: string }): boolean {
  return device === 'clock' || action === 'offer buffers';
}

function leaveAll(state: State): OutputGateEffect[] {
  state.alone = true;
  return confirm(state, Number.MAX_SAFE_INTEGER);
}

function confirm(state: State, seq: number): OutputGateEffect[] {
  const effects: OutputGateEffect[] = [];
  state.confirmed = seq;
  for (let held = state.waiting[state.oldest]; held && held[1] <= seq; held = state.waiting[state.oldest]) {
    effects.push({ kind: 'release', operation: held[0] });
    delete state.waiting[state.oldest];
    state.oldest += 1;
  }
  return effects;
}
