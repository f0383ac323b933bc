/**
 * Memory for many arrays of bytes that live about as long as each other: pages of snapshots, entries of the log and their frames. Engines take longer to
 * make memory for an array than to fill it, so a piece is made for several at once.
 */

export class BytePool {
  readonly #pieceBytes: number;
  #piece = new Uint8Array(0);
  #usedBytes = 0;

  /** A piece is so long, and lasts as long as any array in it. */
  constructor(pieceBytes: number) {
    this.#pieceBytes = pieceBytes;
  }

  /** An array of zeros, with an offset in its buffer. One too long for a piece has memory of its own. */
  take(byteCount: number): Uint8Array {
    if (byteCount > this.#pieceBytes) return new Uint8Array(byteCount);
    if (this.#usedBytes + byteCount > this.#piece.length) {
      this.#piece = new Uint8Array(this.#pieceBytes);
      this.#usedBytes = 0;
    }
    const start = this.#usedBytes;
    this.#usedBytes += byteCount;
    return this.#piece.subarray(start, this.#usedBytes);
  }

  copyOf(bytes: Uint8Array): Uint8Array {
    const copy = this.take(bytes.length);
    copy.set(bytes);
    return copy;
  }
}
