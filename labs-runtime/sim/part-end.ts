/**
 * A part of one machine, as the world holds it: calls the part, checks what it returns, measures its state, and says where a call stood that failed.
 */
import type { ChannelEffect, ChannelInput, ChannelOptions, Role } from '../ft/channel-api.ts';
import type { FailoverEffect, FailoverInput, FailoverOptions } from '../ft/failover-api.ts';
import type { OutputGateEffect, OutputGateInput, OutputGateOptions } from '../ft/output-gate-api.ts';
import { PartFailure, stateBytes } from '../ft/part.ts';
import type { Part } from '../ft/part.ts';
import { checkedEffects } from './effect-shapes.ts';
import type { EffectShapes } from './effect-shapes.ts';
import type { RunRecord } from './run-record.ts';

export type ChannelPart = Part<ChannelOptions, ChannelInput, ChannelEffect, unknown>;
export type OutputGatePart = Part<OutputGateOptions, OutputGateInput, OutputGateEffect, unknown>;
export type FailoverPart = Part<FailoverOptions, FailoverInput, FailoverEffect, unknown>;

export interface PartEndOptions<Options, Input, Effect> {
  part: Part<Options, Input, Effect, unknown>;
  options: Options;
  /** The machine that runs it, and what the part is called in messages, e.g. `channel`. */
  role: Role;
  name: string;
  shapes: EffectShapes;
  run: RunRecord;
  /** The largest state it may have, in bytes; Infinity leaves it unmeasured. */
  stateBytesMax: number;
}

export class PartEnd<Options, Input extends { kind: string }, Effect> {
  readonly role: Role;
  readonly #made: PartEndOptions<Options, Input, Effect>;
  readonly #state: unknown;

  constructor(made: PartEndOptions<Options, Input, Effect>) {
    const { role, name, part, options } = made;
    this.role = role;
    this.#made = made;
    this.#state = withContext(
      () => `while the ${role}'s ${name} was started`,
      () => part.start(options),
    );
  }

  /** Tells the part one thing, and returns the effects it asks for. */
  step(input: Input): Effect[] {
    const { part, name, shapes, run, stateBytesMax } = this.#made;
    const effects = withContext(
      () => `when the ${this.role}'s ${name} was told '${input.kind}' ${run.place}`,
      () => checkedEffects<Effect>(shapes, this.role, part.step(this.#state, input)),
    );
    if (stateBytesMax < Infinity && stateBytes(this.#state) > stateBytesMax) {
      const expected = `a state of at most ${stateBytesMax} bytes: what is done with need not be kept`;
      run.report('state size', this.role, expected, `the ${this.role}'s ${name} keeps ${stateBytes(this.#state)} bytes`);
    }
    return effects;
  }
}

function withContext<Result>(context: () => string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof PartFailure)) throw error;
    throw new PartFailure(error.kind, `${error.explanation}, ${context()}`, error.position);
  }
}
