/**
 * Whether what clients were told makes sense: a history of operations that overlap in time is linearizable if they can be put in one order,
 * none before another that was answered before it was invoked, in which each would have been answered as it was (Herlihy and Wing 1990). It
 * is the output requirement of VMware FT, section 2.2, as clients see it. The search is that of Wing and Gong 1993, and does not try twice what
 * has failed, as in Lowe 2017.
 */

export interface Operation<Input, Output> {
  /** Who asked. The checker goes by times alone. */
  client: number;
  input: Input;
  /** Counts for nothing while the operation is unanswered. */
  output: Output | undefined;
  /** Number of the event; an answer and an invocation with the same number are concurrent. */
  invokedAt: number;
  /** Number of the event, not less than `invokedAt`; Infinity while unanswered. */
  answeredAt: number;
}

/** What the object should do when its operations come one by one. Pure: a state never changes, `apply` makes another. */
export interface Model<State, Input, Output> {
  start: State;
  apply(state: State, input: Input): { state: State; output: Output };
  /** Whether an answer, on the right, is the one that `apply` gave, on the left. */
  isEqual(left: Output, right: Output): boolean;
  /** Two states have the same key if and only if they are the same. */
  key(state: State): string;
}

export type Verdict =
  | {
      isLinearizable: true;
      /** Indices of operations in a legal order: all that are answered, and the unanswered ones that must have taken effect. */
      order: number[];
    }
  | {
      isLinearizable: false;
      /** Indices of operations in a legal order that has as many answered ones as any. */
      longest: number[];
      /** Indices of the answered operations that could come next by time; none would be answered so. Never empty. */
      stuck: number[];
    };

/**
 * Looks for a legal order of the history's operations, which may be listed in any order. One that is unanswered may take effect at any time
 * after its invocation, or never. Takes time exponential in the number of concurrent operations at worst. Throws a RangeError for an
 * operation answered before it is invoked.
 */
export function checkLinearizable<State, Input, Output>(
  model: Model<State, Input, Output>,
  history: readonly Operation<Input, Output>[],
): Verdict {
  history.forEach(checkTimes);
  return new OrderSearch(model, history).run();
}

function checkTimes({ invokedAt, answeredAt }: Operation<unknown, unknown>, index: number): void {
  if (answeredAt >= invokedAt) return;
  throw new RangeError(`operation ${index} is answered at ${answeredAt}, before it is invoked at ${invokedAt}`);
}

