/** What a run of `lockstep grade --out` has left in its folder, for tests that hold it against another's. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const STORE = 'lockstep.sqlite';

/** Every file of a folder by its path, but for the store's. */
export function filesIn(path: string): Record<string, string> {
  const names = readdirSync(path, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.startsWith(STORE),
  );
  return Object.fromEntries(
    names.map(({ parentPath, name }) => [join(parentPath, name).slice(path.length), readFileSync(join(parentPath, name), 'utf8')]),
  );
}

/** Reports say when they were made: the one difference between two runs. */
export function withoutTimes(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [path, text.replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, '(time)')]),
  );
}

/** All that the store of a folder holds, each submission's outcome as its bytes. Nobody may have it open. */
export function keptIn(path: string): Record<string, unknown>[] {
  const database = new DatabaseSync(join(path, STORE));
  try {
    return database.prepare('SELECT * FROM outcomes ORDER BY submission, lab').all();
  } finally {
    database.close();
  }
}
