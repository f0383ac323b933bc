/** Arrays that share memory, and nothing else: none has bytes of another. */
import { expect, test } from 'vitest';
import { BytePool } from '../../../labs-runtime/emulator/byte-pool.ts';

test('arrays are as long as asked for, zero, and apart, whatever is written to them', () => {
  const pool = new BytePool(64);
  const lengths = [0, 1, 40, 23, 1, 64, 63, 2, 65, 200, 5];
  const arrays = lengths.map((length, index) => {
    const bytes = pool.take(length);
    expect([...bytes]).toEqual(new Array(length).fill(0));
    return bytes.fill(index + 1);
  });
  expect(arrays.map((bytes) => [...bytes])).toEqual(lengths.map((length, index) => new Array(length).fill(index + 1)));
});

test('arrays that fit a piece share it, and longer ones have memory of their own', () => {
  const pool = new BytePool(64);
  const [first, second, third, long] = [40, 24, 1, 65].map((length) => pool.take(length)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  expect(second.buffer).toBe(first.buffer);
  expect(third.buffer).not.toBe(first.buffer);
  expect([long.buffer.byteLength, pool.take(1).buffer === third.buffer]).toEqual([65, true]);
});

test('a copy stays when the original changes', () => {
  const original = Uint8Array.of(1, 2, 3);
  const copy = new BytePool(8).copyOf(original);
  original.fill(9);
  expect([...copy]).toEqual([1, 2, 3]);
});

test('what was written where there was room is what is taken, and the arrays before it stay', () => {
  const pool = new BytePool(16);
  const arrays = [10, 5, 3, 40, 2].map((length, index) => {
    pool.reserve(length + 1);
    pool.piece.fill(index + 1, pool.start, pool.start + length);
    return pool.take(length);
  });
  expect(arrays.map((bytes) => [...bytes])).toEqual([10, 5, 3, 40, 2].map((length, index) => new Array(length).fill(index + 1)));
});
