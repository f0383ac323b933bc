/** Two machines and one clock read: that a difference of one tick spreads without the log, and never begins with it (FT paper, section 2.1). */
import { describe, expect, test } from 'vitest';
import {
  compareMachines,
  describeComparison,
  firstDifference,
  POINTS,
  type Comparison,
  type Settings,
} from '../../../../src/components/figures/clock-divergence.ts';

function outcome(settings: Settings): Comparison {
  let last: Comparison | undefined;
  for (const comparison of compareMachines(settings)) last = comparison;
  return last!;
}

describe.each([1, 12, 40, 50])('a clock that is one tick ahead at read %i', (read) => {
  test('parts the machines there for good, and the difference spreads', () => {
    const comparison = outcome({ source: 'clock', read, ticks: 1 });
    const first = firstDifference(comparison)!;
    const after = comparison.points.filter(({ position }) => position >= first.position);
    expect(first.position).toBeGreaterThan(comparison.read.at);
    expect(first.position - comparison.read.at).toBeLessThanOrEqual(500);
    expect(after.every(({ hashes }) => hashes[0] !== hashes[1])).toBe(true);
    expect(after.at(-1)!.wordsDiffering).toBeGreaterThan(100);
    expect(after.at(-1)!.wordsDiffering).toBeGreaterThan(first.wordsDiffering);
    expect(comparison.texts[0]).not.toBe(comparison.texts[1]);
  });

  test('changes nothing for a machine that replays the log', () => {
    const comparison = outcome({ source: 'log', read, ticks: 1 });
    expect(comparison.points).toHaveLength(POINTS);
    expect(firstDifference(comparison)).toBeUndefined();
    expect(comparison.points.every(({ wordsDiffering, registersDiffering }) => wordsDiffering + registersDiffering.length === 0)).toBe(
      true,
    );
    expect(comparison.texts[0]).toBe(comparison.texts[1]);
    expect(comparison.texts[0].length).toBeGreaterThan(50);
  });

  test('put into the log, is found by the replay', () => {
    const comparison = outcome({ source: 'damaged-log', read, ticks: 1 });
    const { divergence } = comparison;
    expect(divergence!.position).toBeGreaterThan(comparison.read.at);
    expect(firstDifference(comparison)!.position).toBeGreaterThan(comparison.read.at);
  });
});

test('no difference makes no difference', () => {
  expect(firstDifference(outcome({ source: 'clock', read: 12, ticks: 0 }))).toBeUndefined();
});

test('what the machines came to is said with the values that they read', () => {
  const said = (source: Settings['source']) => {
    const settings = { source, read: 12, ticks: 1 };
    return describeComparison(settings, outcome(settings));
  };
  expect(said('clock')).toMatch(/^At read 12 the clocks showed 10,081 and 10,082\. The states differ from position 10,500 on\./);
  expect(said('log')).toBe(
    'Its own clock would have shown 10,082 at read 12; the log said 10,081. The state hashes agree at all 100 positions.',
  );
  expect(said('damaged-log')).toMatch(
    /^The log said 10,082 where the first machine had read 10,081\. .* Then: replay diverged at position \d+/,
  );
});
