/** The traffic calculator's arithmetic, against figures worked out by hand. */
import { expect, test } from 'vitest';
import { formatMbits, percentOnScale, stateMachineMbits, stateTransferMbits } from '../../../../src/components/figures/traffic.ts';

test('state transfer sends what was written, at each checkpoint', () => {
  // 4 MiB are 33,554,432 bits; 40 checkpoints a second.
  expect(stateTransferMbits(4, 40)).toBeCloseTo(1342.17728, 5);
});

test('a replicated state machine sends each event once', () => {
  expect(stateMachineMbits(1000, 125)).toBe(1);
});

test('the scale is logarithmic, and ends at its ends', () => {
  expect(percentOnScale(0)).toBe(0);
  expect(percentOnScale(0.1)).toBe(0);
  expect(percentOnScale(100)).toBeCloseTo(50, 9);
  expect(percentOnScale(100_000)).toBeCloseTo(100, 9);
  expect(percentOnScale(1e9)).toBe(100);
});

test('traffic is written with three digits and a unit', () => {
  expect([0.524288, 18, 730, 1073.741824, 99_000].map(formatMbits)).toEqual([
    '0.52 Mbit/s',
    '18.0 Mbit/s',
    '730 Mbit/s',
    '1.07 Gbit/s',
    '99.0 Gbit/s',
  ]);
});
