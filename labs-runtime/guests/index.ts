/**
 * The guest programs by name. Their sources are C in `src/`, their built images stand beside this file and load lazily, so that a page pays
 * only for the guest it runs. The machine runs them at the start of both walks.
 */
import { decodeBase64 } from './base64.ts';
import type { GuestImage } from './guest-image.ts';

export type GuestName =
  | 'counter'
  | 'clockwork'
  | 'sieve-crc32'
  | 'sha256'
  | 'matrix'
  | 'sort'
  | 'compile'
  | 'traps'
  | 'racer'
  | 'shell'
  | 'tickets'
  | 'key-value'
  | 'key-value-disk'
  | 'dma-poll'
  | 'overlap'
  | 'lottery';

export interface Guest {
  name: GuestName;
  /** One sentence for lists. */
  description: string;
  /** RAM that the image is linked for: a machine with less cannot run it. */
  ramBytes: number;
  /** Harts that it can run on, at most; absent where it is written for one. */
  hartsMax?: number;
  /** Sectors of 512 bytes that it needs of a disk, at least; absent where it uses none. */
  diskSectors?: number;
  /** The flat image, a fresh copy at each call, for `Machine.load`. */
  load(): Promise<Uint8Array>;
}

/** Size of the RAM in `src/link.ld`. */
const RAM_BYTES = 65536;

async function imageOf(file: Promise<{ image: GuestImage }>): Promise<Uint8Array> {
  return decodeBase64((await file).image.base64);
}

export const guests: Record<GuestName, Guest> = {
  counter: {
    name: 'counter',
    description: 'A counter server: each console byte in gives the count of bytes so far and a checksum over them out.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./counter.image.ts')),
  },
  clockwork: {
    name: 'clockwork',
    description: 'Prints a digest of every clock value it read and of the exact instruction at which each interrupt landed.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./clockwork.image.ts')),
  },
  'sieve-crc32': {
    name: 'sieve-crc32',
    description: 'Sieve of Eratosthenes and CRC-32 for the processor benchmark: prints one checksum and powers off.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./sieve-crc32.image.ts')),
  },
  sha256: {
    name: 'sha256',
    description: 'SHA-256 for the processor benchmark: shifts and logic; prints the last of many digests and powers off.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./sha256.image.ts')),
  },
  matrix: {
    name: 'matrix',
    description: 'Matrix products for the processor benchmark: multiplications and loads; prints one checksum and powers off.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./matrix.image.ts')),
  },
  sort: {
    name: 'sort',
    description: 'Quicksort and heapsort for the processor benchmark: comparisons and swaps; prints one checksum and powers off.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./sort.image.ts')),
  },
  compile: {
    name: 'compile',
    description:
      'A small compiler and its stack machine for the processor benchmark: pointers and branches; prints one checksum and powers off.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./compile.image.ts')),
  },
  traps: {
    name: 'traps',
    description: 'A program in user mode and its supervisor for the benchmark of traps: prints one checksum and powers off.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./traps.image.ts')),
  },
  racer: {
    name: 'racer',
    description: 'Harts that add to one counter, without a lock and with one: prints how many additions were lost, and powers off.',
    ramBytes: RAM_BYTES,
    hartsMax: 4,
    load: () => imageOf(import('./racer.image.ts')),
  },
  shell: {
    name: 'shell',
    description: 'A shell on the console: looks at memory and registers, reads the clock, computes, crashes and reboots on request.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./shell.image.ts')),
  },
  tickets: {
    name: 'tickets',
    description: 'A ticket machine on the network: each request gets the next number and the time it was issued at.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./tickets.image.ts')),
  },
  'key-value': {
    name: 'key-value',
    description: 'A key-value server in memory, on the network: UDP, answers to ARP and echo, and each request carried out at most once.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./key-value.image.ts')),
  },
  'key-value-disk': {
    name: 'key-value-disk',
    description: 'The key-value server with a write-ahead log on a disk: what it has answered outlives a crash at any moment.',
    ramBytes: RAM_BYTES,
    diskSectors: 124,
    load: () => imageOf(import('./key-value-disk.image.ts')),
  },
  'dma-poll': {
    name: 'dma-poll',
    description: 'Looks at a buffer while the disk fills it, and prints at which look it saw what: DMA at unlogged moments shows.',
    ramBytes: RAM_BYTES,
    diskSectors: 64,
    load: () => imageOf(import('./dma-poll.image.ts')),
  },
  overlap: {
    name: 'overlap',
    description:
      'For each console byte two requests at a time for one sector of the disk: an order other than its own shows in what it prints. A full stop switches it off with two writes on their way.',
    ramBytes: RAM_BYTES,
    diskSectors: 8,
    load: () => imageOf(import('./overlap.image.ts')),
  },
  lottery: {
    name: 'lottery',
    description: 'Draws 6 numbers of 49 for each console byte, with bytes of the entropy device, which nothing in the machine foretells.',
    ramBytes: RAM_BYTES,
    load: () => imageOf(import('./lottery.image.ts')),
  },
};
