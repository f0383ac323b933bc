/**
 * RAM with what has to notice a store: decoded instructions, LR's reservations, and which pages changed since the last hash, snapshot and
 * round of migration. As hypervisors do it with write protection, RAM is divided into lines, and a line is open only while a store to it
 * would change nothing but its bytes. The interpreter's fast path stores to open lines alone; every other store comes here.
 */
import { BytePool } from './byte-pool.ts';
import { Code } from './code.ts';
import type { Instruction } from './decode.ts';
import { OPERATION } from './decode.ts';
import { hashPage } from './hash.ts';

/** Physical address of the first byte of RAM, unsigned. */
export const RAM_START = 0x80000000;

export const PAGE_BYTES = 4096;
const PAGE_SHIFT = 12;
const PAGE_WORDS = PAGE_BYTES / 4;

/** Copies of pages that share memory: no more than the whole RAM of a search's guest. */
const COPIES_BYTES = 16 * PAGE_BYTES;

/** Bytes of a line, 2 to the power of LINE_SHIFT. */
export const LINE_SHIFT = 4;
const LINE_WORDS = (1 << LINE_SHIFT) / 4;
const LINES_PER_PAGE = PAGE_BYTES >>> LINE_SHIFT;

/** Bits of a page: its hash, its copy in the latest snapshot, and what a migration has sent of it are out of date. */
const HASH_STALE = 1;
const COPY_STALE = 2;
const DIRTY = 4;
const PAGE_CHANGED = HASH_STALE | COPY_STALE | DIRTY;

/** What `Ram.reservations` has for a hart without one. */
export const NO_RESERVATION = -1;

export class Ram {
  readonly sizeBytes: number;
  /** Views of the same memory, indexed by offset from the start of RAM in units of their element. */
  readonly unsignedBytes: Uint8Array;
  readonly bytes: Int8Array;
  readonly halves: Int16Array;
  readonly words: Int32Array;
  readonly code: Code;
  /**
   * For each line, 1 if it is open. Invariant: an open line has no decoded instruction and no reserved word, and its page counts as changed.
   */
  readonly open: Uint8Array;
  /** For each hart, the index of the word that its LR reserved. A store to the word, by any hart or device, takes it away. */
  readonly reservations: Int32Array;
  /** For each page, a set of the bits above. */
  readonly #changed: Uint8Array;
  /** Two 32-bit halves of each page's hash, valid where HASH_STALE is clear. */
  readonly #pageHashes: Int32Array;
  /** Each page's copy in the latest snapshot made or restored, valid where COPY_STALE is clear. */
  #pageCopies: readonly Uint8Array[] = [];
  readonly #copies = new BytePool(COPIES_BYTES);

  constructor(sizeBytes: number, harts: number) {
    const memory = new ArrayBuffer(sizeBytes);
    this.sizeBytes = sizeBytes;
    this.unsignedBytes = new Uint8Array(memory);
    this.bytes = new Int8Array(memory);
    this.halves = new Int16Array(memory);
    this.words = new Int32Array(memory);
    this.code = new Code(this.words);
    this.open = new Uint8Array(sizeBytes >>> LINE_SHIFT);
    this.reservations = new Int32Array(harts).fill(NO_RESERVATION);
    this.#changed = new Uint8Array(sizeBytes / PAGE_BYTES).fill(PAGE_CHANGED);
    this.#pageHashes = new Int32Array(2 * this.#changed.length);
  }

  /** Replaces all content: `write` fills RAM that has just been zeroed. */
  fill(write: (bytes: Uint8Array) => void): void {
    this.unsignedBytes.fill(0);
    write(this.unsignedBytes);
    this.code.invalidate(0, this.words.length);
    this.reservations.fill(NO_RESERVATION);
    this.open.fill(0);
    this.#changed.fill(PAGE_CHANGED);
  }

  /** Reads `size` bytes (1, 2 or 4) at any byte offset inside RAM, little-endian, zero-extended. */
  load(offset: number, size: number): number {
    let value = 0;
    for (let index = 0; index < size; index++) value |= this.unsignedBytes[offset + index]! << (8 * index);
    return value;
  }

  /** Writes the low `size` bytes (1, 2 or 4) of `value` at any byte offset inside RAM, little-endian. */
  store(offset: number, size: number, value: number): void {
    for (let index = 0; index < size; index++) this.unsignedBytes[offset + index] = value >>> (8 * index);
    this.#notice(offset, size);
  }

