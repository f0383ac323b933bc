/** The line that says how far a class is: it fits, counts right, and promises no pace that it does not know. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { progressLine } from '../../grader/progress.ts';

test('has a bar, a count, a pace and what is left', () => {
  const line = progressLine({ done: 300, known: 0, total: 1000, elapsedMs: 180_000 }, 79);
  expect(line).toBe(`${'█'.repeat(9)}${'░'.repeat(21)} 300 of 1000, 100 a minute, 7 min 0 s left`);
  expect(progressLine({ done: 2, known: 0, total: 1000, elapsedMs: 60_000 }, 20)).toBe('2 of 1000, 2.0 a min');
});

test('counts no pace from what was known, before anything is done, or at the end', () => {
  expect(progressLine({ done: 500, known: 500, total: 1000, elapsedMs: 1000 }, 79)).toMatch(/ 500 of 1000$/);
  expect(progressLine({ done: 0, known: 0, total: 10, elapsedMs: 0 }, 79)).toMatch(/ 0 of 10$/);
  expect(progressLine({ done: 10, known: 0, total: 10, elapsedMs: 1000 }, 79)).toMatch(/^█{30} 10 of 10$/);
  expect(progressLine({ done: 600, known: 500, total: 1000, elapsedMs: 60_000 }, 79)).toContain(', 100 a minute, 4 min 0 s left');
});

test('never is longer than its place', () => {
  const counts = fc
    .tuple(fc.nat(5000), fc.nat(5000), fc.nat(5000))
    .map((three) => three.toSorted((a, b) => a - b) as [number, number, number]);
  fc.assert(
    fc.property(counts, fc.nat(10 ** 9), fc.integer({ min: 5, max: 200 }), ([known, done, total], elapsedMs, width) => {
      fc.pre(total > 0);
      expect(progressLine({ known, done, total, elapsedMs }, width).length).toBeLessThanOrEqual(width);
    }),
  );
});
