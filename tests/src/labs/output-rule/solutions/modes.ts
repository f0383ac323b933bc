// A state machine of two modes, as a table: in `paired` outputs wait in two parallel lists, in `alone` everything passes.
import type { Operation, OutputGateEffect, OutputGateInput, OutputGateOptions } from 'lockstep/output-rule';

interface State {
  mode: 'paired' | 'alone';
  known: number;
  operations: number[];
  entries: number[];
}

type Handlers = {
  [Kind in OutputGateInput['kind']]: (state: State, input: Extract<OutputGateInput, { kind: Kind }>) => Iterable<number>;
};

/** Who can see what, by device and action. */
const VISIBLE: Record<`${Operation['device']} ${Operation['action']}`, boolean> = {
  'console write': true,
  'network transmit': true,
  'network offer buffers': false,
  'clock read': false,
} as Record<string, boolean>;

const MODES: Record<State['mode'], Handlers> = {
  paired: {
    *operation(state, { device, action, operation, seq }) {
      if (!VISIBLE[`${device} ${action}`]) return yield operation;
      state.operations.push(operation);
      state.entries.push(seq);
      yield* leave(state);
    },
    *acknowledged(state, { seq }) {
      if (seq > state.known) state.known = seq;
      yield* leave(state);
    },
    *'peer lost'(state) {
      state.mode = 'alone';
      yield* state.operations;
      state.operations = [];
      state.entries = [];
    },
  },
  alone: {
    *operation(_, { operation }) {
      yield operation;
    },
    *acknowledged() {},
    *'peer lost'() {},
  },
};

export function start({ acknowledgedSeq }: OutputGateOptions): State {
  return { mode: 'paired', known: acknowledgedSeq, operations: [], entries: [] };
}

export function step(state: State, input: OutputGateInput): OutputGateEffect[] {
  const handle = MODES[state.mode][input.kind] as (state: State, input: OutputGateInput) => Iterable<number>;
  return Array.from(handle(state, input), (operation) => ({ kind: 'release', operation }));
}

/** Takes off the front what the backup knows of. */
function leave(state: State): number[] {
  const { known } = state;
  let count = state.entries.findIndex((seq) => seq > known);
  if (count < 0) count = state.entries.length;
  state.entries.splice(0, count);
  return state.operations.splice(0, count);
}
