/** Where a run keeps its outcomes: in a folder, so that it can be taken up again, or in memory, where nobody asked for one. */
import { join } from 'node:path';
import { CannotGrade } from '../intake/cannot-grade.ts';
import { makeFolder, whyNoPlace } from '../place-to-write.ts';
import { printable } from '../terminal.ts';
import { Store, StoreError } from './store.ts';
import type { Kept } from './store.ts';

const FILE = 'lockstep.sqlite';

export class Bookkeeping {
  /** What went wrong with keeping, a sentence each; the grading goes on. */
  readonly troubles: string[] = [];
  readonly #store: Store;

  private constructor(store: Store) {
    this.#store = store;
  }

  /**
   * @param folder made if it is not there; without one, nothing is kept beyond this run
   * @throws CannotGrade where it holds results and nobody said that they are to be taken up
   */
  static open(folder: string | undefined, resume: boolean): Bookkeeping {
    if (folder === undefined) return new Bookkeeping(new Store(':memory:'));
    try {
      makeFolder(folder);
    } catch (error) {
      throw new CannotGrade(`${printable(folder)}: no folder can be made there: ${whyNoPlace(error as NodeJS.ErrnoException)}`);
    }
    const store = new Store(join(folder, FILE));
    if (store.size === 0 || resume) return new Bookkeeping(store);
    store.close();
    throw new CannotGrade(
      `${printable(folder)}: there are results of an earlier run. Add --resume to take them up, which grades only what is new, or name another folder.`,
    );
  }

  find(submission: string, lab: string): Kept | undefined {
    return this.#store.find(submission, lab);
  }

  /** A disk that is full stops no grading: what cannot be kept is still in this run's results. */
  keep(submission: string, lab: string, kept: Kept): void {
    try {
      this.#store.keep(submission, lab, kept);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      if (!this.troubles.includes(error.message)) this.troubles.push(error.message);
    }
  }

  close(): void {
    this.#store.close();
  }
}
