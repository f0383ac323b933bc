/**
 * Core-local interruptor in SiFive's layout: a software interrupt and a timer compare register for each hart, and one clock. The clock has
 * no value of its own: each load from mtime asks the caller (a clock read is the first example of nondeterminism in section 2.1 of the
 * VMware FT paper). The timer interrupt likewise is raised by the caller, at a position of its choice, never by comparing.
 */
import type { Device, Loaded, Stored } from '../device.ts';

const MSIP = 0x0; // 4 bytes a hart
const MTIMECMP = 0x4000; // 8 bytes a hart
const MTIME = 0xbff8;

const NEVER = (1n << 64n) - 1n;

/** What belongs to one hart. */
export interface HartTimer {
  /** mip.MSIP, written by the guest through msip or raised by the caller. */
  softwarePending: boolean;
  /** mip.MTIP, raised by the caller and cleared by a write to either half of mtimecmp. */
  timerPending: boolean;
  /** mtimecmp, which says when the guest wants the timer interrupt. */
  timerCompare: bigint;
}

export interface ClintState {
  harts: HartTimer[];
  clockValue: bigint;
  clockPosition: number;
}

export class Clint implements Device {
  readonly start = 0x11000000;
  readonly sizeBytes = 0xc000;
  /** By hart, in order. */
  readonly harts: readonly HartTimer[];
  /** The value for a load from mtime at one position only: at any other it counts as absent. */
  #clockValue = 0n;
  #clockPosition = -1;

  constructor(harts: number) {
    this.harts = Array.from({ length: harts }, initialTimer);
  }

  /** Answers the load from mtime that is attempted at `position`; if that attempt turns out not to be one, the value is dropped. */
  provideClock(value: bigint, position: number): void {
    this.#clockValue = BigInt.asUintN(64, value);
    this.#clockPosition = position;
  }

  /** The value given for the attempt at `position`, or that there is none yet. */
  clockAt(position: number): bigint | 'clock' {
    return this.#clockPosition === position ? this.#clockValue : 'clock';
  }

  load(offset: number, size: number, position: number): Loaded {
    if (size !== 4) return 'access-fault';
    if (offset === MTIME || offset === MTIME + 4) {
      const clock = this.clockAt(position);
      return clock === 'clock' ? clock : lowWord(offset === MTIME ? clock : clock >> 32n);
    }
    if (offset < MTIMECMP) {
      const hart = this.harts[(offset - MSIP) / 4];
      return hart === undefined ? 'access-fault' : Number(hart.softwarePending);
    }
    const hart = this.harts[(offset - MTIMECMP) >>> 3];
    if (hart === undefined) return 'access-fault';
    return lowWord((offset & 4) === 0 ? hart.timerCompare : hart.timerCompare >> 32n);
  }

  store(offset: number, size: number, value: number): Stored {
    if (size !== 4) return 'access-fault';
    // A store to mtime is legal and does nothing: the caller's clock is not the guest's to set.
    if (offset === MTIME || offset === MTIME + 4) return 'stored';
    if (offset < MTIMECMP) {
      const hart = this.harts[(offset - MSIP) / 4];
      if (hart === undefined) return 'access-fault';
      hart.softwarePending = (value & 1) === 1;
      return 'stored';
    }
    const hart = this.harts[(offset - MTIMECMP) >>> 3];
    if (hart === undefined) return 'access-fault';
    const word = BigInt(value >>> 0);
    hart.timerCompare =
      (offset & 4) === 0 ? ((hart.timerCompare >> 32n) << 32n) | word : (word << 32n) | BigInt.asUintN(32, hart.timerCompare);
    hart.timerPending = false;
    return 'stored';
  }

  reset(): void {
    this.restore({ harts: this.harts.map(initialTimer), clockValue: 0n, clockPosition: -1 });
  }

  /** State at `position`: a clock value meant for another position counts as absent. */
  save(position: number): ClintState {
    const isCurrent = this.#clockPosition === position;
    return {
      harts: this.harts.map((hart) => ({ ...hart })),
      clockValue: isCurrent ? this.#clockValue : 0n,
      clockPosition: isCurrent ? position : -1,
    };
  }

  /** Precondition: the state is that of as many harts. */
  restore(state: ClintState): void {
    this.harts.forEach((hart, index) => Object.assign(hart, state.harts[index]));
    this.#clockValue = state.clockValue;
    this.#clockPosition = state.clockPosition;
  }
}

function initialTimer(): HartTimer {
  return { softwarePending: false, timerPending: false, timerCompare: NEVER };
}

function lowWord(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}
