/**
 * Histories of the key-value guests: the model against the one that the guests themselves are compared with, the verdict against trying every
 * sequence of operations on all keys at once, and the sentences for the classical faults (VMware FT, section 2.2: the output requirement).
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyValueCommand, Status } from '../../../../labs-runtime/guests/key-value-protocol.ts';
import {
  explainHistory,
  keyModel,
  type KeyState,
  type KeyValueAnswer,
  type KeyValueOperation,
} from '../../../../labs-runtime/sim/cluster/key-value-history.ts';
import { bytes, KeyValueModel } from '../../guests/key-value-model.ts';
import { historyOf, intervals, isAnswered, judge, type Oracle } from './brute-force.ts';

type Input = KeyValueOperation['input'];

/** The whole store, with all its keys. */
const store: Oracle<Input, KeyValueAnswer> = {
  answers(operations) {
    const model = new KeyValueModel();
    return operations.map(({ client, input }, index) => {
      const { status, value } = model.ask({ ...input, client, request: index + 1 })!;
      return { status, value };
    });
  },
  isEqual: (left, right) => left.status === right.status && Buffer.from(left.value).equals(right.value),
};

const get: KeyValueCommand = { op: 'get' };
const remove: KeyValueCommand = { op: 'delete' };
const put = (value: string): KeyValueCommand => ({ op: 'put', value: bytes(value) });
const append = (value: string): KeyValueCommand => ({ op: 'append', value: bytes(value) });
const compareAndSet = (expected: string, value: string): KeyValueCommand => ({
  op: 'compare-and-set',
  expected: bytes(expected),
  value: bytes(value),
});

/** An operation on key "x" by that client from one event to another. */
function asked(
  client: number,
  invokedAt: number,
  answeredAt: number,
  command: KeyValueCommand,
  status: Status,
  value = '',
): KeyValueOperation {
  return { client, invokedAt, answeredAt, input: { ...command, key: bytes('x') }, output: { status, value: bytes(value) } };
}

function pending(client: number, invokedAt: number, command: KeyValueCommand): KeyValueOperation {
  return { client, invokedAt, answeredAt: Infinity, input: { ...command, key: bytes('x') }, output: undefined };
}

const onKey = (key: string, operation: KeyValueOperation): KeyValueOperation => ({
  ...operation,
  input: { ...operation.input, key: bytes(key) },
});

const values = fc.constantFrom('', 'a', 'b', 'ab');
const commands = fc.oneof(
  { weight: 3, arbitrary: fc.constant(get) },
  fc.constant(remove),
  values.map(put),
  values.map(append),
  fc.tuple(values, values).map(([expected, value]) => compareAndSet(expected, value)),
);

describe('the model of one key', () => {
  it('answers as the model that the guests are compared with, up to the longest value', () => {
    const long = fc.constantFrom('c'.repeat(63), 'd'.repeat(64), 'e'.repeat(128));
    const command = fc.oneof(commands, long.map(put), long.map(append));
    let tooLong = 0;
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (list) => {
        const operations = list.map((each, index) => pending(1, index, each));
        let state: KeyState = keyModel.start;
        const answers = operations.map(({ input }) => {
          const next = keyModel.apply(state, input);
          state = next.state;
          return next.output;
        });
        expect(answers).toEqual(store.answers(operations));
        tooLong += answers.filter(({ status }) => status === 'too long').length;
      }),
    );
    expect(tooLong).toBeGreaterThan(0);
  });

  it('never changes a state', () => {
    const state = bytes('a');
    for (const command of [put('b'), append('b'), compareAndSet('a', 'b'), remove]) keyModel.apply(state, command);
    expect(state).toEqual(bytes('a'));
  });

  it('tells a key that is not there from one with an empty value', () => {
    expect(keyModel.key(undefined)).not.toBe(keyModel.key(bytes('')));
  });
});

