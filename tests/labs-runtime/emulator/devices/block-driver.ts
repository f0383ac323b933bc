/** The block device's driver, for the tests: requests laid out as virtio 1.2, section 5.2.6 says. */
import type { DiskRequest } from '../../../../labs-runtime/emulator/machine.ts';
import { RAM } from '../assembler.ts';
import type { Descriptor, Store } from './virtio-driver.ts';
import { bytesAt, chain, createDriver, DEVICE_WRITES, Guest, offer, word } from './virtio-driver.ts';

export const BLOCK = 0x10002000;
/** The one queue, of as many entries as five requests need. */
export const QUEUE = 0;
export const ENTRIES = 16;
export const DISK_SECTORS = 100;

export const READ = 0;
export const WRITE = 1;
export const FLUSH = 4;
export const IDENTIFY = 8;

export const OK = 0;
export const ERROR = 1;
export const UNSUPPORTED = 2;

export const FEATURES = { segmentBytes: 1 << 1, segments: 1 << 2, sectorBytes: 1 << 6, flush: 1 << 9 };

export const block = createDriver({ start: BLOCK, features: FEATURES.flush, queues: 1, queueSize: ENTRIES });

/** Where request `index` has its header, status and data: 2048 bytes in all. */
export const places = (index: number) => {
  const start = RAM + 0x8000 + 0x800 * index;
  return { header: start, status: start + 0x10, data: start + 0x200 };
};

export const headOf = (index: number) => 3 * index;

/** A header; `sector` may have 64 bits. */
export function header(index: number, type: number, sector: number | bigint): Store[] {
  const at = places(index).header;
  return [
    word(at, type),
    word(at + 4, 0),
    word(at + 8, Number(BigInt.asUintN(32, BigInt(sector)))),
    word(at + 12, Number(BigInt(sector) >> 32n)),
  ];
}

/** The parts of a request: the header, `byteCount` bytes of data with those flags, the status. */
export function parts(index: number, byteCount: number, flags: number): Descriptor[] {
  const at = places(index);
  const data = byteCount === 0 ? [] : [{ address: at.data, length: byteCount, flags }];
  return [{ address: at.header, length: 16 }, ...data, { address: at.status, length: 1, flags: DEVICE_WRITES }];
}

/** A request with 0xee as the status that nobody has written yet. */
export function request(index: number, type: number, sector: number | bigint, byteCount: number): Store[] {
  const flags = type === WRITE ? 0 : DEVICE_WRITES;
  return [
    ...header(index, type, sector),
    ...bytesAt(places(index).status, [0xee]),
    ...chain(QUEUE, headOf(index), parts(index, byteCount, flags)),
  ];
}

export const read = (index: number, sector: number | bigint, byteCount = 512) => request(index, READ, sector, byteCount);
export const flush = (index: number) => request(index, FLUSH, 0, 0);

/** A write of these bytes. */
export const write = (index: number, sector: number | bigint, bytes: ArrayLike<number>) => [
  ...request(index, WRITE, sector, bytes.length),
  ...bytesAt(places(index).data, bytes),
];

/** A bus with a disk on it, as the guest sees it. */
export class BlockGuest extends Guest {
  #offered = 0;

  constructor(diskSectors = DISK_SECTORS, ...before: Store[][]) {
    super(BLOCK, diskSectors, ...before);
  }

  /** Offers requests that are laid out, and notifies; returns those that were handed out. */
  submit(...indices: number[]): DiskRequest[] {
    return this.submitHeads(indices.map(headOf));
  }

  submitHeads(heads: number[]): DiskRequest[] {
    const stops = this.store(offer(QUEUE, heads, this.#offered, ENTRIES), [block.notify(QUEUE)]);
    this.#offered += heads.length;
    return stops.flatMap((stop) => {
      if (stop.reason !== 'disk') throw new Error(`the notification ended in ${stop.reason}`);
      return stop.requests;
    });
  }

  /** What the driver sees of the requests: the used ring's elements, and each one's status. */
  status(index: number): number {
    return this.load(places(index).status, 1);
  }

  get returned(): [head: number, length: number][] {
    return this.used(QUEUE, ENTRIES).elements;
  }
}
