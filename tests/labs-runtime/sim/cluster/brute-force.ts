/** Histories judged without a thought for speed, by trying every sequence of operations: what the checker is compared with. And histories to judge. */
import fc from 'fast-check';
import type { Operation } from '../../../../labs-runtime/sim/cluster/linearizable.ts';

export interface Judgement {
  isLinearizable: boolean;
  /** Most answered operations that any legal sequence has. */
  answeredMax: number;
}

/** What operations should be answered one after the other, and whether two answers are the same. */
export interface Oracle<Input, Output> {
  answers(operations: Operation<Input, Output>[]): Output[];
  isEqual(left: Output, right: Output): boolean;
}

export function judge<Input, Output>(oracle: Oracle<Input, Output>, history: readonly Operation<Input, Output>[]): Judgement {
  const counts = sequences([...history.keys()])
    .filter((order) => isLegal(oracle, history, order))
    .map((order) => order.filter((index) => isAnswered(history[index]!)).length);
  const answeredMax = Math.max(...counts);
  return { isLinearizable: answeredMax === history.filter(isAnswered).length, answeredMax };
}

/** Whether these operations may come first, in that order, and all are answered as they should be. */
export function isLegal<Input, Output>(
  oracle: Oracle<Input, Output>,
  history: readonly Operation<Input, Output>[],
  order: readonly number[],
): boolean {
  const sequence = order.map((index) => history[index]!);
  const outside = history.filter((_, index) => !order.includes(index));
  const isInTime = sequence.every((operation, place) =>
    [...sequence.slice(place + 1), ...outside].every((later) => !(later.answeredAt < operation.invokedAt)),
  );
  if (!isInTime) return false;
  return oracle.answers(sequence).every((answer, place) => {
    const operation = sequence[place]!;
    return !isAnswered(operation) || oracle.isEqual(answer, operation.output as Output);
  });
}

export function isAnswered(operation: Operation<unknown, unknown>): boolean {
  return operation.answeredAt !== Infinity;
}

/** Every sequence of some of the items, none twice. */
function sequences(items: number[]): number[][] {
  return [[], ...items.flatMap((first) => sequences(items.filter((item) => item !== first)).map((rest) => [first, ...rest]))];
}

/** How an operation lies around the moment when it takes effect. */
export interface Interval {
  client: number;
  beforeEvents: number;
  afterEvents: number;
  fate: 'answered' | 'unanswered' | 'without effect';
  /** Where it stands in the list. */
  rank: number;
}

/** Moments lie this many events apart, so that operations of up to `intervals` overlap with a few others. */
const EVENTS_APART = 10;

export const intervals: fc.Arbitrary<Interval> = fc.record({
  client: fc.nat({ max: 3 }),
  beforeEvents: fc.nat({ max: 25 }),
  afterEvents: fc.nat({ max: 25 }),
  fate: fc.oneof(
    { weight: 4, arbitrary: fc.constant('answered' as const) },
    fc.constantFrom('unanswered' as const, 'without effect' as const),
  ),
  rank: fc.nat({ max: 1000 }),
});

/** Operations carried out one after the other, as clients see them that wait a while before and after. Linearizable by construction. */
export function historyOf<Input, Output>(
  oracle: Oracle<Input, Output>,
  planned: readonly { input: Input; interval: Interval }[],
): Operation<Input, Output>[] {
  const operations = planned.map(({ input, interval: { client, beforeEvents, afterEvents, fate } }, place) => ({
    client,
    input,
    output: undefined as Output | undefined,
    invokedAt: place * EVENTS_APART - beforeEvents,
    answeredAt: fate === 'answered' ? place * EVENTS_APART + afterEvents : Infinity,
  }));
  const effective = operations.filter((_, place) => planned[place]!.interval.fate !== 'without effect');
  const answers = oracle.answers(effective);
  effective.forEach((operation, place) => {
    if (isAnswered(operation)) operation.output = answers[place];
  });
  const ranks = new Map(operations.map((operation, place) => [operation, planned[place]!.interval.rank]));
  return operations.sort((left, right) => ranks.get(left)! - ranks.get(right)!);
}