describe('a history that has nothing wrong', () => {
  it.each<[string, KeyValueOperation[]]>([
    ['is empty', []],
    ['has a get that finds nothing in an empty store', [asked(1, 0, 1, get, 'not found')]],
    ['has a get beside a put see the new value', [asked(1, 0, 9, put('a'), 'ok'), asked(2, 3, 4, get, 'ok', 'a')]],
    ['has a get beside a put see nothing yet', [asked(1, 0, 9, put('a'), 'ok'), asked(2, 3, 4, get, 'not found')]],
    ['has an unanswered put that took effect', [pending(1, 0, put('a')), asked(2, 5, 6, get, 'not found'), asked(2, 7, 8, get, 'ok', 'a')]],
    ['has an unanswered put that did not take effect', [pending(1, 0, put('a')), asked(2, 5, 6, get, 'not found')]],
    [
      'has appends side by side in either order',
      [asked(1, 0, 9, append('a'), 'ok'), asked(2, 0, 9, append('b'), 'ok'), asked(1, 10, 11, get, 'ok', 'ba')],
    ],
    [
      'has one of two compare-and-sets side by side fail',
      [
        asked(1, 0, 1, put('a'), 'ok'),
        asked(1, 2, 9, compareAndSet('a', 'b'), 'differs', 'c'),
        asked(2, 2, 9, compareAndSet('a', 'c'), 'ok'),
      ],
    ],
    [
      'has a value that is too long for what is appended',
      [
        asked(1, 0, 1, put('a'.repeat(100)), 'ok'),
        asked(1, 2, 3, append('b'.repeat(29)), 'too long'),
        asked(1, 4, 5, append('b'.repeat(28)), 'ok'),
      ],
    ],
    ['has a client that the store had no place for', [asked(1, 0, 1, put('a'), 'too many clients'), asked(2, 2, 3, get, 'not found')]],
    ['has a put that the store had no room for', [asked(1, 0, 1, put('a'), 'no room'), asked(2, 2, 3, get, 'not found')]],
    ['has another value under another key', [asked(1, 0, 1, put('a'), 'ok'), onKey('y', asked(1, 2, 3, get, 'not found'))]],
  ])('%s', (_, history) => {
    expect(explainHistory(history)).toBeUndefined();
  });
});

