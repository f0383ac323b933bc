/**
 * The link below the logging channel: an ordered stream of bytes each way, that can break. It stands in for TCP.
 * A break loses an unknown end of what is in flight; what survives arrives late, after healing and before any new bytes.
 */

/** One direction of a link. */
export class ByteStream {
  #inFlight: Uint8Array = new Uint8Array(0);
  #up = true;

  /** Bytes that are on their way. */
  get bytesInFlight(): number {
    return this.#inFlight.length;
  }

  /** Puts bytes on their way; while the link is down they are lost. */
  send(bytes: Uint8Array): void {
    if (!this.#up) return;
    const joined = new Uint8Array(this.#inFlight.length + bytes.length);
    joined.set(this.#inFlight);
    joined.set(bytes, this.#inFlight.length);
    this.#inFlight = joined;
  }

  /** Takes up to `bytesMax` bytes off the front, as the next piece to arrive; none while the link is down. */
  carry(bytesMax: number): Uint8Array {
    if (!this.#up) return new Uint8Array(0);
    const piece = this.#inFlight.slice(0, bytesMax);
    this.#inFlight = this.#inFlight.slice(bytesMax);
    return piece;
  }

  /** Cuts the stream: of the bytes in flight the first `lateBytes` will still arrive after healing, the others are lost. */
  break(lateBytes: number): void {
    this.#up = false;
    this.keep(lateBytes);
  }

  /** The sender is gone: of the bytes in flight the first `lateBytes` still arrive, the others are lost. */
  keep(lateBytes: number): void {
    this.#inFlight = this.#inFlight.slice(0, lateBytes);
  }

  heal(): void {
    this.#up = true;
  }
}
