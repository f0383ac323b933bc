/** The rate is that of the last second or so, and of nothing else. */
import { expect, test } from 'vitest';
import { Throughput } from '../../../src/machine-room/throughput.ts';

test('there is no rate before two samples at different times', () => {
  const throughput = new Throughput();
  expect(throughput.attemptsPerSecond).toBe(0);
  throughput.sample(1000, 5);
  expect(throughput.attemptsPerSecond).toBe(0);
  throughput.sample(2000, 5);
  expect(throughput.attemptsPerSecond).toBe(0);
});

test('an even run has its rate at once, and keeps it', () => {
  const throughput = new Throughput();
  for (let atMs = 0; atMs <= 5000; atMs += 8) {
    throughput.sample(atMs * 1000, atMs);
    if (atMs > 0) expect(throughput.attemptsPerSecond).toBeCloseTo(1e6, 3);
  }
});

test('a run that slows down is followed within a second, and not before time has passed', () => {
  const throughput = new Throughput();
  for (let atMs = 0; atMs <= 2000; atMs += 10) throughput.sample(atMs * 1000, atMs);
  throughput.sample(2000 * 1000 + 50, 2500);
  expect(throughput.attemptsPerSecond).toBeGreaterThan(0.4e6);
  expect(throughput.attemptsPerSecond).toBeLessThan(0.6e6);
  for (let atMs = 2510; atMs <= 3600; atMs += 10) throughput.sample(2000 * 1000 + 50 + (atMs - 2500), atMs);
  expect(throughput.attemptsPerSecond).toBeLessThan(2000);
});

test('after a rest or a way back it begins anew', () => {
  const throughput = new Throughput();
  throughput.sample(0, 0);
  throughput.sample(1000, 1);
  throughput.restart();
  expect(throughput.attemptsPerSecond).toBe(0);
  throughput.sample(5000, 10);
  throughput.sample(6000, 11);
  expect(throughput.attemptsPerSecond).toBeCloseTo(1e6, 3);
  throughput.sample(100, 12);
  expect(throughput.attemptsPerSecond).toBe(0);
});
