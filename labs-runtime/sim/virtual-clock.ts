/** The clock that the guests of a world read: microseconds of virtual time, never the same value twice, and a little off by what the seed says. */
import { createPrng } from './prng.ts';
import type { Prng } from './prng.ts';
import type { RunRecord } from './run-record.ts';

/** mtime counts microseconds. */
const TICKS_PER_MS = 1000n;

/** Reads of one moment are apart by at most so many ticks. */
const STEP_TICKS_MAX = 100;

export class VirtualClock {
  readonly #run: RunRecord;
  readonly #random: Prng;
  #lastTicks = 0n;

  constructor(run: RunRecord) {
    this.#run = run;
    this.#random = createPrng(run.seed);
  }

  /** The present moment in ticks, for timers. */
  get nowTicks(): bigint {
    return BigInt(this.#run.nowMs) * TICKS_PER_MS;
  }

  /** One read: greater than all before. */
  read(): bigint {
    const next = this.#lastTicks + BigInt(1 + this.#random.int(STEP_TICKS_MAX));
    this.#lastTicks = next > this.nowTicks ? next : this.nowTicks;
    return this.#lastTicks;
  }
}
