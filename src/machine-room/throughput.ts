/** How fast a machine runs: instruction attempts in a second of the host's time, over the last second or so in which it ran. */

/** The past that counts. */
const WINDOW_MS = 1000;

interface Sample {
  atMs: number;
  position: number;
}

export class Throughput {
  /** Oldest first; the first is the last one before the window, once there is one. */
  #samples: Sample[] = [];

  /** Takes where the machine is now. A position before the last one begins anew. */
  sample(position: number, atMs: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && position < last.position) this.#samples = [];
    this.#samples.push({ atMs, position });
    while (this.#samples.length > 2 && this.#samples[1]!.atMs <= atMs - WINDOW_MS) this.#samples.shift();
  }

  /** Forgets the past: the machine has rested, or stands at another point of its run. */
  restart(): void {
    this.#samples = [];
  }

  /** Zero until there are two samples at different times. */
  get attemptsPerSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return ((last.position - first.position) * 1000) / (last.atMs - first.atMs);
  }
}
