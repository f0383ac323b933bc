/** Lost updates on one core: that runs differ, that each log repeats its own run exactly, and the model of two cores beside it. */
import { describe, expect, test } from 'vitest';
import { interleavings } from '../../../../src/components/figures/interleavings.ts';
import { ADDITIONS, describeRuns, loseUpdates, RUNS, type Run } from '../../../../src/components/figures/lost-update.ts';

function runsOf(interruptEvery: number, seed = 1): readonly Run[] {
  let last: readonly Run[] = [];
  for (const runs of loseUpdates({ interruptEvery, seed })) last = runs;
  return last;
}

describe.each([50, 100, 200, 500, 1000])('threads that are switched every %i attempts', (interruptEvery) => {
  const runs = runsOf(interruptEvery);

  test('end, lose updates, and not the same ones in each run', () => {
    expect(runs).toHaveLength(RUNS);
    expect(runs.every(({ counter }) => counter > 0 && counter <= ADDITIONS)).toBe(true);
    expect(new Set(runs.map(({ counter }) => counter)).size).toBeGreaterThan(RUNS / 4);
  });

  test('are replayed to the same state from a log of interrupts', () => {
    expect(runs.filter(({ hash, replayed }) => hash !== replayed.hash)).toEqual([]);
    expect(runs.filter(({ counter, replayed }) => counter !== replayed.counter)).toEqual([]);
  });
});

test('the same seeds give the same runs, others do not', () => {
  expect(runsOf(100, 7)).toEqual(runsOf(100, 7));
  expect(runsOf(100, 7)).not.toEqual(runsOf(100, 8));
});

test('the runs are summed up in words', () => {
  const run = { counter: 700, entries: 10, logBytes: 40, hash: 'a', replayed: { counter: 700, hash: 'a' } };
  const other = { ...run, counter: 900, entries: 20, replayed: { counter: 1, hash: 'b' } };
  expect(describeRuns([run])).toBe(
    'Counters from 700 to 700 of 1,000. Each replay ended in the very state of its run. A log had 10 entries in 40 bytes on average, for 2,000 accesses to the counter.',
  );
  expect(describeRuns([run, other])).toMatch(
    /^Counters from 700 to 900 of 1,000\. Only 1 of 2 replays ended in the state of their run\. A log had 15 entries/,
  );
});

test('two cores with three steps each have 20 interleavings, of which 2 lose no update', () => {
  const all = interleavings();
  expect(new Set(all.map(({ order }) => order.join(''))).size).toBe(20);
  expect(all.every(({ order }) => order.filter((core) => core === 'a').length === 3)).toBe(true);
  expect(all.filter(({ result }) => result === 2).map(({ order }) => order.join(''))).toEqual(['aaabbb', 'bbbaaa']);
  expect(all.filter(({ result }) => result === 1)).toHaveLength(18);
});