describe('what is wrong is told in plain words', () => {
  it.each<[string, KeyValueOperation[], string]>([
    [
      'a stale read',
      [asked(1, 1, 5, put('old'), 'ok'), asked(1, 20, 30, put('new'), 'ok'), asked(2, 38, 41, get, 'ok', 'old')],
      'client 2 got "old" for key "x" at event 41 (asked at event 38), after client 1 had been told at event 30 that its put of "new" was done. ' +
        'The only answer that fits is "new".',
    ],
    [
      'a put that is lost',
      [asked(1, 20, 30, put('new'), 'ok'), asked(1, 38, 41, get, 'not found')],
      'client 1 was told for key "x" at event 41 (asked at event 38) that there was no such key, ' +
        'after it had been told at event 30 that its put of "new" was done. The only answer that fits is "new".',
    ],
    [
      'a value that goes back, as another has read the new one while its put was on its way',
      [asked(1, 0, 1, put('old'), 'ok'), pending(1, 2, put('new')), asked(3, 4, 5, get, 'ok', 'new'), asked(2, 6, 7, get, 'ok', 'old')],
      'client 2 got "old" for key "x" at event 7 (asked at event 6), after client 3 had got "new" at event 5. The only answer that fits is "new".',
    ],
    [
      'an update that is lost: both found the same value',
      [asked(1, 0, 1, put('a'), 'ok'), asked(1, 2, 10, compareAndSet('a', 'b'), 'ok'), asked(2, 2, 12, compareAndSet('a', 'c'), 'ok')],
      'client 2 was told for key "x" at event 12 (asked at event 2) that its compare-and-set from "a" to "c" was done, although client 1 had been ' +
        'told at event 10 that its compare-and-set from "a" to "b" was done. The only answer that fits is "differs" with "b".',
    ],
    [
      'an append that is lost',
      [asked(1, 0, 9, append('a'), 'ok'), asked(2, 0, 10, append('b'), 'ok'), asked(3, 11, 12, get, 'ok', 'a')],
      'client 3 got "a" for key "x" at event 12 (asked at event 11), after client 2 had been told at event 10 that its append of "b" was done. ' +
        'The answers that fit are "ab" and "ba".',
    ],
    [
      'an append that is carried out twice',
      [asked(1, 0, 1, append('a'), 'ok'), asked(1, 2, 3, get, 'ok', 'aa')],
      'client 1 got "aa" for key "x" at event 3 (asked at event 2), and no order of the operations explains that. The only answer that fits is "a".',
    ],
    [
      'a value that nobody has written',
      [asked(1, 0, 9, put('a'), 'ok'), asked(2, 3, 4, get, 'ok', 'zzz')],
      'client 2 got "zzz" for key "x" at event 4 (asked at event 3), but no operation until then could have made it so. ' +
        'The answers that fit are "not found" and "a".',
    ],
    [
      'a value that is written only later',
      [asked(2, 3, 4, get, 'ok', 'a'), asked(1, 5, 6, put('a'), 'ok')],
      'client 2 got "a" for key "x" at event 4 (asked at event 3), but no operation until then could have made it so. ' +
        'The only answer that fits is "not found".',
    ],
    [
      'a key deleted that nobody has made',
      [asked(1, 0, 1, remove, 'ok')],
      'client 1 was told for key "x" at event 1 (asked at event 0) that its delete was done, but no operation until then could have made it so. ' +
        'The only answer that fits is "not found".',
    ],
    [
      'a key deleted twice',
      [asked(1, 0, 1, put('a'), 'ok'), asked(1, 2, 9, remove, 'ok'), asked(2, 3, 10, remove, 'ok')],
      'client 2 was told for key "x" at event 10 (asked at event 3) that its delete was done, although client 1 had been told at event 9 that its ' +
        'delete was done. The only answer that fits is "not found".',
    ],
    [
      'a value too long that is let through',
      [asked(1, 0, 1, put('a'.repeat(128)), 'ok'), asked(1, 2, 3, append('b'), 'ok')],
      'client 1 was told for key "x" at event 3 (asked at event 2) that its append of "b" was done, after it had been told at event 1 that its ' +
        `put of "${'a'.repeat(32)}"... (128 bytes) was done. The only answer that fits is "too long".`,
    ],
    [
      'no room for a key that is there',
      [asked(1, 0, 1, put('a'), 'ok'), asked(2, 2, 3, put('b'), 'no room')],
      'client 2 was told for key "x" at event 3 (asked at event 2) that there was no room for its put of "b", ' +
        'after client 1 had been told at event 1 that its put of "a" was done. The only answer that fits is "ok".',
    ],
    [
      'an answer of another kind of operation',
      [asked(1, 0, 1, append('a'), 'differs', 'b')],
      'client 1 was told for key "x" at event 1 (asked at event 0) that the value was "b", which no append is ever told. ' +
        'The only answer that fits is "ok".',
    ],
    [
      'an answer with a value that has none',
      [asked(1, 0, 1, put('a'), 'ok', 'b')],
      'client 1 was told for key "x" at event 1 (asked at event 0) that its put of "a" was done, with a value, "b", that no such answer has. ' +
        'The only answer that fits is "ok".',
    ],
    [
      'a value said to differ from the same',
      [asked(1, 0, 1, put('a'), 'ok'), asked(1, 2, 3, compareAndSet('a', 'b'), 'differs', 'a')],
      'client 1 was told for key "x" at event 3 (asked at event 2) that the value was "a", which is the one that it expected. ' +
        'The only answer that fits is "ok".',
    ],
    [
      'bytes that are no text, and more fitting answers than a reader wants',
      [...['a', 'b', 'c'].map((value, index) => pending(index, 0, put(value))), asked(9, 1, 2, get, 'ok', '\x00\xff')],
      'client 9 got 0x00ff for key "x" at event 2 (asked at event 1), but no operation until then could have made it so. ' +
        'The answers that fit are "not found", "a", "b" and others.',
    ],
  ])('%s', (_, history, explanation) => {
    expect(explainHistory(history)).toBe(explanation);
  });

  const old = [asked(1, 10, 45, put('old'), 'ok'), asked(2, 20, 22, get, 'ok', 'old'), asked(3, 30, 44, put('new'), 'ok')];

  it.each<[string, KeyValueOperation[], string]>([
    [
      'the last that proves it alone, though another that proves nothing was answered later',
      [
        asked(1, 1, 5, put('old'), 'ok'),
        asked(1, 20, 30, put('new'), 'ok'),
        asked(3, 31, 33, get, 'ok', 'new'),
        asked(1, 35, 60, put('newer'), 'ok'),
        asked(2, 40, 70, get, 'ok', 'old'),
      ],
      'after client 3 had got "new" at event 33',
    ],
    [
      'one that it takes, if none proves it alone',
      [asked(1, 0, 1, put('a'), 'ok'), asked(1, 2, 9, remove, 'ok'), asked(3, 2, 10, get, 'not found'), asked(2, 3, 12, remove, 'ok')],
      'although client 1 had been told at event 9 that its delete was done',
    ],
    [
      'not one that may have come before',
      [...old, asked(4, 0, 47, put('any'), 'ok'), asked(5, 60, 65, get, 'ok', 'old')],
      'after client 3 had been told at event 44 that its put of "new" was done',
    ],
    [
      'the last against it, if any could be spared',
      [...old, asked(4, 32, 46, get, 'ok', 'new'), asked(5, 60, 65, get, 'ok', 'old')],
      'after client 4 had got "new" at event 46',
    ],
  ])('and the operation named against it is %s', (_, history, witness) => {
    expect(explainHistory(history)).toContain(`, ${witness}. The `);
  });

  it('of several wrong answers the first is told, of whichever key', () => {
    const history = [
      asked(1, 0, 1, put('a'), 'ok'),
      asked(1, 8, 9, get, 'not found'),
      onKey('y', asked(2, 4, 5, get, 'ok', 'b')),
      asked(1, 10, 11, get, 'ok', 'c'),
    ];
    expect(explainHistory(history)).toContain('client 2 got "b" for key "y" at event 5');
    expect(explainHistory(history.filter((_, index) => index !== 2))).toContain('for key "x" at event 9');
  });

  it('clients are called as the caller wants', () => {
    const history = [asked(1, 0, 1, put('a'), 'ok'), asked(2, 2, 3, get, 'not found')];
    expect(explainHistory(history, (client) => `client ${'?AB'[client]}`)).toMatch(/^client B was told.*after client A had been told/);
  });

  it('the same answer may be one object in many operations', () => {
    const done: KeyValueAnswer = { status: 'ok', value: bytes('') };
    const history = [asked(1, 0, 1, put('a'), 'ok'), asked(1, 3, 9, remove, 'ok'), asked(2, 2, 10, remove, 'ok')];
    for (const operation of history) operation.output = done;
    expect(explainHistory(history)).toMatch(/told at event 9 that its delete was done\. The only answer that fits is "not found"\.$/);
  });

  it('an answer without its output is refused, and so is one before its request', () => {
    expect(() => explainHistory([{ ...asked(1, 0, 1, get, 'ok'), output: undefined }])).toThrow(
      'operation 0 is answered at 1 but has no output',
    );
    expect(() => explainHistory([asked(1, 3, 2, get, 'not found')])).toThrow(RangeError);
  });
});

