/** The figure on lag: the pair in it behaves as section 3.2 of the paper says, and what it shows is what the machines did. */
import { beforeAll, describe, expect, test } from 'vitest';
import { guests } from '../../../../labs-runtime/guests/index.ts';
import {
  describeLag,
  entries,
  formatMs,
  LAG_MAX_MS,
  runLaggingPair,
  SAMPLE_MS,
  type LagControls,
  type LagFrame,
} from '../../../../src/components/figures/lag.ts';

let image: Uint8Array;
beforeAll(async () => {
  image = await guests.clockwork.load();
});

const defaults: LagControls = { backupShare: 0.7, bufferEntries: 16_000, shareControl: false, primaryStopped: false };

/** Runs for so long, then pulls the primary's plug if that is wished, and runs to the end. Frames are copied: a run goes on changing its own. */
function run(controls: Partial<LagControls>, forMs: number, pullPlug = false): LagFrame[] {
  const set = { ...defaults, ...controls };
  const frames: LagFrame[] = [];
  for (const frame of runLaggingPair(image, () => set)) {
    frames.push({ ...frame, samples: [frame.samples.at(-1)!] });
    if (frames.length * SAMPLE_MS < forMs) continue;
    if (!pullPlug) break;
    set.primaryStopped = true;
  }
  return frames;
}

const lagOf = (frame: LagFrame) => frame.samples.at(-1)!.lagMs;

describe('a backup with as much processor time as the primary', () => {
  test('stays a few milliseconds behind, with small buffers too, and never stalls the primary', () => {
    const frames = run({ backupShare: 1, bufferEntries: 1000 }, 3000);
    expect(Math.max(...frames.map(lagOf))).toBeLessThan(5);
    expect(frames.at(-1)!.stalledMs).toBe(0);
  });

  test('is never less than one entry behind while the primary runs', () => {
    expect(run({ backupShare: 1.1 }, 3000).every((frame) => frame.lagEntries > 0)).toBe(true);
  });
});

describe('a backup with less processor time', () => {
  test('falls behind by the difference of the speeds', () => {
    expect(lagOf(run({ backupShare: 0.7 }, 2000).at(-1)!)).toBeCloseTo(600, -2);
  });

  test('fills its own buffer first, then the primary’s, which stalls and holds no more', () => {
    const frames = run({ bufferEntries: 1000 }, 6000);
    const fillsFirst = frames.find((frame) => frame.primaryHeld > 500)!;
    expect(fillsFirst.backupHeld).toBeGreaterThan(950);
    expect(frames.every((frame) => frame.primaryHeld <= 1000 && frame.backupHeld <= 1000)).toBe(true);
    expect(frames.at(-1)!.stalledMs).toBeGreaterThan(500);
    expect(Math.max(...frames.map(lagOf))).toBeLessThan(LAG_MAX_MS);
  });

  test('gets its lag back under the bound by the share control, without one stall (section 3.2)', () => {
    const frames = run({ shareControl: true }, 25_000);
    expect(Math.max(...frames.map(lagOf))).toBeGreaterThan(LAG_MAX_MS);
    expect(lagOf(frames.at(-1)!)).toBeLessThan(LAG_MAX_MS / 2);
    expect(frames.at(-1)!.stalledMs).toBe(0);
    const last = frames.at(-1)!.samples[0]!;
    expect(last.limit).toBeGreaterThan(0.55);
    expect(last.limit).toBeLessThan(0.85);
  });

  test('has the primary at full speed again soon after the share control is switched off', () => {
    const set = { ...defaults, shareControl: true };
    const limits: number[] = [];
    for (const { samples } of runLaggingPair(image, () => set)) {
      limits.push(samples.at(-1)!.limit);
      if (limits.length === 60) set.shareControl = false;
      if (limits.length === 64) break;
    }
    expect(limits[59]).toBeLessThan(1);
    expect(limits[63]).toBe(1);
  });
});

describe('pulling the primary’s plug', () => {
  test('lets the backup replay exactly what it held, in about the time that the lag was', () => {
    const frames = run({ bufferEntries: 1000 }, 4000, true);
    const { takeover } = frames.at(-1)!;
    expect(takeover!.replayedEntries).toBeGreaterThan(900);
    expect(takeover!.lostEntries).toBeGreaterThan(0);
    expect(frames.at(-1)).toMatchObject({ lagEntries: 0, primaryHeld: 0, backupHeld: 0 });
    expect(takeover!.afterMs).toBeGreaterThan(100);
    expect(takeover!.afterMs).toBeLessThan(1.5 * lagOf(frames.at(-3)!));
    expect(describeLag(frames.at(-1)!)).toContain(`could go live ${formatMs(takeover!.afterMs)} after`);
  });
});

test('the same settings give the same run', () => {
  expect(run({ bufferEntries: 1000 }, 1500)).toEqual(run({ bufferEntries: 1000 }, 1500));
});

test('a run that is stopped is told by its largest lag and its stalls', () => {
  const frames = run({ backupShare: 1 }, 500);
  expect(describeLag(frames.at(-1)!)).toBe('In 500 ms the lag was 2 ms at most. The primary was never stalled.');
});

test('numbers are written as a reader would', () => {
  expect([1, 0, 4000].map(entries)).toEqual(['1 entry', '0 entries', '4,000 entries']);
  expect([0, 999.4, 1000, 12_345].map(formatMs)).toEqual(['0 ms', '999 ms', '1.0 s', '12.3 s']);
});
