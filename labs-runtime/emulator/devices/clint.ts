/**
 * Core-local interruptor in SiFive's layout: software interrupt, timer compare register and clock. The clock has no value of its own:
 * each load from mtime asks the caller (a clock read is the first example of nondeterminism in section 2.1 of the VMware FT paper).
 * The timer interrupt likewise is raised by the caller, at a position of its choice, never by comparing.
 */
import type { Device, Loaded, Stored } from './device.ts';

const MSIP = 0x0;
const MTIMECMP = 0x4000;
const MTIME = 0xbff8;

const NEVER = (1n << 64n) - 1n;

export interface ClintState {
  softwarePending: boolean;
  timerPending: boolean;
  timerCompare: bigint;
  clockValue: bigint;
  clockPosition: number;
}

export class Clint implements Device {
  readonly start = 0x11000000;
  readonly sizeBytes = 0xc000;
  /** mip.MSIP, written by the guest through msip or raised by the caller. */
  softwarePending = false;
  /** mip.MTIP, raised by the caller and cleared by a write to either half of mtimecmp. */
  timerPending = false;
  /** mtimecmp, which says when the guest wants the timer interrupt. */
  timerCompare = NEVER;
  /** The value for a load from mtime at one position only: at any other it counts as absent. */
  #clockValue = 0n;
  #clockPosition = -1;

  /** Answers the load from mtime that is attempted at `position`; if that attempt turns out not to be one, the value is dropped. */
  provideClock(value: bigint, position: number): void {
    this.#clockValue = BigInt.asUintN(64, value);
    this.#clockPosition = position;
  }

  load(offset: number, size: number, position: number): Loaded {
    if (size !== 4) return 'access-fault';
    if (offset === MSIP) return this.softwarePending ? 1 : 0;
    if (offset === MTIMECMP) return lowWord(this.timerCompare);
    if (offset === MTIMECMP + 4) return lowWord(this.timerCompare >> 32n);
    if (offset !== MTIME && offset !== MTIME + 4) return 'access-fault';
    if (this.#clockPosition !== position) return 'clock';
    return lowWord(offset === MTIME ? this.#clockValue : this.#clockValue >> 32n);
  }

  store(offset: number, size: number, value: number): Stored {
    if (size !== 4) return 'access-fault';
    if (offset === MSIP) {
      this.softwarePending = (value & 1) === 1;
    } else if (offset === MTIMECMP || offset === MTIMECMP + 4) {
      const word = BigInt(value >>> 0);
      this.timerCompare =
        offset === MTIMECMP ? ((this.timerCompare >> 32n) << 32n) | word : (word << 32n) | BigInt.asUintN(32, this.timerCompare);
      this.timerPending = false;
    } else if (offset !== MTIME && offset !== MTIME + 4) {
      return 'access-fault';
    }
    return 'stored'; // A store to mtime is legal and does nothing: the caller's clock is not the guest's to set.
  }

  reset(): void {
    this.restore({ softwarePending: false, timerPending: false, timerCompare: NEVER, clockValue: 0n, clockPosition: -1 });
  }

  /** State at `position`: a clock value meant for another position counts as absent. */
  save(position: number): ClintState {
    const isCurrent = this.#clockPosition === position;
    return {
      softwarePending: this.softwarePending,
      timerPending: this.timerPending,
      timerCompare: this.timerCompare,
      clockValue: isCurrent ? this.#clockValue : 0n,
      clockPosition: isCurrent ? position : -1,
    };
  }

  restore(state: ClintState): void {
    this.softwarePending = state.softwarePending;
    this.timerPending = state.timerPending;
    this.timerCompare = state.timerCompare;
    this.#clockValue = state.clockValue;
    this.#clockPosition = state.clockPosition;
  }
}

function lowWord(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}
