/** Lag control, step by step and against simulated backups (VMware FT, section 3.2). Time is simulated. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lagDefaults, start, step } from '../../../labs-runtime/ft/lag.ts';
import type { LagEffect, LagOptions, LagState } from '../../../labs-runtime/ft/lag.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';

/** Tells the time, then a lag. */
function tell(state: LagState, nowMs: number, lagMs: number): LagEffect[] {
  return [...step(state, { kind: 'time', nowMs }), ...step(state, { kind: 'lag', lagMs })];
}

/** Tells lags 100 ms apart, from 100 ms on, and returns the share after each. */
function sharesFor(lags: number[], state = start(lagDefaults)): number[] {
  const firstMs = state.nowMs + 100;
  return lags.map((lagMs, index) => {
    tell(state, firstMs + 100 * index, lagMs);
    return state.sharePercent;
  });
}

describe('lag control', () => {
  test('leaves a primary alone whose backup keeps up', () => {
    expect(sharesFor([0, 90, 20, 999, 600, 1000, 0])).toEqual([100, 100, 100, 100, 100, 100, 100]);
  });

  test('lowers the share a step at a time while a lag past the bound does not shrink', () => {
    const state = start(lagDefaults);
    expect(tell(state, 100, 1001)).toEqual([{ kind: 'share', percent: 95 }]);
    expect(tell(state, 200, 1001)).toEqual([{ kind: 'share', percent: 90 }]);
    expect(tell(state, 300, 1060)).toEqual([{ kind: 'share', percent: 85 }]);
  });

  test('lowers it as well while the lag shrinks so slowly that it would not end, and no further once it shrinks by half a step', () => {
    // In 100 ms, half a step of 5 percent is 2.5 ms.
    expect(sharesFor([2000, 1998, 1995.5, 1990])).toEqual([95, 90, 90, 90]);
  });

  test('holds the share between calm and the bound, whether the lag grows or shrinks', () => {
    expect(sharesFor([1100, 1000, 700, 999, 500, 501])).toEqual([95, 95, 95, 95, 95, 95]);
  });

  test('raises the share when the lag is calm and does not grow', () => {
    expect(sharesFor([1100, 1200, 700, 499, 499, 500, 10, 5])).toEqual([95, 90, 90, 95, 100, 100, 100, 100]);
    expect(sharesFor([1100, 1200, 200, 201, 300, 299])).toEqual([95, 90, 95, 95, 95, 100]);
  });

  test('looks once in each adjustEveryMs, however many lags it is told, and waits for a lag when it is told none', () => {
    const state = start(lagDefaults);
    expect(tell(state, 99, 5000)).toEqual([]);
    expect(tell(state, 100, 5000)).toHaveLength(1);
    expect(tell(state, 100, 6000)).toEqual([]);
    expect(tell(state, 199, 7000)).toEqual([]);
    expect(step(state, { kind: 'time', nowMs: 900 })).toEqual([]);
    expect(tell(state, 900, 7000)).toEqual([{ kind: 'share', percent: 90 }]);
  });

  test('never goes below the least share nor above all of it, and asks for no share twice', () => {
    const state = start({ ...lagDefaults, stepPercent: 30 });
    const asked = (lags: number[], firstMs: number) => lags.flatMap((lagMs, index) => tell(state, firstMs + 100 * index, lagMs));
    expect(asked([2000, 3000, 4000, 5000, 6000], 100)).toEqual([70, 40, 20].map((percent) => ({ kind: 'share', percent })));
    expect(asked([100, 50, 20, 0, 0], 600)).toEqual([50, 80, 100].map((percent) => ({ kind: 'share', percent })));
  });

  test('gives the whole share back when the peer is lost, and then listens to no lag', () => {
    const state = start(lagDefaults);
    expect(sharesFor([2000, 3000], state)).toEqual([95, 90]);
    expect(step(state, { kind: 'peer lost' })).toEqual([{ kind: 'share', percent: 100 }]);
    expect(step(state, { kind: 'peer lost' })).toEqual([]);
    expect(sharesFor([4000, 9000], state)).toEqual([100, 100]);
  });
});

/** What a simulated pair goes through, by time. */
interface Moment {
  nowMs: number;
  sharePercent: number;
  lagMs: number;
}

interface Pair {
  options: LagOptions;
  /** The backup's speed at a time, in percent of a primary with its full share. */
  speedAt: (nowMs: number) => number;
  firstLagMs: number;
  untilMs: number;
  /** Time to the next lag told, in whole milliseconds. */
  nextInterval: () => number;
  /** By how much a told lag is late, or the place of the backup in it; none when absent. */
  lateMs?: { of: 'lag' | 'place'; next: () => number };
}

