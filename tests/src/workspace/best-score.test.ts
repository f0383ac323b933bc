import { expect, test } from 'vitest';
import { keepBestScore } from '../../../src/workspace/best-score.ts';
import type { KeyValueStore } from '../../../src/workspace/storage.ts';

const key = 'lockstep:best:output-rule';

/** A store with the lab's score in it as stored, and what reads it. */
function storeWith(stored?: string): { store: KeyValueStore; score: () => unknown } {
  const values = new Map(stored === undefined ? [] : [[key, stored]]);
  const store = {
    get: (name: string) => values.get(name),
    set: (name: string, value: string) => void values.set(name, value),
    keys: () => [...values.keys()],
  };
  return { store, score: () => JSON.parse(values.get(key) ?? 'null') };
}

test('the first score is kept, a better one replaces it, and a lower or equal one does not', () => {
  const { store, score } = storeWith();
  const kept = [20, 10, 20, 90, 89].map((points) => {
    keepBestScore(store, 'output-rule', { points, pointsMax: 100 });
    return score();
  });
  expect(kept).toEqual([20, 20, 20, 90, 90].map((points) => ({ points, pointsMax: 100 })));
});

test('scores of a lab whose points have changed are compared by their share', () => {
  const { store, score } = storeWith('{"points":40,"pointsMax":50}');
  keepBestScore(store, 'output-rule', { points: 60, pointsMax: 100 });
  expect(score()).toEqual({ points: 40, pointsMax: 50 });
  keepBestScore(store, 'output-rule', { points: 85, pointsMax: 100 });
  expect(score()).toEqual({ points: 85, pointsMax: 100 });
});

test.each(['', 'nonsense', '7', '{"points":"9"}', '{"points":200,"pointsMax":100}'])('%j in its place counts as no score', (stored) => {
  const { store, score } = storeWith(stored);
  keepBestScore(store, 'output-rule', { points: 5, pointsMax: 100 });
  expect(score()).toEqual({ points: 5, pointsMax: 100 });
});

test('a store that refuses is no failure', () => {
  const refuse = () => {
    throw new Error('refused');
  };
  expect(() => keepBestScore({ get: refuse, set: refuse, keys: refuse }, 'output-rule', { points: 5, pointsMax: 100 })).not.toThrow();
});