/** A depth-first search for the order. Operations are known by their place when listed by time of invocation. */
class OrderSearch<State, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #operations: readonly Operation<Input, Output>[];
  /** The index in the history of the operation at each place. */
  readonly #indices: readonly number[];
  /** The places taken into the order, one bit each. */
  readonly #taken: number[];
  readonly #order: number[] = [];
  #answeredLeft = 0;
  /** From where no order goes on to the end: the places taken and the state that they led to. */
  readonly #failed = new Set<string>();
  #fewestLeft = Infinity;
  #longest: number[] = [];
  #stuck: number[] = [];

  constructor(model: Model<State, Input, Output>, history: readonly Operation<Input, Output>[]) {
    this.#model = model;
    this.#indices = byInvocation(history);
    this.#operations = this.#indices.map((index) => history[index]!);
    this.#taken = new Array<number>(Math.ceil(history.length / 32)).fill(0);
    for (const { answeredAt } of history) if (answeredAt !== Infinity) this.#answeredLeft += 1;
  }

  run(): Verdict {
    if (this.#canFinish(this.#model.start, undefined)) return { isLinearizable: true, order: this.#order };
    return { isLinearizable: false, longest: this.#longest, stuck: this.#stuck };
  }

  /**
   * Whether the answered operations that are left can follow those taken; if so, `#order` is complete. After an unanswered operation,
   * `without` holds the state that there would be without it.
   */
  #canFinish(state: State, without: { state: State } | undefined): boolean {
    if (this.#answeredLeft === 0) return true;
    const end = this.#windowEnd();
    // Answered ones first: an unanswered one should be in the order only if it must.
    if (this.#canTakeOne(end, true, state, without)) return true;
    this.#noteDeadEnd(end);
    if (this.#canTakeOne(end, false, state, without)) return true;
    this.#failed.add(this.#keyOf(state));
    return false;
  }

  /** The place before which every operation that is left could come next: none of the others was answered before its invocation. */
  #windowEnd(): number {
    let firstAnswerAt = Infinity;
    for (let place = 0; place < this.#operations.length; place++) {
      if (this.#isTaken(place)) continue;
      const { invokedAt, answeredAt } = this.#operations[place]!;
      if (invokedAt > firstAnswerAt) return place;
      if (answeredAt < firstAnswerAt) firstAnswerAt = answeredAt;
    }
    return this.#operations.length;
  }

  #canTakeOne(end: number, isAnswered: boolean, state: State, without: { state: State } | undefined): boolean {
    for (let place = 0; place < end; place++) {
      if (this.#isTaken(place) || this.#isAnswered(place) !== isAnswered) continue;
      if (this.#canTake(place, state, without)) return true;
    }
    return false;
  }

  #canTake(place: number, state: State, without: { state: State } | undefined): boolean {
    const isAnswered = this.#isAnswered(place);
    const { input, output } = this.#operations[place]!;
    const next = this.#model.apply(state, input);
    if (isAnswered ? !this.#model.isEqual(next.output, output as Output) : this.#isSame(next.state, state)) return false;
    if (without !== undefined && this.#leavesNoTrace(without.state, place, next.state)) return false;
    this.#toggle(place);
    this.#order.push(this.#indices[place]!);
    if (isAnswered) this.#answeredLeft -= 1;
    if (!this.#hasFailed(next.state) && this.#canFinish(next.state, isAnswered ? undefined : { state })) return true;
    if (isAnswered) this.#answeredLeft += 1;
    this.#order.pop();
    this.#toggle(place);
    return false;
  }

  /**
   * Whether the operation at that place leads to the same state without the unanswered one before it. Then that one is of no use, and orders
   * without it are tried anyway: so that many unanswered operations do not mean all their subsets.
   */
  #leavesNoTrace(without: State, place: number, stateAfter: State): boolean {
    const { input, output } = this.#operations[place]!;
    const other = this.#model.apply(without, input);
    if (this.#isAnswered(place) && !this.#model.isEqual(other.output, output as Output)) return false;
    return this.#isSame(other.state, stateAfter);
  }

  #noteDeadEnd(end: number): void {
    if (this.#answeredLeft >= this.#fewestLeft) return;
    this.#fewestLeft = this.#answeredLeft;
    this.#longest = [...this.#order];
    this.#stuck = this.#indices.filter((_, place) => place < end && !this.#isTaken(place) && this.#isAnswered(place));
  }

  #hasFailed(state: State): boolean {
    return this.#failed.size > 0 && this.#failed.has(this.#keyOf(state));
  }

  #keyOf(state: State): string {
    return `${this.#taken.join()} ${this.#model.key(state)}`;
  }

  #isSame(left: State, right: State): boolean {
    return this.#model.key(left) === this.#model.key(right);
  }

  #isAnswered(place: number): boolean {
    return this.#operations[place]!.answeredAt !== Infinity;
  }

  #isTaken(place: number): boolean {
    return ((this.#taken[place >>> 5]! >>> (place & 31)) & 1) === 1;
  }

  #toggle(place: number): void {
    this.#taken[place >>> 5]! ^= 1 << (place & 31);
  }
}

/** The indices of operations in the order of their invocation. */
function byInvocation(history: readonly Operation<unknown, unknown>[]): number[] {
  return history.map((_, index) => index).sort((left, right) => history[left]!.invokedAt - history[right]!.invokedAt);
}
