/**
 * A disk for tests: it keeps completed writes in a volatile cache until a flush, and what a crash leaves of those is decided by a seed: all
 * of a write, nothing of it, some of its sectors, or a sector that is half new (virtio 1.2, section 5.2.6.2, promises no more).
 */
import type { DiskRequest } from '../../../labs-runtime/emulator/machine.ts';
import type { Prng } from '../../../labs-runtime/sim/prng.ts';

export const SECTOR_BYTES = 512;

/** What became of the writes that were not safe when a disk crashed. */
export type Fate = 'kept' | 'lost' | 'torn';

interface Write {
  offset: number;
  data: Uint8Array;
}

export class ModelDisk {
  /** What a crash cannot change. */
  readonly stable: Uint8Array;
  #cached: Write[] = [];

  /** A disk with these bytes, of which it takes a copy. */
  constructor(bytes: Uint8Array) {
    this.stable = bytes.slice();
  }

  static blank(sectors: number): ModelDisk {
    return new ModelDisk(new Uint8Array(sectors * SECTOR_BYTES));
  }

  /** Does what was asked for. Returns what a read reads, which is what was written last, safe or not. */
  perform(request: DiskRequest): Uint8Array | undefined {
    const offset = request.sector * SECTOR_BYTES;
    if (request.kind === 'read') return this.#current().slice(offset, offset + request.byteCount);
    if (request.kind === 'write') this.#cached.push({ offset, data: request.data!.slice() });
    else this.#flush();
    return undefined;
  }

  /** The disk after a crash that hits it with some requests unanswered. `fates` gets what became of each write that was not safe. */
  crash(unanswered: readonly DiskRequest[], prng: Prng, fates: Fate[] = []): ModelDisk {
    const bytes = this.stable.slice();
    const begun = unanswered
      .filter(({ kind }) => kind === 'write')
      .map(({ sector, data }) => ({ offset: sector * SECTOR_BYTES, data: data! }));
    for (const write of [...this.#cached, ...begun]) {
      const fate = prng.pick<Fate>(['kept', 'lost', 'torn']);
      fates.push(fate);
      if (fate === 'kept') bytes.set(write.data, write.offset);
      if (fate === 'torn') tear(bytes, write, prng);
    }
    return new ModelDisk(bytes);
  }

  #current(): Uint8Array {
    const bytes = this.stable.slice();
    for (const { offset, data } of this.#cached) bytes.set(data, offset);
    return bytes;
  }

  #flush(): void {
    this.stable.set(this.#current());
    this.#cached = [];
  }
}

/** Writes some sectors of a write whole, leaves some alone, and ends some at a byte in their midst. */
function tear(bytes: Uint8Array, { offset, data }: Write, prng: Prng): void {
  for (let at = 0; at < data.length; at += SECTOR_BYTES) {
    const newBytes = prng.pick([0, SECTOR_BYTES, prng.int(SECTOR_BYTES)]);
    bytes.set(data.subarray(at, at + newBytes), offset + at);
  }
}