const planned = fc.record({
  input: fc.tuple(commands, fc.constantFrom('x', 'y')).map(([command, key]): Input => ({ ...command, key: bytes(key) })),
  interval: intervals,
});

const answers: fc.Arbitrary<KeyValueAnswer> = fc.oneof(
  fc.constantFrom<Status>('ok', 'not found', 'too long').map((status) => ({ status, value: bytes('') })),
  fc.tuple(fc.constantFrom<Status>('ok', 'differs'), values).map(([status, value]) => ({ status, value: bytes(value) })),
);

/** The history as it stood after an event. */
function asOf(history: KeyValueOperation[], event: number): KeyValueOperation[] {
  return history
    .filter(({ invokedAt }) => invokedAt <= event)
    .map((operation) => (operation.answeredAt <= event ? operation : { ...operation, output: undefined, answeredAt: Infinity }));
}

describe('random histories of two keys', () => {
  it('have nothing wrong if they come from carrying operations out one by one', () => {
    fc.assert(
      fc.property(fc.array(planned, { maxLength: 40 }), (plan) => {
        expect(explainHistory(historyOf(store, plan))).toBeUndefined();
      }),
    );
  });

  it('are judged as by trying every sequence on the whole store; the answer that is told is the first wrong one', () => {
    const counts = { accepted: 0, refused: 0 };
    const changes = fc.array(fc.record({ at: fc.nat(), output: answers }), { maxLength: 2 });
    fc.assert(
      fc.property(fc.array(planned, { minLength: 1, maxLength: 5 }), changes, (plan, changed) => {
        const history = historyOf(store, plan);
        for (const { at, output } of changed) {
          const operation = history[at % history.length]!;
          if (isAnswered(operation)) operation.output = output;
        }
        const explanation = explainHistory(history);
        expect(explanation === undefined).toBe(judge(store, history).isLinearizable);
        counts[explanation === undefined ? 'accepted' : 'refused'] += 1;
        if (explanation === undefined) return;
        const event = Number(/at event (-?\d+)/.exec(explanation)![1]);
        expect(judge(store, asOf(history, event)).isLinearizable, explanation).toBe(false);
        expect(judge(store, asOf(history, event - 1)).isLinearizable, explanation).toBe(true);
      }),
      { numRuns: 1000 },
    );
    expect(counts.accepted).toBeGreaterThan(100);
    expect(counts.refused).toBeGreaterThan(100);
  });

  it('are refused once a get has a value that no order allows', () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.array(planned, { maxLength: 20 }), fc.nat(), (plan, at) => {
        const history = historyOf(store, plan);
        const gets = history.filter((operation) => isAnswered(operation) && operation.input.op === 'get');
        if (gets.length === 0) return;
        gets[at % gets.length]!.output = { status: 'ok', value: bytes('never') };
        expect(explainHistory(history)).toMatch(/ got "never" .*, but no operation until then could have made it so\. The .+ fits? .+\.$/);
        refused += 1;
      }),
    );
    expect(refused).toBeGreaterThan(20);
  });
});
