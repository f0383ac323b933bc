/**
 * One end of the channel under test, as the world holds it: calls the part, checks what it returns, and keeps to its side of the contract.
 */
import type { ChannelEffect, ChannelInput, ChannelOptions, Role } from '../ft/channel-api.ts';
import { PartFailure, stateBytes } from '../ft/part.ts';
import type { Part } from '../ft/part.ts';
import { checkedEffects } from './channel-effects.ts';

export type ChannelPart = Part<ChannelOptions, ChannelInput, ChannelEffect, unknown>;

export class ChannelEnd {
  readonly role: Role;
  readonly #part: ChannelPart;
  readonly #state: unknown;

  constructor(part: ChannelPart, options: ChannelOptions) {
    this.role = options.role;
    this.#part = part;
    this.#state = withContext(`while the ${this.role}'s end was started`, () => part.start(options));
  }

  /** Size of the end's state in bytes. */
  get stateBytes(): number {
    return stateBytes(this.#state);
  }

  /** Tells the end one thing. `where` says at which point of the run, for the message should the part fail. */
  step(input: ChannelInput, where: string): ChannelEffect[] {
    return withContext(`when the ${this.role}'s end was told '${input.kind}' ${where}`, () =>
      checkedEffects(this.role, this.#part.step(this.#state, input)),
    );
  }
}

function withContext<Result>(context: string, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (!(error instanceof PartFailure)) throw error;
    throw new PartFailure(error.kind, `${error.explanation}, ${context}`, error.position);
  }
}
