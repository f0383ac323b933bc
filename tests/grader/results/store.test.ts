/** The store: what is kept is found again, by another process as well, and what is no store is refused in words. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Kept } from '../../../grader/results/store.ts';
import { Store, StoreError } from '../../../grader/results/store.ts';
import { REPOSITORY } from '../../../scripts/repository.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-store-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const kept = (message: string): Kept => ({ digest: 'd', outcome: { kind: 'not graded', message } });

/** A store as the first form of the tables had it, with a column more. */
function makeEarlierStore(): void {
  const database = new DatabaseSync(join(folder, 'x'));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA user_version = 1;
    CREATE TABLE outcomes (submission TEXT, lab TEXT, digest TEXT, outcome TEXT, recorder TEXT, PRIMARY KEY (submission, lab));`);
  database.close();
}

test('what is kept last is found, whatever the names', () => {
  const store = new Store(':memory:');
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, lab, message) => {
      store.keep(name, lab, kept('before'));
      store.keep(name, lab, kept(message));
      expect(store.find(name, lab)).toEqual(kept(message));
    }),
  );
  expect(store.find('nobody', 'nothing')).toBeUndefined();
});

test('a process that is killed in the middle of its work has kept all it said it had', async () => {
  const path = join(folder, 'store.sqlite');
  const script = `
    import { Store } from ${JSON.stringify(join(REPOSITORY, 'grader/results/store.ts'))};
    const store = new Store(process.argv[1]);
    for (let count = 0; ; count++) {
      store.keep('s' + count, 'lab', { digest: 'd', outcome: { kind: 'missing' } });
      process.stdout.write(count + '\\n');
    }`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').length > 50) child.kill('SIGKILL');
  });
  await once(child, 'close');
  const last = Number(said.split('\n').at(-2));
  const store = new Store(path);
  for (let count = 0; count <= last; count++) expect(store.find(`s${count}`, 'lab')).toBeDefined();
  store.close();
});

describe('is refused in words', () => {
  test.each([
    [
      'a file that is something else',
      () => writeFileSync(join(folder, 'x'), 'no store at all, but long enough to be looked at'.repeat(40)),
      'x',
      /no store of results/,
    ],
    ['one of an earlier version', makeEarlierStore, 'x', /written by another version of this command. Name another folder/],
    ['a folder that is not there', () => {}, 'nowhere/x', /cannot be opened or made/],
  ])('%s', (_, prepare, name, message) => {
    prepare();
    expect(() => new Store(join(folder, name))).toThrow(StoreError);
    expect(() => new Store(join(folder, name))).toThrow(message);
  });

  test('one that another run has open', () => {
    const path = join(folder, 'store.sqlite');
    const first = new Store(path);
    first.keep('a', 'lab', kept('first'));
    expect(() => new Store(path)).toThrow(/another run is writing there/);
    first.close();
    const next = new Store(path);
    expect(next.find('a', 'lab')).toEqual(kept('first'));
    next.close();
  });
});