/** Runs a primary under lag control, and its backup. The state is copied at each step, so that it has to be plain data. */
function runPair({ options, speedAt, firstLagMs, untilMs, nextInterval, lateMs }: Pair): Moment[] {
  let state = start(options);
  let [primaryMs, backupMs, untilNextLagMs] = [firstLagMs, 0, nextInterval()];
  const moments: Moment[] = [];
  const past: { primaryMs: number; backupMs: number }[] = [{ primaryMs, backupMs }];
  for (let nowMs = 1; nowMs <= untilMs; nowMs++) {
    primaryMs += state.sharePercent / 100;
    backupMs = Math.min(primaryMs, backupMs + speedAt(nowMs) / 100);
    past.push({ primaryMs, backupMs });
    if (--untilNextLagMs > 0) continue;
    untilNextLagMs = nextInterval();
    const then = past[Math.max(0, nowMs - (lateMs?.next() ?? 0))]!;
    state = structuredClone(state);
    tell(state, nowMs, (lateMs?.of === 'lag' ? then.primaryMs : primaryMs) - then.backupMs);
    moments.push({ nowMs, sharePercent: state.sharePercent, lagMs: primaryMs - backupMs });
  }
  return moments;
}

/** Moments after the pair has settled: the share has been at or below the backup's speed, and the lag has come back below the bound. */
function settled(moments: Moment[], { lagMsMax }: LagOptions, speedPercent: number): Moment[] {
  const lowered = moments.findIndex(({ sharePercent }) => sharePercent <= speedPercent);
  const from = moments.findIndex(({ lagMs }, index) => index > lowered && lowered >= 0 && lagMs <= lagMsMax);
  expect(from).toBeGreaterThan(0);
  return moments.slice(from);
}

const intervalMsMax = 60;
const lookMsMax = (options: LagOptions): number => options.adjustEveryMs + intervalMsMax;
const seeds = fc.nat();
/** Whole numbers from `min` to `max` by chance, from a seed. */
const numbers = (seed: number, min: number, max: number): (() => number) => {
  const prng = createPrng(seed);
  return () => min + prng.int(max - min + 1);
};
const intervals = (seed: number) => numbers(seed, 1, intervalMsMax);
/** Speeds in percent, whole ones and others. */
const speed = fc.oneof(fc.integer({ min: 40, max: 97 }), fc.double({ min: 40, max: 97, noNaN: true }));
const options = fc.record({
  lagMsMax: fc.constantFrom(300, 1000),
  lagMsCalm: fc.constantFrom(100, 200),
  adjustEveryMs: fc.constantFrom(50, 100, 250),
  stepPercent: fc.constantFrom(2, 5, 10),
  sharePercentMin: fc.constant(20),
});
/** What rounding can add. */
const slack = 1e-6;

/** The stated bound on the lag of a backup that has always been so fast. */
function peakMsOf({ lagMsMax, stepPercent, ...others }: LagOptions, speedPercent: number): number {
  const lookMs = lookMsMax({ lagMsMax, stepPercent, ...others });
  return lagMsMax + (lookMs * (100 - speedPercent + stepPercent) ** 2) / (200 * stepPercent);
}

/** A pair that runs until a minute after it has surely settled: the lag has grown past the bound, and was worked off at half a step. */
function pairOf(options: LagOptions, speedPercent: number, seed: number): Pair {
  const growingMs = (100 * options.lagMsMax) / (100 - speedPercent);
  const shrinkingMs = (200 * (peakMsOf(options, speedPercent) - options.lagMsMax)) / options.stepPercent;
  const untilMs = growingMs + shrinkingMs + 60_000;
  return { options, speedAt: () => speedPercent, firstLagMs: 0, untilMs, nextInterval: intervals(seed) };
}

/** Asserts that every share is within the band of the doc comment, widened by so many percent each way. */
function expectBand(moments: Moment[], { stepPercent }: LagOptions, speedPercent: number, widerPercent = 0): void {
  const shares = moments.map(({ sharePercent }) => sharePercent);
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(speedPercent - 1.5 * stepPercent - widerPercent - slack);
  expect(Math.max(...shares)).toBeLessThanOrEqual(speedPercent + stepPercent + widerPercent + slack);
}

