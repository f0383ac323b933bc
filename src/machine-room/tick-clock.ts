/**
 * The machine's clock, in ticks of mtime at 1 MHz: it follows the reader's clock while the machine runs and stands while it rests, so that a
 * guest that was paused over lunch has not missed a timer. The host's clock is an argument.
 */
const TICKS_PER_MS = 1000;

export class TickClock {
  readonly #nowMs: () => number;
  /** Ticks when it was started or stopped last. */
  #ticks = 0n;
  /** When it was started; undefined while it stands. */
  #startedMs: number | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The time now; never goes back, but by `set`. */
  get ticks(): bigint {
    return this.#startedMs === undefined ? this.#ticks : this.#ticks + BigInt(Math.floor((this.#nowMs() - this.#startedMs) * TICKS_PER_MS));
  }

  start(): void {
    this.#startedMs ??= this.#nowMs();
  }

  stop(): void {
    this.#ticks = this.ticks;
    this.#startedMs = undefined;
  }

  /** Sets it to a time, running or standing as it is. */
  set(ticks: bigint): void {
    this.#ticks = ticks;
    if (this.#startedMs !== undefined) this.#startedMs = this.#nowMs();
  }

  /** Milliseconds until a time; zero if it has come. */
  msUntil(ticks: bigint): number {
    const now = this.ticks;
    return ticks <= now ? 0 : Number(ticks - now) / TICKS_PER_MS;
  }
}
