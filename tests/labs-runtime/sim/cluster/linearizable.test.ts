/** The checker on histories of a register, by hand and against trying every sequence (Herlihy and Wing 1990; Wing and Gong 1993). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLinearizable, type Model, type Operation } from '../../../../labs-runtime/sim/cluster/linearizable.ts';
import { historyOf, intervals, isAnswered, isLegal, judge, type Oracle } from './brute-force.ts';

type Input = { op: 'read' } | { op: 'write' | 'add'; value: number };

/** A register with a number in it, 0 at first. All but a read are answered 0; `add` answers what there was. */
const register: Model<number, Input, number> = {
  start: 0,
  apply: (state, input) => {
    if (input.op === 'read') return { state, output: state };
    return input.op === 'write' ? { state: input.value, output: 0 } : { state: state + input.value, output: state };
  },
  isEqual: (left, right) => left === right,
  key: String,
};

const oracle: Oracle<Input, number> = {
  answers(operations) {
    let content = 0;
    return operations.map(({ input }) => {
      const old = content;
      if (input.op !== 'read') content = input.op === 'write' ? input.value : old + input.value;
      return input.op === 'write' ? 0 : old;
    });
  },
  isEqual: (left, right) => left === right,
};

type RegisterOperation = Operation<Input, number>;

const write = (value: number, invokedAt: number, answeredAt = Infinity): RegisterOperation => ({
  client: 0,
  input: { op: 'write', value },
  output: answeredAt === Infinity ? undefined : 0,
  invokedAt,
  answeredAt,
});

const read = (output: number | undefined, invokedAt: number, answeredAt = Infinity): RegisterOperation => ({
  client: 1,
  input: { op: 'read' },
  output,
  invokedAt,
  answeredAt,
});

const add = (value: number, output: number, invokedAt: number, answeredAt: number): RegisterOperation => ({
  client: 2,
  input: { op: 'add', value },
  output,
  invokedAt,
  answeredAt,
});

const check = (history: RegisterOperation[]) => checkLinearizable(register, history);

describe('a linearizable history', () => {
  it('may be empty', () => {
    expect(check([])).toEqual({ isLinearizable: true, order: [] });
  });

  it('lets concurrent operations take effect in either order', () => {
    expect(check([write(1, 0, 10), write(2, 0, 10), read(1, 11, 12)])).toEqual({ isLinearizable: true, order: [1, 0, 2] });
    expect(check([write(1, 0, 10), write(2, 0, 10), read(2, 11, 12)])).toEqual({ isLinearizable: true, order: [0, 1, 2] });
  });

  it('lets a read see a concurrent write, or not yet', () => {
    expect(check([write(1, 0, 10), read(1, 5, 6)]).isLinearizable).toBe(true);
    expect(check([write(1, 0, 10), read(0, 5, 6)]).isLinearizable).toBe(true);
  });

  it('takes an answer and an invocation with the same number for concurrent', () => {
    expect(check([write(1, 0, 10), read(0, 10, 11)]).isLinearizable).toBe(true);
    expect(check([write(1, 0, 10), read(0, 11, 12)]).isLinearizable).toBe(false);
  });

  it('has an unanswered operation take effect if it must, however late', () => {
    expect(check([write(1, 0), read(0, 5, 6), read(1, 7, 8)])).toEqual({ isLinearizable: true, order: [1, 0, 2] });
  });

  it('has an unanswered operation never take effect if it need not', () => {
    expect(check([write(1, 0), read(undefined, 1), read(0, 5, 6), read(0, 7, 8)])).toEqual({ isLinearizable: true, order: [2, 3] });
  });

  it('may be listed in any order', () => {
    expect(check([read(2, 20, 21), write(2, 10, 11), read(1, 4, 5), write(1, 0, 1)])).toEqual({
      isLinearizable: true,
      order: [3, 2, 1, 0],
    });
  });
});

describe('a history that is not linearizable', () => {
  it('has a stale read: what could come next does not fit', () => {
    expect(check([write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)])).toEqual({ isLinearizable: false, longest: [0, 1], stuck: [2] });
  });

  it('has a value that was never written', () => {
    expect(check([write(1, 0, 10), read(7, 5, 6)])).toEqual({ isLinearizable: false, longest: [0], stuck: [1] });
  });

  it('has a lost update: two that add and both find what there was before', () => {
    expect(check([add(1, 0, 0, 10), add(2, 0, 0, 10)])).toEqual({ isLinearizable: false, longest: [0], stuck: [1] });
  });

  it('has a new value seen before an old one', () => {
    expect(check([write(1, 0, 20), read(1, 1, 2), read(0, 3, 4)]).isLinearizable).toBe(false);
  });

  it('has an unanswered operation take effect before it is invoked', () => {
    expect(check([read(1, 0, 1), write(1, 2)]).isLinearizable).toBe(false);
  });

  it('has an unanswered operation take effect twice', () => {
    expect(check([write(1, 0), read(1, 1, 2), write(2, 3, 4), read(1, 5, 6)]).isLinearizable).toBe(false);
  });
});

