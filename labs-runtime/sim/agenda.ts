/** What is to happen at a later time of the simulated world: datagrams on their way, answers of the storage. Plain data, in a fixed order. */

export class Agenda<Item> {
  /** Invariant: sorted by time; of equal times, what was added first comes first. */
  #entries: { atMs: number; item: Item }[] = [];

  /** Adds what happens at `atMs`. */
  add(atMs: number, item: Item): void {
    const index = this.#entries.findLastIndex((entry) => entry.atMs <= atMs);
    this.#entries.splice(index + 1, 0, { atMs, item });
  }

  /** Takes off what is due at `nowMs`, in order. */
  takeDue(nowMs: number): Item[] {
    const due: Item[] = [];
    while (this.#entries.length > 0 && this.#entries[0]!.atMs <= nowMs) due.push(this.#entries.shift()!.item);
    return due;
  }
}