describe('against a backup of constant speed', () => {
  const runs = { numRuns: 25 };

  test.each([40, 55, 70, 80, 90, 95, 99])('of %i percent, the defaults settle within the stated band and bounds', (percent) => {
    const pair = { options: lagDefaults, speedAt: () => percent, firstLagMs: 0, untilMs: 300_000, nextInterval: () => 20 };
    const moments = runPair(pair);
    const after = settled(moments, lagDefaults, percent);
    expect(after.at(-1)!.nowMs - after[0]!.nowMs).toBeGreaterThan(150_000);
    expectBand(after, lagDefaults, percent);
    expect(Math.max(...after.map(({ lagMs }) => lagMs))).toBeLessThanOrEqual(1000 + (120 * 5) / 100);
    expect(Math.min(...after.map(({ lagMs }) => lagMs))).toBeGreaterThan(450);
  });

  test('the share stays in the band and the lag below its bound, for any options, speeds and times of telling', () => {
    fc.assert(
      fc.property(options, speed, seeds, (chosen, percent, seed) => {
        const moments = runPair(pairOf(chosen, percent, seed));
        expect(Math.max(...moments.map(({ lagMs }) => lagMs))).toBeLessThanOrEqual(peakMsOf(chosen, percent));
        const after = settled(moments, chosen, percent);
        expectBand(after, chosen, percent);
        const boundMs = chosen.lagMsMax + (lookMsMax(chosen) * chosen.stepPercent) / 100;
        expect(Math.max(...after.map(({ lagMs }) => lagMs))).toBeLessThanOrEqual(boundMs + slack);
      }),
      runs,
    );
  });

  test('within the band it moves one or two steps at a time, and then rests for seconds', () => {
    const moments = settled(
      runPair({ options: lagDefaults, speedAt: () => 78, firstLagMs: 0, untilMs: 300_000, nextInterval: () => 20 }),
      lagDefaults,
      78,
    );
    const changes = moments.filter(({ sharePercent }, index) => index > 0 && sharePercent !== moments[index - 1]!.sharePercent);
    expect(changes.length).toBeGreaterThan(4);
    expect(changes.length).toBeLessThan(300_000 / 5000);
  });

  test('lags that are told late widen the band by one step', () => {
    fc.assert(
      fc.property(options, speed, seeds, fc.nat({ max: 250 }), (chosen, percent, seed, late) => {
        const lateMs = Math.min(late, chosen.adjustEveryMs);
        const moments = runPair({ ...pairOf(chosen, percent, seed), lateMs: { of: 'lag', next: () => lateMs } });
        expectBand(settled(moments, chosen, percent), chosen, percent, chosen.stepPercent);
      }),
      runs,
    );
  });

  test('delays that vary widen the band in proportion', () => {
    fc.assert(
      fc.property(options, speed, seeds, fc.nat({ max: 40 }), (chosen, percent, seed, max) => {
        const moments = runPair({ ...pairOf(chosen, percent, seed), lateMs: { of: 'place', next: numbers(seed + 1, 0, max) } });
        expectBand(settled(moments, chosen, percent), chosen, percent, (100 * max) / chosen.adjustEveryMs);
      }),
      runs,
    );
  });

  test('a backup that is slower than the least share leaves the share at its least', () => {
    const moments = runPair({ options: lagDefaults, speedAt: () => 10, firstLagMs: 0, untilMs: 60_000, nextInterval: () => 20 });
    expect(moments.filter(({ nowMs }) => nowMs > 5000).every(({ sharePercent }) => sharePercent === 20)).toBe(true);
  });
});

describe('after trouble', () => {
  test('the share is whole again, and the lag small, soon after the backup is as fast as the primary', () => {
    fc.assert(
      fc.property(speed, fc.integer({ min: 100, max: 400 }), seeds, (slow, fast, seed) => {
        const speedAt = (nowMs: number) => (nowMs <= 60_000 ? slow : fast);
        const moments = runPair({ options: lagDefaults, speedAt, firstLagMs: 0, untilMs: 180_000, nextInterval: intervals(seed) });
        const last = moments.filter(({ nowMs }) => nowMs > 150_000);
        expect(last.every(({ sharePercent, lagMs }) => sharePercent === 100 && lagMs <= lagDefaults.lagMsMax)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  test('a lag of ten seconds is worked off, at half a step or faster, and does not come back', () => {
    fc.assert(
      fc.property(speed, seeds, (percent, seed) => {
        const moments = runPair({
          options: lagDefaults,
          speedAt: () => percent,
          firstLagMs: 10_000,
          untilMs: 450_000,
          nextInterval: intervals(seed),
        });
        const peakMs = 10_000 + (lookMsMax(lagDefaults) * (105 - percent) ** 2) / 1000;
        expect(Math.max(...moments.map(({ lagMs }) => lagMs))).toBeLessThanOrEqual(peakMs);
        const recoveredMs = moments.find(({ lagMs }) => lagMs <= lagDefaults.lagMsMax)!.nowMs;
        expect(recoveredMs).toBeLessThanOrEqual(3000 + (peakMs - lagDefaults.lagMsMax) / 0.025);
        const after = moments.filter(({ nowMs }) => nowMs >= recoveredMs);
        expect(Math.max(...after.map(({ lagMs }) => lagMs))).toBeLessThanOrEqual(1000 + (lookMsMax(lagDefaults) * 5) / 100 + slack);
      }),
      { numRuns: 10 },
    );
  });
});
