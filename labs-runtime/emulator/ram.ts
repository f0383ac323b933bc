/**
 * RAM with what has to stay coherent with it: decoded instructions, and which pages changed since the last hash and snapshot.
 * Every store, from whatever path, clears the decoded form of the words it touches: were that left to FENCE.I, behaviour would
 * depend on how warm the cache is, and a machine restored from a snapshot would diverge from the one it was taken from.
 */
import { hashPage } from './hash.ts';

/** Physical address of the first byte of RAM, unsigned. */
export const RAM_START = 0x80000000;

export const PAGE_BYTES = 4096;
const PAGE_WORDS = PAGE_BYTES / 4;

/** Bits of `Ram.changed`: a page's hash, and its copy in the latest snapshot, are out of date. A store sets both. */
const HASH_STALE = 1;
const COPY_STALE = 2;
export const PAGE_CHANGED = HASH_STALE | COPY_STALE;

export class Ram {
  readonly sizeBytes: number;
  /** Views of the same memory, indexed by offset from the start of RAM in units of their element. */
  readonly unsignedBytes: Uint8Array;
  readonly bytes: Int8Array;
  readonly halves: Int16Array;
  readonly words: Int32Array;
  /** The decoded form of each word of RAM, see `decode.ts`; zero means not decoded. The entry past the end is never decoded. */
  readonly decoded: Int32Array;
  /** For each page, a set of the bits above. */
  readonly changed: Uint8Array;
  /** Two 32-bit halves of each page's hash, valid where HASH_STALE is clear. */
  readonly #pageHashes: Int32Array;
  /** Each page's copy in the latest snapshot made or restored, valid where COPY_STALE is clear. */
  #pageCopies: Uint8Array[] = [];

  constructor(sizeBytes: number) {
    const memory = new ArrayBuffer(sizeBytes);
    this.sizeBytes = sizeBytes;
    this.unsignedBytes = new Uint8Array(memory);
    this.bytes = new Int8Array(memory);
    this.halves = new Int16Array(memory);
    this.words = new Int32Array(memory);
    this.decoded = new Int32Array(this.words.length + 1);
    this.changed = new Uint8Array(sizeBytes / PAGE_BYTES).fill(PAGE_CHANGED);
    this.#pageHashes = new Int32Array(2 * this.changed.length);
  }

  /** Replaces all content: `write` fills RAM that has just been zeroed. */
  fill(write: (bytes: Uint8Array) => void): void {
    this.unsignedBytes.fill(0);
    write(this.unsignedBytes);
    this.decoded.fill(0);
    this.changed.fill(PAGE_CHANGED);
  }

  /** Reads `size` bytes (1, 2 or 4) at any byte offset inside RAM, little-endian, zero-extended. */
  load(offset: number, size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) value |= this.unsignedBytes[offset + index]! << (8 * index);
    return value;
  }

  /** Writes the low `size` bytes (1, 2 or 4) of `value` at any byte offset inside RAM, little-endian. */
  store(offset: number, size: number, value: number): void {
    for (let index = 0; index < size; index++) {
      const target = offset + index;
      this.unsignedBytes[target] = value >>> (8 * index);
      this.decoded[target >>> 2] = 0;
      this.changed[Math.floor(target / PAGE_BYTES)] = PAGE_CHANGED;
    }
  }

  /** Writes bytes at any byte offset; all of them must be inside RAM. */
  storeBytes(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const last = offset + bytes.length - 1;
    this.unsignedBytes.set(bytes, offset);
    this.decoded.fill(0, offset >>> 2, (last >>> 2) + 1);
    this.changed.fill(PAGE_CHANGED, Math.floor(offset / PAGE_BYTES), Math.floor(last / PAGE_BYTES) + 1);
  }

  /** Two numbers a page, in order: the hash of its content. Computes again only what changed since the last call. */
  pageHashes(): Int32Array {
    for (let page = 0; page < this.changed.length; page++) {
      if ((this.changed[page]! & HASH_STALE) === 0) continue;
      const [low, high] = hashPage(this.words, page * PAGE_WORDS, PAGE_WORDS);
      this.#pageHashes[2 * page] = low;
      this.#pageHashes[2 * page + 1] = high;
      this.changed[page]! &= ~HASH_STALE;
    }
    return this.#pageHashes;
  }

  /** A copy of every page. Pages that did not change since the latest snapshot are the same arrays as in that one: never write to them. */
  copyPages(): Uint8Array[] {
    const copies = this.#pageCopies.slice();
    for (let page = 0; page < this.changed.length; page++) {
      if ((this.changed[page]! & COPY_STALE) === 0) continue;
      copies[page] = this.unsignedBytes.slice(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
      this.changed[page]! &= ~COPY_STALE;
    }
    this.#pageCopies = copies;
    return copies.slice();
  }

  /** Makes RAM equal to pages that `copyPages` made, here or in a machine with as much RAM. */
  restorePages(pages: readonly Uint8Array[]): void {
    for (let page = 0; page < this.changed.length; page++) {
      const content = pages[page]!;
      if ((this.changed[page]! & COPY_STALE) === 0 && this.#pageCopies[page] === content) continue;
      this.unsignedBytes.set(content, page * PAGE_BYTES);
      this.decoded.fill(0, page * PAGE_WORDS, (page + 1) * PAGE_WORDS);
      this.changed[page] = HASH_STALE;
    }
    this.#pageCopies = pages.slice();
  }
}
