/**
 * Keeps each outcome the moment it is known, so that a run that is killed can be taken up where it was: one file of SQLite, one transaction an
 * outcome. SQLite's journal sees to it that an outcome is in the file whole or not at all, whatever ends the process or the power.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Outcome } from './results.ts';

/** An outcome, and what it is the outcome of. */
export interface Kept {
  /** Digest of everything that the outcome follows from: the same digest, the same outcome. */
  digest: string;
  outcome: Outcome;
}

/** Raised when the form of the tables changes. */
const FORM = 2;

type Statements = Record<'count' | 'find' | 'keep', StatementSync>;

export class StoreError extends Error {}

export class Store {
  readonly #database: DatabaseSync;
  readonly #path: string;
  readonly #statements: Statements;

  /** Opens or makes a store. @param path of the file, or `:memory:` @throws StoreError where it is none, or cannot be used */
  constructor(path: string) {
    this.#path = path;
    this.#database = this.#attempt(() => new DatabaseSync(path));
    try {
      this.#statements = this.#attempt(() => this.#prepared());
    } catch (error) {
      // What is refused is let go of: it would else stay locked as long as this process runs.
      this.#database.close();
      throw error;
    }
  }

  /** Makes the table if there is none, and the statements that are run again and again. @throws StoreError where the form is another */
  #prepared(): Statements {
    // One run at a time: two would mix what they find.
    this.#database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;');
    const form = this.#database.prepare('PRAGMA user_version').get() as { user_version: number };
    if (form.user_version !== 0 && form.user_version !== FORM) {
      throw new StoreError(`${this.#path}: it was written by another version of this command. Name another folder with --out.`);
    }
    this.#database.exec(`PRAGMA user_version = ${FORM};
      CREATE TABLE IF NOT EXISTS outcomes (
        submission TEXT NOT NULL, lab TEXT NOT NULL, digest TEXT NOT NULL, outcome TEXT NOT NULL,
        PRIMARY KEY (submission, lab)
      ) STRICT, WITHOUT ROWID;`);
    return {
      count: this.#database.prepare('SELECT count(*) AS count FROM outcomes'),
      find: this.#database.prepare('SELECT digest, outcome FROM outcomes WHERE submission = ? AND lab = ?'),
      keep: this.#database.prepare('INSERT OR REPLACE INTO outcomes (submission, lab, digest, outcome) VALUES (?, ?, ?, ?)'),
    };
  }

  /** How many outcomes there are. */
  get size(): number {
    return (this.#statements.count.get() as { count: number }).count;
  }

  find(submission: string, lab: string): Kept | undefined {
    const row = this.#statements.find.get(submission, lab) as { digest: string; outcome: string } | undefined;
    return row && { digest: row.digest, outcome: JSON.parse(row.outcome) as Outcome };
  }

  /** Keeps an outcome in place of an earlier one; it is in the file when this returns. @throws StoreError e.g. where the disk is full */
  keep(submission: string, lab: string, { digest, outcome }: Kept): void {
    this.#attempt(() => this.#statements.keep.run(submission, lab, digest, JSON.stringify(outcome)));
  }

  close(): void {
    this.#database.close();
  }

  #attempt<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw new StoreError(`${this.#path}: ${reasonOf(error as Error & { errcode?: number })}`);
    }
  }
}

/** SQLite's result codes: https://sqlite.org/rescode.html */
const SQLITE = { busy: 5, readOnly: 8, ioError: 10, full: 13, cannotOpen: 14, notADatabase: 26 } as const;

function reasonOf({ errcode, message }: Error & { errcode?: number }): string {
  switch (errcode === undefined ? undefined : errcode & 0xff) {
    case SQLITE.busy:
      return 'another run is writing there. Wait for it, or name another folder with --out.';
    case SQLITE.readOnly:
      return 'it cannot be written to. Check the permissions of the folder.';
    case SQLITE.ioError:
      return `it cannot be read or written (${message}). Check the disk and run the same command again with --resume.`;
    case SQLITE.full:
      return 'the disk is full. Make room and run the same command again with --resume.';
    case SQLITE.cannotOpen:
      return 'it cannot be opened or made. Check the folder and its permissions.';
    case SQLITE.notADatabase:
      return 'it is no store of results. Name another folder with --out.';
    default:
      return `${message}.`;
  }
}
