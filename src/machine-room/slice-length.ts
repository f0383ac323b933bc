/** How many attempts make a slice of some milliseconds, found out while the machine runs: guests, devices and computers differ a hundredfold. */

/** Short enough that a pressed button acts at once, long enough that what is between two slices does not count. */
const SLICE_MS = 8;

const ATTEMPTS_MIN = 1_000;
const ATTEMPTS_MAX = 10_000_000;
const GROWTH_MAX = 2;

export class SliceLength {
  #attempts = 100_000;

  /** Attempts for the next slice. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Learns from a slice: how many attempts it made, and how long it took. One that took no time to speak of teaches nothing. */
  took(attempts: number, milliseconds: number): void {
    if (attempts < ATTEMPTS_MIN || milliseconds <= 0) return;
    const wanted = (attempts * SLICE_MS) / milliseconds;
    const bounded = Math.min(wanted, attempts * GROWTH_MAX, ATTEMPTS_MAX);
    this.#attempts = Math.round(Math.max(bounded, ATTEMPTS_MIN));
  }
}
