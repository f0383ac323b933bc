/**
 * Which hart makes the next attempts, for a machine with several. The order in which harts touch memory is the one thing about them that
 * no device reports and that replay of inputs cannot follow (VMware FT, section 1: only uniprocessors). Here it is an argument.
 */

/** One hart's turn: at most that many attempts (1 or more), fewer if it waits for an interrupt. */
export interface Turn {
  hart: number;
  attempts: number;
}

/**
 * The turn of each number, from 0. The same number always gives the same turn, so that a number is all that a snapshot has to keep.
 * Where the hart waits for an interrupt, the turn goes to the next one that does not.
 */
export type HartSchedule = (turn: number) => Turn;

export interface SeededScheduleOptions {
  seed: number;
  harts: number;
  /** Bounds of a turn's length in attempts, both included. */
  attemptsMin?: number;
  attemptsMax?: number;
}

/** Turns of random harts and random lengths. Two seeds give, but for chance, two interleavings. Throws a RangeError for impossible bounds. */
export function seededSchedule({ seed, harts, attemptsMin = 1, attemptsMax = 64 }: SeededScheduleOptions): HartSchedule {
  if (!Number.isInteger(attemptsMin) || !Number.isInteger(attemptsMax) || attemptsMin < 1 || attemptsMax < attemptsMin) {
    throw new RangeError(`A turn has ${attemptsMin} to ${attemptsMax} attempts: both must be integers, from 1 up, the first the smaller.`);
  }
  return (turn) => {
    const random = mix(mix(seed | 0) ^ mix(turn | 0) ^ Math.floor(turn / 2 ** 32));
    return { hart: random % harts, attempts: attemptsMin + (mix(random) % (attemptsMax - attemptsMin + 1)) };
  };
}

/** A bijection of 32-bit numbers whose output bits each depend on all input bits. Returns it unsigned. */
function mix(value: number): number {
  let mixed = (value + 0x6d2b79f5) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
