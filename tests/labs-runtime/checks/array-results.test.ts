import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { replaceArrayResults } from '../../../labs-runtime/checks/builtins/array-results.ts';

type Name = 'map' | 'filter' | 'slice' | 'splice';

const names: Name[] = ['map', 'filter', 'slice', 'splice'];
const prototype = Array.prototype as unknown as Record<Name, (...inputs: unknown[]) => unknown>;
const engines = Object.fromEntries(names.map((name) => [name, prototype[name]])) as Record<Name, (...inputs: unknown[]) => unknown>;
replaceArrayResults();
const ours = Object.fromEntries(names.map((name) => [name, prototype[name]])) as typeof engines;

afterAll(() => void Object.assign(prototype, engines));

/** What a method makes of a copy of an array: its result or error, what is left of the array, and what a function given to it saw. */
function outcome(method: (...inputs: unknown[]) => unknown, items: unknown[], inputs: unknown[]): unknown {
  const seen: unknown[] = [];
  const copy = Reflect.apply(engines.slice, items, []) as unknown[];
  const given = Reflect.apply(engines.map, inputs, [(input: unknown) => (typeof input === 'function' ? input(seen, copy) : input)]);
  try {
    return [Reflect.apply(method, copy, given as unknown[]), copy, seen];
  } catch (error) {
    return [(error as Error).name, copy, seen];
  }
}

/** Functions for `map` and `filter` that note what they are given, and may change the array that is being walked. */
type MakeCallback = (seen: unknown[], items: unknown[]) => (this: unknown, item: unknown, index: number) => unknown;

const callbacks: MakeCallback[] = [
  (seen) =>
    function (item, index) {
      seen.push([this, item, index]);
      return index % 2 === 0;
    },
  (seen, items) =>
    function (item, index) {
      seen.push(item);
      if (index === 1) items.length = 2;
      if (index === 0) items.push('more');
      return item;
    },
  () => () => {
    throw new RangeError('enough');
  },
];

const items = fc.oneof(
  fc.sparseArray(fc.integer(), { maxLength: 12 }),
  fc.array(fc.constantFrom(undefined, null, 0, 'a'), { maxLength: 12 }),
);
const place = fc.oneof(fc.integer({ min: -15, max: 15 }), fc.constantFrom(undefined, null, NaN, Infinity, -Infinity, -0, 1.7, '2', {}, 3n));
const inputsOf: Record<Name, fc.Arbitrary<unknown[]>> = {
  map: fc.tuple(fc.constantFrom<unknown>(...callbacks, undefined, 1), fc.constantFrom(undefined, null, 'self')),
  filter: fc.tuple(fc.constantFrom<unknown>(...callbacks, undefined, 1), fc.constantFrom(undefined, null, 'self')),
  slice: fc.array(place, { maxLength: 2 }),
  splice: fc
    .tuple(fc.array(place, { maxLength: 2 }), fc.array(fc.integer(), { maxLength: 4 }))
    .map(([places, added]) => (places.length < 2 ? places : [...places, ...added])),
};

describe('array methods that make arrays', () => {
  test.each(names)('%s does what the engine’s does', (name) => {
    fc.assert(
      fc.property(items, inputsOf[name], (array, inputs) => {
        const [expected, found] = [outcome(engines[name], array, inputs), outcome(ours[name], array, inputs)];
        // Holes differ from undefined here, which they do not for every matcher.
        if (!isDeepStrictEqual(found, expected)) expect(found).toEqual(expected);
        return isDeepStrictEqual(found, expected);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(names)('%s leaves to the engine what is no array', (name) => {
    const like = (): object => ({ length: 2, 0: 'a', 1: 'b' });
    const inputs = name === 'map' || name === 'filter' ? [() => true] : [0, 1];
    const [expected, found] = [engines, ours].map((methods) => {
      const self = like();
      return [Reflect.apply(methods[name], self, inputs), self];
    });
    expect(found).toStrictEqual(expected);
  });

  test.each(names)('%s has the name and length of the engine’s', (name) => {
    expect([ours[name].name, ours[name].length]).toEqual([engines[name].name, engines[name].length]);
  });
});
