/**
 * The pseudo-random generator of the simulated world: xoshiro128** 1.1 of Blackman and Vigna, its state filled from the seed by SplitMix32.
 * The seed is an argument, never the host's, so that a run can be repeated from the number printed beside it.
 */

export interface Prng {
  /** The next 32 random bits, as an integer from 0 to 2^32 - 1. */
  next(): number;
  /** An integer from 0 to `n - 1`, each equally likely. `n` is an integer from 1 to 2^32. */
  int(n: number): number;
  /** One of the items, each equally likely. There must be at least one. */
  pick<Item>(items: readonly Item[]): Item;
}

/** The four 32-bit words of xoshiro128**; not all zero. */
export type PrngState = [number, number, number, number];

const TWO_TO_32 = 2 ** 32;

/** Starts a generator. `seed` is an integer; of it the low 32 bits count. */
export function createPrng(seed: number): Prng {
  if (!Number.isSafeInteger(seed)) throw new Error(`a seed is an integer, this is ${seed}`);
  return prngFromState(seedState(seed));
}

/** Starts a generator from a given state: what the tests need to compare with published vectors. The array is not changed. */
export function prngFromState(state: PrngState): Prng {
  const words: PrngState = [...state];
  const next = () => step(words);
  const int = (n: number) => below(n, next);
  const pick = <Item>(items: readonly Item[]): Item => {
    if (items.length === 0) throw new Error('there is nothing to pick from an empty list');
    return items[int(items.length)] as Item;
  };
  return { next, int, pick };
}

/** Four outputs of SplitMix32: its outputs are all different, so that at most one of them is zero. */
function seedState(seed: number): PrngState {
  let counter = seed | 0;
  const word = () => {
    counter = (counter + 0x9e3779b9) | 0;
    let mixed = Math.imul(counter ^ (counter >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return (mixed ^ (mixed >>> 16)) >>> 0;
  };
  return [word(), word(), word(), word()];
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** One step of xoshiro128**; changes the state in place. */
function step(state: PrngState): number {
  const result = Math.imul(rotateLeft(Math.imul(state[1], 5), 7), 9) >>> 0;
  const shifted = state[1] << 9;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = rotateLeft(state[3], 11);
  return result;
}

/** Draws until a value falls below the greatest multiple of `n`: the rest of the range would make small results likelier. */
function below(n: number, next: () => number): number {
  if (!Number.isInteger(n) || n < 1 || n > TWO_TO_32) throw new Error(`int(n) takes an integer from 1 to 2^32, this is ${n}`);
  const limit = TWO_TO_32 - (TWO_TO_32 % n);
  for (;;) {
    const value = next();
    if (value < limit) return value % n;
  }
}
