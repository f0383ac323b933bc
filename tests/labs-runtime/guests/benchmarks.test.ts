/** The guests of the processor benchmark: what they print against the same computation in TypeScript, and that every run of one is the same. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checksumLine, mix } from './guest-checksum.ts';
import { booted, runTo } from './running.ts';
import { readWordProgram } from './word-program.ts';

/** The guests' pseudo-random words from seed 1: xorshift32. */
function randomWords(): () => number {
  let word = 1;
  return () => {
    word ^= word << 13;
    word ^= word >>> 17;
    word ^= word << 5;
    return (word >>>= 0);
  };
}

function sha256Text(): string {
  const next = randomWords();
  const message = Uint8Array.from({ length: 30_001 }, next);
  let digest = Buffer.alloc(0);
  for (let round = 0; round < 16; round++) {
    digest = createHash('sha256').update(message).digest();
    message.set(digest);
  }
  return `${digest.toString('hex')}\n`;
}

function matrixText(): string {
  const side = 64;
  const next = randomWords();
  const matrix = () => Array.from({ length: side }, () => Uint32Array.from({ length: side }, next));
  const [left, right] = [matrix(), matrix()];
  let checksum = 0;
  for (let round = 0; round < 20; round++) {
    const columns = right.map((_, column) => right.map((row) => row[column]!));
    for (let row = 0; row < side; row++) {
      for (let column = 0; column < side; column++) {
        const element = left[row]!.reduce((sum, factor, index) => (sum + Math.imul(factor, columns[column]![index]!)) | 0, 0);
        checksum = mix(checksum, element);
        right[row]![column] = element ^ (element >>> 16);
      }
    }
  }
  return checksumLine(checksum);
}

function sortText(): string {
  const next = randomWords();
  let checksum = 0;
  for (let round = 0; round < 16; round++) {
    const sorted = Uint32Array.from({ length: 6000 }, next).sort();
    for (let pass = 0; pass < 2; pass++) sorted.forEach((word) => (checksum = mix(checksum, word)));
  }
  return checksumLine(checksum);
}

/** The text that the guest `compile` has in its image, from the strings of its header. */
function wordProgramText(): string {
  const header = readFileSync(new URL('../../../labs-runtime/guests/src/compile-program.h', import.meta.url), 'utf8');
  return Array.from(header.matchAll(/^ {4}"(.*)\\n";?$/gm), (match) => `${match[1]}\n`).join('');
}

function compileText(): string {
  const program = readWordProgram(wordProgramText());
  let checksum = 0;
  for (let round = 0; round < 130; round++) {
    checksum = mix(checksum, program.foldableCount);
    program.run(round).forEach((value) => (checksum = mix(checksum, value)));
  }
  return checksumLine(checksum);
}

describe.each([
  { name: 'sha256' as const, expectedText: sha256Text },
  { name: 'matrix' as const, expectedText: matrixText },
  { name: 'sort' as const, expectedText: sortText },
  { name: 'compile' as const, expectedText: compileText },
])('$name', ({ name, expectedText }) => {
  it('prints what the same computation gives, and powers off after 20 to 60 million attempts', async () => {
    const machine = await booted(name);
    expect(runTo(machine, 100_000_000)).toEqual({ text: expectedText(), end: 'power-off' });
    expect(machine.position).toBeGreaterThan(20_000_000);
    expect(machine.position).toBeLessThan(60_000_000);
  });

  it('is at the same state at the same position in two runs, however they are cut up', async () => {
    const [one, other] = [await booted(name), await booted(name)];
    const hashes: string[] = [];
    for (let position = 300_007; position < 2_000_000; position += 300_007) {
      runTo(one, position - 1234);
      runTo(one, position);
      runTo(other, position);
      expect(other.stateHash()).toBe(one.stateHash());
      hashes.push(one.stateHash());
    }
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});

describe('the program that the guest compile compiles', () => {
  const program = readWordProgram(wordProgramText());

  it('computes what its names say', () => {
    const [common, pairs] = program.run(0);
    // Greatest common divisors of 1 to 4 with each of 2 times the greater numbers up to 11.
    const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
    const expected: number[] = [];
    for (let left = 1; left < 5; left++) for (let right = left + 1; right < 12; right++) expected.push(divisor(left, 2 * right));
    expect([common, pairs]).toEqual([expected.reduce((sum, value) => sum + value), expected.length]);
  });

  it('prints other values in each round, and has constants to fold', () => {
    const rounds = Array.from({ length: 130 }, (_, round) => program.run(round).join());
    expect(new Set(rounds).size).toBe(130);
    expect(program.foldableCount).toBeGreaterThan(50);
  });

  it.each([
    ['print 2 + 3 * 4 - 6 / 2 % 2;', [13]],
    ['print 7 - 2 - 1; print 1 < 2 == 1; print 0 - 1; print -5 / 3;', [4, 1, 4294967295, 1431655763]],
    ['print 1 / 0; print 1 % 0; print 65536 * 65536; print 4294967295 * 4294967295;', [0, 0, 0, 1]],
    ['a = 3; while a { print a; a = a - 1; } if a > 0 { print 10; } else { print 20; }', [3, 2, 1, 20]],
  ])('is read here by the rules of the guest: %s', (text, printed) => {
    expect(readWordProgram(text).run(0)).toEqual(printed);
  });
});
