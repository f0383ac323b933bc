/**
 * What the guest has written to its console and at which positions, so that the console can be shown as it was at any point of the run.
 * Kept in flat arrays: a guest can write a great deal.
 */
const INITIAL_BYTES = 1024;

export class ConsoleTranscript {
  #bytes = new Uint8Array(INITIAL_BYTES);
  /** The machine's position after the attempt that wrote each byte. */
  #positions = new Float64Array(INITIAL_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Positions never go down. */
  append(byte: number, position: number): void {
    if (this.#length === this.#bytes.length) this.#grow();
    this.#bytes[this.#length] = byte;
    this.#positions[this.#length++] = position;
  }

  /** How many bytes the guest had written at a position. */
  countAt(position: number): number {
    let low = 0;
    for (let high = this.#length; low < high;) {
      const middle = (low + high) >>> 1;
      if (this.#positions[middle]! <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** A copy of the bytes from one index to another, the latter not included. */
  slice(from: number, to: number): Uint8Array {
    return this.#bytes.slice(from, Math.min(to, this.#length));
  }

  /** Forgets all bytes from an index on. */
  cut(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  #grow(): void {
    const bytes = new Uint8Array(2 * this.#bytes.length);
    bytes.set(this.#bytes);
    const positions = new Float64Array(bytes.length);
    positions.set(this.#positions);
    this.#bytes = bytes;
    this.#positions = positions;
  }
}
