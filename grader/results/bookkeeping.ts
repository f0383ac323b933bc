/** Where a run keeps its outcomes: in a folder, so that it can be taken up again, or in memory, where nobody asked for one. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CannotGrade } from '../intake/cannot-grade.ts';
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
      throw new CannotGrade(`${printable(folder)}: no folder can be made there: ${reasonOf(error as NodeJS.ErrnoException)}`);
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

/** Makes a folder and those above it. Node's `recursive` tries for ever where one that is there answers ENOENT, as those of `/proc` do. */
function makeFolder(folder: string): void {
  const above = dirname(folder);
  if (!existsSync(above)) makeFolder(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EEXIST' || code === 'ENOTDIR') return 'a file is in its place. Name another folder with --out.';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return 'this cannot be written. Check the permissions of the folder above.';
  if (code === 'ENOSPC') return 'the disk is full. Make room, or name a folder on another disk.';
  return `${code ?? message}. Name another folder with --out.`;
}
