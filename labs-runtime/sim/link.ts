/**
 * The link below the logging channel: an ordered stream of bytes each way, that can break. It stands in for TCP.
 * A break loses an unknown end of what is in flight; what survives arrives late, after healing and before any new bytes.
 */

/** One direction of a link. */
export class ByteStream {
  /** Bytes that are on their way, in the pieces in which they were sent. */
  #pieces: Uint8Array[] = [];
  #bytesInFlight = 0;
  #up = true;

  /** Bytes that are on their way. */
  get bytesInFlight(): number {
    return this.#bytesInFlight;
  }

  /** Puts bytes on their way, which nobody writes to any more; while the link is down they are lost. */
  send(bytes: Uint8Array): void {
    if (!this.#up) return;
    this.#pieces.push(bytes);
    this.#bytesInFlight += bytes.length;
  }

  /** Takes up to `bytesMax` bytes off the front, as the next piece to arrive; none while the link is down. */
  carry(bytesMax: number): Uint8Array {
    return this.#take(this.#up ? bytesMax : 0);
  }

  /** Cuts the stream: of the bytes in flight the first `lateBytes` will still arrive after healing, the others are lost. */
  break(lateBytes: number): void {
    this.#up = false;
    this.keep(lateBytes);
  }

  /** The sender is gone: of the bytes in flight the first `lateBytes` still arrive, the others are lost. */
  keep(lateBytes: number): void {
    const kept = this.#take(lateBytes);
    this.#pieces = [kept];
    this.#bytesInFlight = kept.length;
  }

  heal(): void {
    this.#up = true;
  }

  #take(bytesMax: number): Uint8Array {
    const taken = new Uint8Array(Math.min(bytesMax, this.#bytesInFlight));
    let [at, whole] = [0, 0];
    while (at < taken.length) {
      const piece = this.#pieces[whole]!;
      const left = taken.length - at;
      taken.set(piece.length <= left ? piece : piece.subarray(0, left), at);
      if (piece.length <= left) whole += 1;
      else this.#pieces[whole] = piece.subarray(left);
      at += Math.min(piece.length, left);
    }
    this.#pieces.splice(0, whole);
    this.#bytesInFlight -= taken.length;
    return taken;
  }
}