describe('the checker of histories', () => {
  it('refuses an operation that is answered before it is invoked', () => {
    expect(() => check([write(1, 0, 1), read(1, 8, 7)])).toThrow('operation 1 is answered at 7, before it is invoked at 8');
    expect(() => check([read(1, 8, NaN)])).toThrow(RangeError);
  });

  it('does not try all subsets of many unanswered operations', () => {
    const unanswered = Array.from({ length: 40 }, (_, index) => write(index + 1, index));
    const reads = [read(5, 50, 51), read(7, 52, 53), read(5, 54, 55)];
    expect(check([...unanswered, ...reads.slice(0, 2)])).toEqual({ isLinearizable: true, order: [4, 40, 6, 41] });
    expect(check([...unanswered, ...reads])).toMatchObject({ isLinearizable: false, longest: [4, 40, 6, 41], stuck: [42] });
  });

  it('does not try twice what has failed: 12 concurrent operations and a wrong answer', () => {
    const writes = Array.from({ length: 12 }, (_, index) => write(index % 3, 0, 10));
    expect(check([...writes, read(9, 11, 12)])).toMatchObject({ isLinearizable: false, stuck: [12] });
  });

  it('tells more than 32 operations apart', () => {
    const history = Array.from({ length: 70 }, (_, index) =>
      index % 2 === 0 ? write(index, index, index) : read(index - 1, index, index),
    );
    expect(check(history)).toEqual({ isLinearizable: true, order: [...history.keys()] });
    history[69] = read(66, 69, 69);
    expect(check(history)).toEqual({ isLinearizable: false, longest: [...history.keys()].slice(0, 69), stuck: [69] });
  });
});

const inputs: fc.Arbitrary<Input> = fc.oneof(
  fc.constant<Input>({ op: 'read' }),
  fc.record({ op: fc.constantFrom('write' as const, 'add' as const), value: fc.integer({ min: 1, max: 2 }) }),
);
const planned = fc.record({ input: inputs, interval: intervals });

describe('random histories', () => {
  it('are accepted if they come from carrying operations out one by one, with an order that shows it', () => {
    fc.assert(
      fc.property(fc.array(planned, { maxLength: 40 }), (plan) => {
        const history = historyOf(oracle, plan);
        const verdict = check(history);
        if (!verdict.isLinearizable) expect.fail(`stuck at ${verdict.stuck.join()}`);
        expect(isLegal(oracle, history, verdict.order)).toBe(true);
        expect(history.filter((operation, index) => isAnswered(operation) && !verdict.order.includes(index))).toEqual([]);
      }),
    );
  });

  it('are judged as by trying every sequence; what is told of those refused is true', () => {
    const counts = { accepted: 0, refused: 0 };
    const changes = fc.array(fc.record({ at: fc.nat(), output: fc.nat({ max: 4 }) }), { maxLength: 2 });
    fc.assert(
      fc.property(fc.array(planned, { minLength: 1, maxLength: 5 }), changes, (plan, changed) => {
        const history = historyOf(oracle, plan);
        for (const { at, output } of changed) {
          const operation = history[at % history.length]!;
          if (isAnswered(operation)) operation.output = output;
        }
        const verdict = check(history);
        const judgement = judge(oracle, history);
        expect(verdict.isLinearizable).toBe(judgement.isLinearizable);
        counts[verdict.isLinearizable ? 'accepted' : 'refused'] += 1;
        if (verdict.isLinearizable) return;
        const { longest, stuck } = verdict;
        expect(isLegal(oracle, history, longest)).toBe(true);
        expect(longest.filter((index) => isAnswered(history[index]!)).length).toBe(judgement.answeredMax);
        const left = [...history.keys()].filter((index) => isAnswered(history[index]!) && !longest.includes(index));
        const canComeNext = (index: number) => left.every((other) => !(history[other]!.answeredAt < history[index]!.invokedAt));
        expect([...stuck].sort()).toEqual(left.filter(canComeNext));
        expect(stuck.length).toBeGreaterThan(0);
        for (const index of stuck) expect(isLegal(oracle, history, [...longest, index])).toBe(false);
      }),
      { numRuns: 1000 },
    );
    expect(counts.accepted).toBeGreaterThan(100);
    expect(counts.refused).toBeGreaterThan(100);
  });
});
