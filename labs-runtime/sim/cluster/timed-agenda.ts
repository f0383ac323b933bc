/** What is due when, by the microsecond, in a fixed order: a heap, since a timed run has many things on their way. */

interface Entry<Item> {
  dueUs: number;
  /** Of what is due at one time, the first added comes first. */
  order: number;
  item: Item;
}

export class TimedAgenda<Item> {
  /** Invariant: no entry is due before the one at half its index. */
  readonly #heap: Entry<Item>[] = [];
  #added = 0;

  /** When the next item is due; Infinity if there is none. */
  get nextUs(): number {
    return this.#heap[0]?.dueUs ?? Infinity;
  }

  add(dueUs: number, item: Item): void {
    const entry = { dueUs, order: this.#added++, item };
    let index = this.#heap.length;
    for (let parent; index > 0 && isBefore(entry, this.#heap[(parent = (index - 1) >> 1)]!); index = parent) {
      this.#heap[index] = this.#heap[parent]!;
    }
    this.#heap[index] = entry;
  }

  /** Takes off the item that is due next, with its time. */
  take(): { dueUs: number; item: Item } | undefined {
    const [first] = this.#heap;
    const last = this.#heap.pop();
    if (last !== undefined && this.#heap.length > 0) this.#sink(last);
    return first;
  }

  /** Puts an entry into the place of the first, and what is before it above it. */
  #sink(entry: Entry<Item>): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (child >= heap.length || !isBefore(heap[child]!, entry)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = entry;
  }
}

function isBefore(one: Entry<unknown>, other: Entry<unknown>): boolean {
  return one.dueUs < other.dueUs || (one.dueUs === other.dueUs && one.order < other.order);
}
