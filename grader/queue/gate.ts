/** Lets pieces of work go on side by side, and some alone. In the order in which they come, so that none waits for ever. */
export class Gate {
  /** Ends when the last piece that goes alone, and with it everything before it, has ended. */
  #alone: Promise<void> = Promise.resolve();
  /** What has come since then and goes on. */
  readonly #since = new Set<Promise<void>>();

  /** Does the work when its turn has come. */
  pass<Result>(isAlone: boolean, work: () => Promise<Result>): Promise<Result> {
    const turn = isAlone ? Promise.all([this.#alone, ...this.#since]) : this.#alone;
    const result = turn.then(work);
    const ended = result.then(
      () => undefined,
      () => undefined,
    );
    if (isAlone) {
      this.#alone = ended;
      this.#since.clear();
    } else {
      this.#since.add(ended);
      void ended.then(() => this.#since.delete(ended));
    }
    return result;
  }
}