  /** Writes bytes at any byte offset; all of them must be inside RAM. */
  storeBytes(offset: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.unsignedBytes.set(bytes, offset);
    this.#notice(offset, bytes.length);
  }

  /** Reserves a word, or none, for a hart, which gives up the word it had reserved before. */
  reserve(hart: number, index: number): void {
    this.reservations[hart] = index;
    if (index !== NO_RESERVATION) this.open[index >>> (LINE_SHIFT - 2)] = 0;
  }

  /** The instruction at a word of RAM, decoded. */
  decoded(index: number): Instruction {
    const instruction = this.code.at(index);
    if (instruction.operation === OPERATION.undecoded) {
      this.code.decode(instruction);
      this.open[index >>> (LINE_SHIFT - 2)] = 0;
    }
    return instruction;
  }

  /** Two numbers a page, in order: the hash of its content. Computes again only what changed since the last call. */
  pageHashes(): Int32Array {
    this.#takeChanged(HASH_STALE, (page) => {
      const [low, high] = hashPage(this.words, page * PAGE_WORDS, PAGE_WORDS);
      this.#pageHashes[2 * page] = low;
      this.#pageHashes[2 * page + 1] = high;
    });
    return this.#pageHashes;
  }

  /** A copy of every page. Pages that did not change since the latest snapshot are the same arrays as in that one: never write to them. */
  copyPages(): readonly Uint8Array[] {
    const copies = this.#pageCopies.slice();
    this.#takeChanged(COPY_STALE, (page) => {
      copies[page] = this.#copies.copyOf(this.unsignedBytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
      this.code.noteContent(page, copies[page]);
    });
    this.#pageCopies = copies;
    return copies;
  }

  /** Makes RAM equal to pages that `copyPages` made, here or in a machine with as much RAM. */
  restorePages(pages: readonly Uint8Array[]): void {
    const copies = this.#pageCopies;
    for (let page = 0; page < pages.length; page++) {
      const content = pages[page]!;
      if ((this.#changed[page]! & COPY_STALE) === 0 && copies[page] === content) continue;
      this.code.rewrite(page, content, () => this.unsignedBytes.set(content, page * PAGE_BYTES));
      this.#changed[page] = HASH_STALE | DIRTY;
      this.#close(page);
    }
    this.#pageCopies = pages;
  }

  /** Numbers of the pages that changed since the last call, in order. After a reset that is all of them. */
  takeDirtyPages(): number[] {
    const pages: number[] = [];
    this.#takeChanged(DIRTY, (page) => pages.push(page));
    return pages;
  }

  /** Calls `take` with each page that has the bit, and clears it. */
  #takeChanged(bit: number, take: (page: number) => void): void {
    const changed = this.#changed;
    for (let page = 0; page < changed.length; page++) {
      if ((changed[page]! & bit) === 0) continue;
      take(page);
      changed[page]! &= ~bit;
      this.#close(page);
    }
  }

  #close(page: number): void {
    this.open.fill(0, page * LINES_PER_PAGE, (page + 1) * LINES_PER_PAGE);
  }

  /** What follows from new content of `length` bytes: see the class. */
  #notice(offset: number, length: number): void {
    const last = offset + length - 1;
    const firstWord = offset >>> 2;
    const lastWord = last >>> 2;
    this.code.invalidate(firstWord, lastWord - firstWord + 1);
    for (let hart = 0; hart < this.reservations.length; hart++) {
      const reserved = this.reservations[hart]!;
      if (reserved >= firstWord && reserved <= lastWord) this.reservations[hart] = NO_RESERVATION;
    }
    for (let page = offset >>> PAGE_SHIFT; page <= last >>> PAGE_SHIFT; page++) this.#changed[page] = PAGE_CHANGED;
    for (let line = offset >>> LINE_SHIFT; line <= last >>> LINE_SHIFT; line++) this.#openIfPossible(line);
  }

  /** Precondition: the line's page counts as changed. */
  #openIfPossible(line: number): void {
    const firstWord = line * LINE_WORDS;
    this.open[line] = this.#isReserved(firstWord, LINE_WORDS) || this.code.hasDecoded(firstWord, LINE_WORDS) ? 0 : 1;
  }

  #isReserved(firstWord: number, count: number): boolean {
    for (let hart = 0; hart < this.reservations.length; hart++) {
      const reserved = this.reservations[hart]!;
      if (reserved >= firstWord && reserved < firstWord + count) return true;
    }
    return false;
  }
}
