/**
 * The one shape of every part of the protocol, the reference's and the student's: plain data and a step.
 * A part never performs an effect; it returns it, and one part's effects are another's inputs.
 */

/** A part as its author writes it. `step` may change `state` in place. */
export interface Part<Options, Input, Effect, State = unknown> {
  start(options: Options): State;
  step(state: State, input: Input): Effect[];
}

/**
 * What a check pipeline hands out in place of a student's state, so that the state itself stays on the student's side.
 * `bytes` is the size of the state after the latest call, as `plainDataBytes` measures it.
 */
export class StateHandle {
  bytes = 0;
}

/** Why a part could not go on: the student's doing, reported as data. */
export type PartFailureKind = 'crash' | 'step budget' | 'refused' | 'malformed' | 'hidden state' | 'forged transcript';

/** A position in a file of the student's, counted from 1 as editors do. */
export interface SourcePosition {
  file: string;
  line: number;
  column: number;
}

/** Thrown through a world by a hosted part that cannot go on; the check pipeline turns it into a verdict. */
export class PartFailure extends Error {
  readonly kind: PartFailureKind;
  /** What went wrong, where in the returned value, and what to do. Holds only text of ours. */
  readonly explanation: string;
  readonly position: SourcePosition | undefined;

  constructor(kind: PartFailureKind, explanation: string, position?: SourcePosition) {
    super(`${kind}: ${explanation}`);
    this.name = 'PartFailure';
    this.kind = kind;
    this.explanation = explanation;
    this.position = position;
  }
}

/** Size in bytes of a state: what a handle says, or else what its plain data takes (see `plainDataBytes`). */
export function stateBytes(state: unknown): number {
  return state instanceof StateHandle ? state.bytes : plainDataBytes(state);
}

/**
 * Size of plain data in bytes by a fixed rule, equal in every engine: a number, boolean, null or undefined takes 8, a bigint 16,
 * a string two a character, a Uint8Array its length, a property its name's characters twice plus its value. A value met
 * twice counts twice. Precondition: no cycles (the boundary copy refuses them).
 */
export function plainDataBytes(value: unknown): number {
  if (typeof value === 'string') return 2 * value.length;
  if (typeof value === 'bigint') return 16;
  if (typeof value !== 'object' || value === null) return 8;
  if (value instanceof Uint8Array) return 16 + value.length;
  let bytes = 16;
  for (const [key, item] of Object.entries(value)) {
    bytes += (Array.isArray(value) ? 0 : 2 * key.length) + plainDataBytes(item);
  }
  return bytes;
}
