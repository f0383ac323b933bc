/**
 * What servers did before. In a search most events touch one server, and come in every order with those of others: so the same server meets the same
 * input in many schedules. What comes of it depends on nothing else, and is worked out once: its guest runs once, and is kept once.
 */
import type { ReplicaEffect, ReplicaInput } from '../../ft/replica/messages.ts';
import type { ServerState } from './cluster-state.ts';
import { copyPlain, hashOnce, hashPlain } from './plain-data.ts';

/** The server afterwards, and what its replica asks for. Never write to either: other schedules have them too. */
export interface Step {
  readonly after: ServerState;
  readonly effects: readonly ReplicaEffect[];
}

/** How many steps are remembered at least; twice as many at most. Each holds the pages that its guest wrote to. */
const STEPS = 2048;

export class StepMemo {
  #recent = new Map<number, Step>();
  #older = new Map<number, Step>();

  /** What a server does with an input: what it did before, or else what `step` makes of a copy. Precondition: the server does not change any more. */
  recall(before: ServerState, input: ReplicaInput, step: (server: ServerState) => ReplicaEffect[]): Step {
    const key = hashPlain([hashOnce(before), input]);
    const known = this.#recent.get(key) ?? this.#older.get(key) ?? stepCopy(before, step);
    this.#remember(key, known);
    return known;
  }

  #remember(key: number, step: Step): void {
    this.#recent.set(key, step);
    if (this.#recent.size < STEPS) return;
    this.#older = this.#recent;
    this.#recent = new Map();
  }
}

function stepCopy(before: ServerState, step: (server: ServerState) => ReplicaEffect[]): Step {
  const after = copyPlain(before);
  return { after, effects: step(after) };
}
