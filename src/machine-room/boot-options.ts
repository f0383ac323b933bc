/**
 * What the reader can choose about a machine, and the choices that suit an image. A shipped guest says what it needs; of a file there is only
 * its size and its first bytes to go by. The page imports this, and the machine itself is the worker's: it has to stay out of here.
 */
import { SECTOR_BYTES } from '../../labs-runtime/emulator/stop.ts';
import type { Guest } from '../../labs-runtime/guests/index.ts';

export interface BootOptions {
  ramBytes: number;
  /** 1 to 4. */
  harts: number;
  /** Seed of the harts' turns; without meaning for a single one. */
  scheduleSeed: number;
  /** Zero for a machine without a disk. */
  diskSectors: number;
  /** The image is a Linux kernel, which gets a device tree. */
  isLinux: boolean;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** Sizes of memory to choose from. */
export const RAM_SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 16 * MIB, 64 * MIB] as const;

/** Sizes of the disk to choose from; key-value-disk needs 62 KiB. */
export const DISK_SECTORS = [0, (64 * KIB) / SECTOR_BYTES, MIB / SECTOR_BYTES, (8 * MIB) / SECTOR_BYTES] as const;

export const HART_COUNTS = [1, 2, 3, 4] as const;

/** Above this size, a flat image is taken for a kernel: no bare program of the course comes near it. */
const LINUX_BYTES_MIN = 512 * KIB;

const DEFAULTS: BootOptions = { ramBytes: MIB, harts: 1, scheduleSeed: 1, diskSectors: 0, isLinux: false };

/** What suits a shipped guest. One that is written for several harts gets two. */
export function optionsForGuest({ ramBytes, hartsMax = 1, diskSectors = 0 }: Guest): BootOptions {
  return { ...DEFAULTS, ramBytes, harts: Math.min(2, hartsMax), diskSectors: smallestOf(DISK_SECTORS, diskSectors) };
}

/** What suits a file: memory with room to spare, and for a flat image as large as a kernel all that a kernel wants. */
export function optionsForImage(image: Uint8Array): BootOptions {
  if (!isElf(image) && image.length > LINUX_BYTES_MIN) return { ...DEFAULTS, ramBytes: 64 * MIB, isLinux: true };
  return { ...DEFAULTS, ramBytes: Math.max(MIB, smallestOf(RAM_SIZES, 4 * image.length)) };
}

/** Whether a machine booted with one would be another with the other. */
export function sameOptions(one: BootOptions, other: BootOptions): boolean {
  return (Object.keys(one) as (keyof BootOptions)[]).every((key) => one[key] === other[key]);
}

function isElf(image: Uint8Array): boolean {
  return String.fromCharCode(...image.subarray(0, 4)) === '\x7fELF';
}

/** The smallest of some sizes, in order, that is at least as large; the largest if none is. */
function smallestOf(sizes: readonly number[], wanted: number): number {
  return sizes.find((size) => size >= wanted) ?? sizes.at(-1)!;
}
