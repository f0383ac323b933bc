/** A way for bytes with a bandwidth and a latency: when what is sent arrives. The logging channel of VMware FT, section 3.2, goes over one. */
import type { LinkOptions } from './timed-options.ts';

export class TimedLink {
  readonly #options: LinkOptions;
  #freeUs = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  /** When a message arrives whose last byte is given to the link at `sentUs`: after all that were sent before it. */
  arrivalUs(sentUs: number, bytes: number): number {
    const { mbitPerSecond, latencyUs, overheadBytes, packetBytesMax } = this.#options;
    const packets = Math.max(1, Math.ceil(bytes / packetBytesMax));
    this.#freeUs = Math.max(this.#freeUs, sentUs) + ((bytes + packets * overheadBytes) * 8) / mbitPerSecond;
    return this.#freeUs + latencyUs;
  }
}
