/**
 * The output gate, the reference's own: outputs wait in a queue until the log entry of each is acknowledged; whatever stays inside the machine
 * passes at once, and the guest is never stopped. Fifth stop of walk one. VMware FT, section 2.2 (the output rule).
 */
import type { Operation, OutputGateEffect, OutputGateInput, OutputGateOptions } from './output-gate-api.ts';

/** An output that waits, with the log entry it waits for. */
interface HeldOutput {
  operation: number;
  seq: number;
}

export interface OutputGateState {
  acknowledgedSeq: number;
  /** Whether there is no backup to wait for. */
  alone: boolean;
  /** Invariant: in the order they were made, so that their entries' numbers only go up. */
  held: HeldOutput[];
}

/** A gate with nothing held. */
export function start(options: OutputGateOptions): OutputGateState {
  return { acknowledgedSeq: options.acknowledgedSeq, alone: false, held: [] };
}

/** Tells the gate one thing; returns what is to be done, in order. Changes `state` in place. */
export function step(state: OutputGateState, input: OutputGateInput): OutputGateEffect[] {
  switch (input.kind) {
    case 'operation':
      if (!isOutput(input)) return [{ kind: 'release', operation: input.operation }];
      state.held.push({ operation: input.operation, seq: input.seq });
      return releaseDue(state);
    case 'acknowledged':
      state.acknowledgedSeq = Math.max(state.acknowledgedSeq, input.seq);
      return releaseDue(state);
    case 'peer lost':
      state.alone = true;
      return releaseDue(state);
  }
}

/** Whether an operation can be seen from outside of the machine. */
export function isOutput({ device, action }: Operation): boolean {
  return device === 'console' || device === 'disk' || (device === 'network' && action === 'transmit');
}

function releaseDue(state: OutputGateState): OutputGateEffect[] {
  const isDue = ({ seq }: HeldOutput): boolean => state.alone || seq <= state.acknowledgedSeq;
  const due = state.held.filter(isDue);
  state.held = state.held.filter((output) => !isDue(output));
  return due.map(({ operation }) => ({ kind: 'release', operation }));
}
