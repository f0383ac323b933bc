/**
 * Physical memory protection: 16 entries that say what user mode may touch, and machine mode too where one is locked. Granularity is 4 bytes
 * (G is 0). Privileged architecture, section 3.7.
 */

import { RAM_START } from './ram.ts';

export const PMP_ENTRIES = 16;

/** Kinds of access, by their permission bits in an entry's configuration. */
export const ACCESS = { load: 1, store: 2, fetch: 4 } as const;
export type Access = (typeof ACCESS)[keyof typeof ACCESS];

const READ_WRITE_EXECUTE = 7;
const MODE = 0x18;
const MODE_TOR = 0x08;
const MODE_NA4 = 0x10;
const LOCKED = 0x80;
/** Bits 5 and 6 are reserved and read as zero. */
const CONFIGURATION_BITS = 0x9f;

/** An entry that is on: it applies to bytes from `start` to before `end`, addresses of up to 34 bits. */
interface Range {
  start: number;
  end: number;
  configuration: number;
}

export interface PmpState {
  configurations: number[];
  addresses: number[];
}

export class Pmp {
  /** pmpcfg, a byte an entry, and pmpaddr: address bits 2 to 33. */
  readonly #configurations = new Uint8Array(PMP_ENTRIES);
  readonly #addresses = new Int32Array(PMP_ENTRIES);
  /** The present state as it was last saved or restored, since few guests ever change it. */
  #saved: PmpState | undefined;
  /** Entries that are on, of highest priority first. */
  #ranges: Range[] = [];
  readonly #ramBytes: number;
  /** Whether an aligned access to RAM of user mode, and of machine mode, could be refused. */
  restrictsUser = true;
  restrictsMachine = false;

  constructor(ramBytes: number) {
    this.#ramBytes = ramBytes;
  }

  /** pmpcfg0 to pmpcfg3: four entries a register, signed. */
  readConfiguration(register: number): number {
    const [a, b, c, d] = this.#configurations.subarray(4 * register, 4 * register + 4);
    return a! | (b! << 8) | (c! << 16) | (d! << 24);
  }

  /** A locked entry stays as it is. Writable but not readable is reserved: the entry then is not writable either. */
  writeConfiguration(register: number, value: number): void {
    for (let index = 0; index < 4; index++) {
      const entry = 4 * register + index;
      if ((this.#configurations[entry]! & LOCKED) !== 0) continue;
      const bits = (value >>> (8 * index)) & CONFIGURATION_BITS;
      this.#configurations[entry] = (bits & 3) === ACCESS.store ? bits & ~ACCESS.store : bits;
    }
    this.#update();
  }

  readAddress(entry: number): number {
    return this.#addresses[entry]!;
  }

  /** A locked entry also holds the address before it, if that is where its range begins. */
  writeAddress(entry: number, value: number): void {
    const next = this.#configurations[entry + 1] ?? 0;
    const isHeld = (next & LOCKED) !== 0 && (next & MODE) === MODE_TOR;
    if (isHeld || (this.#configurations[entry]! & LOCKED) !== 0) return;
    this.#addresses[entry] = value;
    this.#update();
  }

  /** Whether `size` bytes at an address may be touched. The first entry that has one of them decides, and must have them all. */
  allows(access: Access, isUser: boolean, address: number, size: number): boolean {
    const start = address >>> 0;
    const end = start + size;
    for (const range of this.#ranges) {
      if (start >= range.end || end <= range.start) continue;
      if (start < range.start || end > range.end) return false;
      return (range.configuration & access) !== 0 || (!isUser && (range.configuration & LOCKED) === 0);
    }
    return !isUser;
  }

  save(): PmpState {
    this.#saved ??= { configurations: Array.from(this.#configurations), addresses: Array.from(this.#addresses) };
    return this.#saved;
  }

  restore(state: PmpState): void {
    if (state === this.#saved) return;
    this.#configurations.set(state.configurations);
    this.#addresses.set(state.addresses);
    this.#update();
    this.#saved = state;
  }

  #update(): void {
    this.#saved = undefined;
    this.#ranges = [];
    for (let entry = 0; entry < PMP_ENTRIES; entry++) {
      const range = this.#rangeOf(entry);
      if (range !== undefined) this.#ranges.push(range);
    }
    const ramEnd = RAM_START + this.#ramBytes;
    const first = this.#ranges.find(({ start, end }) => start < ramEnd && end > RAM_START);
    const coversRam = first !== undefined && first.start <= RAM_START && first.end >= ramEnd;
    this.restrictsUser = !coversRam || (first.configuration & READ_WRITE_EXECUTE) !== READ_WRITE_EXECUTE;
    this.restrictsMachine = this.#ranges.some(({ configuration }) => (configuration & LOCKED) !== 0);
  }

  #rangeOf(entry: number): Range | undefined {
    const configuration = this.#configurations[entry]!;
    const address = this.#addresses[entry]! >>> 0;
    switch (configuration & MODE) {
      case 0:
        return undefined;
      case MODE_TOR: {
        const start = entry === 0 ? 0 : 4 * (this.#addresses[entry - 1]! >>> 0);
        return start < 4 * address ? { start, end: 4 * address, configuration } : undefined;
      }
      case MODE_NA4:
        return { start: 4 * address, end: 4 * address + 4, configuration };
      default: {
        // NAPOT: n trailing ones stand for a naturally aligned range of 2 to the power of n + 3 bytes.
        const ones = 31 - Math.clz32(~address & (address + 1));
        const bytes = address === 0xffffffff ? 2 ** 35 : 2 ** (ones + 3);
        const start = Math.floor((4 * address) / bytes) * bytes;
        return { start, end: start + bytes, configuration };
      }
    }
  }
}
