/**
 * Memory for many arrays of bytes that live about as long as each other: pages of snapshots, entries of the log and their frames. Engines take longer to
 * make memory for an array than to fill it, so a piece is made for several at once.
 */

export class BytePool {
  readonly #pieceBytes: number;
  /** Where the next array comes from, and the offset at which it begins. What is there may be written before it is taken. */
  piece = new Uint8Array(0);
  start = 0;

  /** A piece is so long, and lasts as long as any array in it. */
  constructor(pieceBytes: number) {
    this.#pieceBytes = pieceBytes;
  }

  /** Sees to it that the next array may have so many bytes. */
  reserve(byteCount: number): void {
    if (this.start + byteCount <= this.piece.length) return;
    this.piece = new Uint8Array(Math.max(this.#pieceBytes, byteCount));
    this.start = 0;
  }

  /** The next array, with an offset in its buffer. One too long for a piece has memory of its own, unless it was reserved. */
  take(byteCount: number): Uint8Array {
    if (byteCount > this.#pieceBytes && this.start + byteCount > this.piece.length) return new Uint8Array(byteCount);
    this.reserve(byteCount);
    const { start } = this;
    this.start += byteCount;
    return new Uint8Array(this.piece.buffer, start, byteCount);
  }

  copyOf(bytes: Uint8Array): Uint8Array {
    const copy = this.take(bytes.length);
    copy.set(bytes);
    return copy;
  }
}
