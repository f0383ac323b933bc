/**
 * The state hash: 64 bits that differ, but for chance, when two machines differ. It finds divergence between honest machines and is
 * no defence against someone who looks for collisions. Two independent 32-bit lanes, since JavaScript multiplies 32 bits at a time.
 */

/** A hash in progress: feed it words in a fixed order, then ask for its digits. */
export class StateHash {
  #low = 0x2545f491;
  #high = 0x6c8e9cf5;

  /** Mixes in 32 bits. */
  word(value: number): void {
    this.#low = mixLow(this.#low, value);
    this.#high = mixHigh(this.#high, value);
  }

  words(values: Int32Array): void {
    for (let index = 0; index < values.length; index++) this.word(values[index]!);
  }

  /**
   * Mixes in plain data in the order of its properties: numbers are integers below 2^53 in magnitude, a bigint counts modulo 2^64,
   * an array or a string counts with its length.
   */
  plain(value: unknown): void {
    if (typeof value === 'number') {
      const isWord = value === (value | 0);
      this.word(isWord ? value : value % 2 ** 32);
      // The upper half of most numbers is their sign.
      this.word(isWord ? value >> 31 : Math.floor(value / 2 ** 32));
    } else if (typeof value === 'bigint') {
      this.word(Number(BigInt.asIntN(32, value)));
      this.word(Number(BigInt.asIntN(32, value >> 32n)));
    } else if (typeof value === 'boolean') {
      this.word(Number(value));
    } else if (typeof value === 'string') {
      this.plain(Array.from(value, (character) => character.codePointAt(0)));
    } else if (Array.isArray(value)) {
      this.word(value.length);
      for (const item of value) this.plain(item);
    } else if (typeof value === 'object' && value !== null) {
      for (const item of Object.values(value)) this.plain(item);
    } else {
      throw new TypeError(`The state hash does not cover a ${typeof value}.`);
    }
  }

  /** 16 hexadecimal digits. */
  digits(): string {
    return hexadecimal(finish(this.#high ^ this.#low)) + hexadecimal(finish(this.#low));
  }
}

/** The two lanes' hash of `count` words from `start`. */
export function hashPage(words: Int32Array, start: number, count: number): [low: number, high: number] {
  let low = 0x1b873593;
  let high = 0x52dce729;
  for (let index = start; index < start + count; index++) {
    const value = words[index]!;
    low = mixLow(low, value);
    high = mixHigh(high, value);
  }
  return [low, high];
}

// Each lane is a bijection of its state for any one word, so that a single changed word always shows in both. The simulated clusters' hash of plain data
// has the same lanes.
export function mixLow(state: number, value: number): number {
  const mixed = Math.imul(state ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

export function mixHigh(state: number, value: number): number {
  const mixed = Math.imul(((state << 11) | (state >>> 21)) + value, 0x85ebca77);
  return mixed ^ (mixed >>> 13);
}

/** The last step of a lane: spreads what came in last over all of its bits. */
export function finish(state: number): number {
  const mixed = Math.imul(state ^ (state >>> 16), 0xc2b2ae3d);
  return mixed ^ (mixed >>> 14);
}

function hexadecimal(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
