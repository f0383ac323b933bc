// The output rule: your file, the gate that everything the guest does on a device has to pass.
// It compiles, and fails every check on purpose. The statement says what is wanted.
import type { OutputGateEffect, OutputGateInput, OutputGateOptions } from 'lockstep/output-rule';

/** What the gate remembers. Plain data only: numbers, strings, booleans, bigint, arrays, objects, Uint8Array. */
interface State {
  acknowledgedSeq: number;
  alone: boolean;
}

/** A new gate. Nothing is held, and the backup has every log entry up to `options.acknowledgedSeq`. */
export function start(options: OutputGateOptions): State {
  return { acknowledgedSeq: options.acknowledgedSeq, alone: false };
}

/** Tells the gate one thing. Change `state` in place; return what is to be done, in order. */
export function step(state: State, input: OutputGateInput): OutputGateEffect[] {
  switch (input.kind) {
    case 'operation': // The guest did something on a device. Can anybody outside see it?
      return [];
    case 'acknowledged': // The backup has every entry up to input.seq. What may leave now?
      return [];
    case 'peer lost': // No backup is left. What of that which is held, or still to come?
      state.alone = true;
      return [];
  }
}
