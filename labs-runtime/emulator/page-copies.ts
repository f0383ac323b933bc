/** Memory for the copies of pages that a snapshot consists of. A piece of memory is made for several copies, since that takes longer than copying. */

/** Copies that share a piece, which lasts as long as any of them: no more than the whole RAM of a search's guest. */
const COPIES = 16;

export class PageCopies {
  #memory = new Uint8Array(0);
  #usedBytes = 0;

  /** A copy of a page, for nobody to write to. Precondition: all pages are equally long. */
  copyOf(page: Uint8Array): Uint8Array {
    if (this.#usedBytes === this.#memory.length) {
      this.#memory = new Uint8Array(COPIES * page.length);
      this.#usedBytes = 0;
    }
    const copy = this.#memory.subarray(this.#usedBytes, this.#usedBytes + page.length);
    this.#usedBytes += page.length;
    copy.set(page);
    return copy;
  }
}
