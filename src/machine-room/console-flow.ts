/**
 * The way of console bytes from the worker to the terminal, with flow control by acknowledgements: nothing is dropped, and a guest that
 * floods its console waits until the terminal has drawn what it wrote before, as it would for a serial line.
 */

/** Bytes on the way to the terminal from which on the guest waits. */
export const IN_FLIGHT_MAX_BYTES = 64 * 1024;

/** RIS of the ECMA-48 family: empties a terminal, and what it remembers. */
export const FULL_RESET = Uint8Array.of(0x1b, 0x63);

const INITIAL_BYTES = 1024;

export class ConsoleFlow {
  readonly #send: (bytes: Uint8Array) => void;
  #pending = new Uint8Array(INITIAL_BYTES);
  #length = 0;
  #inFlight = 0;

  constructor(send: (bytes: Uint8Array) => void) {
    this.#send = send;
  }

  /** Whether the guest has to wait for the terminal. */
  get isFull(): boolean {
    return this.#inFlight + this.#length >= IN_FLIGHT_MAX_BYTES;
  }

  push(byte: number): void {
    this.#reserve(1);
    this.#pending[this.#length++] = byte;
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#pending.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Replaces all that was ever written. */
  replace(bytes: Uint8Array): void {
    this.#length = 0;
    this.append(FULL_RESET);
    this.append(bytes);
  }

  /** Sends what there is, in one message. */
  flush(): void {
    if (this.#length === 0) return;
    const bytes = this.#pending.slice(0, this.#length);
    this.#inFlight += this.#length;
    this.#length = 0;
    this.#send(bytes);
  }

  /** The terminal has drawn so many bytes. */
  acknowledge(byteCount: number): void {
    this.#inFlight = Math.max(0, this.#inFlight - byteCount);
  }

  #reserve(byteCount: number): void {
    const needed = this.#length + byteCount;
    if (needed <= this.#pending.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#pending.length));
    larger.set(this.#pending.subarray(0, this.#length));
    this.#pending = larger;
  }
}
