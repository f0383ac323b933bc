/**
 * Whose turn it is in a machine with several harts, and for how long: what a schedule says, with the turns of those that wait for an
 * interrupt given to others. A turn begins only when its first attempt is made, so that an event injected before that attempt counts.
 */
import type { Bus } from './bus.ts';
import type { Hart } from './hart.ts';
import type { HartSchedule } from './schedule.ts';

export interface TurnsState {
  /** Number of the next turn. */
  next: number;
  /** Whose turn it is, and the position at which it is over. */
  hart: number;
  end: number;
}

export class Turns {
  readonly #schedule: HartSchedule;
  readonly #isShared: boolean;
  #next = 0;
  hart = 0;
  end = 0;

  /** With a single hart there is one turn, without end. */
  constructor(schedule: HartSchedule, harts: number) {
    this.#schedule = schedule;
    this.#isShared = harts > 1;
  }

  isOver(position: number): boolean {
    return position >= this.end;
  }

  /** Begins the next turn. Throws a RangeError if the schedule names no hart of the machine or no number of attempts. */
  begin(harts: readonly Hart[], bus: Bus): void {
    const { position } = harts[this.hart]!;
    const { hart, attempts } = this.#schedule(this.#next);
    if (harts[hart] === undefined || !Number.isSafeInteger(attempts) || attempts < 1) {
      throw new RangeError(`Turn ${this.#next} of the schedule is ${attempts} attempts of hart ${hart}: there are ${harts.length} harts.`);
    }
    this.#next += 1;
    let chosen = harts[hart]!;
    // At least one can run, see `yield`, unless a snapshot was made up.
    for (let tried = 1; tried < harts.length && !canRun(chosen, bus); tried++) chosen = harts[(chosen.index + 1) % harts.length]!;
    chosen.isWaiting = false;
    chosen.catchUp(position);
    this.hart = chosen.index;
    this.end = position + attempts;
  }

  /**
   * The hart whose turn it is waits for an interrupt. True if another can run, and then the turn is over. False if all wait: then none does
   * any more, since what comes next is for the caller to say.
   */
  yield(harts: readonly Hart[], bus: Bus): boolean {
    const current = harts[this.hart]!;
    current.isWaiting = true;
    if (harts.some((hart) => canRun(hart, bus))) {
      this.end = current.position;
      return true;
    }
    for (const hart of harts) hart.isWaiting = false;
    return false;
  }

  reset(): void {
    this.restore({ next: 0, hart: 0, end: this.#isShared ? 0 : Number.MAX_SAFE_INTEGER });
  }

  save(): TurnsState {
    return { next: this.#next, hart: this.hart, end: this.end };
  }

  restore({ next, hart, end }: TurnsState): void {
    this.#next = next;
    this.hart = hart;
    this.end = end;
  }
}

function canRun(hart: Hart, bus: Bus): boolean {
  return !hart.isWaiting || bus.pendingInterrupts(hart.index, hart.mie) !== 0;
}
