/** The race of a guest with a disk: its program, word by word, and what the guest reads, against a model of it that knows no machine. */
import { describe, expect, test } from 'vitest';
import {
  ATTEMPTS_PER_POINT,
  BLOCK_WORDS,
  bufferReader,
  describeRace,
  partedAt,
  POINTS,
  runRace,
  type Race,
  type RaceSettings,
} from '../../../../src/components/figures/dma-race.ts';
import { addi, arithmetic, bne, immediates, jal, lui, lw } from '../../../labs-runtime/emulator/assembler.ts';

function raceOf(attemptsPerWord: RaceSettings['attemptsPerWord'], bounced: boolean): Race {
  return [...runRace({ attemptsPerWord, bounced })].at(-1)!;
}

test('each word of the program is its assembly', () => {
  const { slli, srli } = immediates;
  expect(bufferReader.map(([word]) => word)).toEqual([
    ...[lui(6, 0x80001), addi(8, 0, 1), addi(9, 6, 0), addi(10, 6, 32), lw(11, 9, 0), slli(12, 8, 5), srli(13, 8, 27)],
    ...[arithmetic.or(8, 12, 13), arithmetic.xor(8, 8, 11), addi(9, 9, 4), bne(9, 10, -24), jal(0, -36)],
  ]);
});

/** The digest after the last whole reading before `end`: a load is the first of 7 attempts for a word, after 2 for a round and 2 at the start. */
function digestOf(attemptsPerWord: number, end: number): number {
  let digest = 1;
  for (let round = 0; ; round++) {
    for (let word = 0; word < BLOCK_WORDS; word++) {
      const load = 4 + round * (2 + 7 * BLOCK_WORDS + 1) + 7 * word;
      if (load + 4 >= end) return digest >>> 0;
      const isThere = load >= 60 + (word + 1) * attemptsPerWord;
      const value = isThere ? Math.imul(0x9e3779b9, word + 1) : 0;
      digest = ((digest << 5) | (digest >>> 27)) ^ value;
    }
  }
}

describe('a disk that writes straight into memory', () => {
  test.each([
    [10, 10],
    [20, 36],
    [17, 61],
  ])('gives guests what is there at each of their loads: %i and %i attempts a word', (primary, backup) => {
    const { points } = raceOf([primary, backup], false);
    const { position, digests } = points.at(-1)!;
    expect(digests).toEqual([digestOf(primary, position), digestOf(backup, position)]);
  });

  test('parts guests whose disks are not equally fast, and only those', () => {
    const race = raceOf([20, 36], false);
    expect(partedAt(race)!.position).toBeGreaterThan(60);
    expect(describeRace(race)).toContain(`By position ${partedAt(race)!.position} one guest`);
    expect(partedAt(raceOf([20, 20], false))).toBeUndefined();
  });

  test('has the whole block there in the end, on both machines', () => {
    const { points } = raceOf([20, 65], false);
    expect(points).toHaveLength(POINTS);
    expect(points.at(-1)).toMatchObject({ position: POINTS * ATTEMPTS_PER_POINT, words: [BLOCK_WORDS, BLOCK_WORDS] });
  });
});

describe('a bounce buffer', () => {
  test('keeps the guests together, however fast the disks are', () => {
    for (const [primary, backup] of [
      [20, 36],
      [61, 17],
      [65, 10],
    ] as const) {
      const race = raceOf([primary, backup], true);
      expect(partedAt(race)).toBeUndefined();
      expect(race.points.every(({ words }) => words[0] === words[1])).toBe(true);
    }
  });

  test('shows the guest the block as a whole, when the disk is done', () => {
    const { points, copiedAt } = raceOf([20, 36], true);
    expect(copiedAt).toBe(60 + BLOCK_WORDS * 20);
    for (const { position, words } of points) expect(words[0]).toBe(position < copiedAt! ? 0 : BLOCK_WORDS);
  });
});
