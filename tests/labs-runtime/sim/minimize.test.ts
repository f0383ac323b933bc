import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minimize } from '../../../labs-runtime/sim/minimize.ts';

const includesAll = (needed: number[]) => (events: number[]) => needed.every((event) => events.includes(event));

describe('minimize', () => {
  test('leaves exactly the events that the failure needs, in their order', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(1000), { minLength: 1, maxLength: 60 }), fc.func(fc.boolean()), (events, isNeeded) => {
        const needed = events.filter((event) => isNeeded(event));
        expect(minimize(events, includesAll(needed), 100_000)).toEqual(needed);
      }),
    );
  });

  test('no single event can be left out of what it returns', () => {
    const fails = (events: number[]) => events.filter((event) => event % 2 === 0).length >= 3;
    const shortest = minimize(
      Array.from({ length: 50 }, (_, index) => index),
      fails,
      10_000,
    );
    expect(fails(shortest)).toBe(true);
    for (const index of shortest.keys()) expect(fails(shortest.toSpliced(index, 1))).toBe(false);
  });

  test('keeps to its allowance of runs and still returns a failing list', () => {
    let runs = 0;
    const events = Array.from({ length: 40 }, (_, index) => index);
    const fails = (candidate: number[]) => {
      runs += 1;
      return includesAll([3, 21])(candidate);
    };
    const shortest = minimize(events, fails, 7);
    expect(runs).toBe(7);
    expect(includesAll([3, 21])(shortest)).toBe(true);
  });
});
