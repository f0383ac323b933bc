/** Where results are kept: a folder that is made, or a word on why it cannot be. */
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Bookkeeping } from '../../../grader/results/bookkeeping.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-books-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('a folder is made with those above it, and taken where it is there', () => {
  for (const path of ['a/b/c', 'a', 'a/b/c/']) {
    Bookkeeping.open(join(folder, path), false).close();
    expect(statSync(join(folder, path, 'lockstep.sqlite')).isFile()).toBe(true);
    rmSync(join(folder, path, 'lockstep.sqlite'));
  }
});

test('a folder behind a link is taken', () => {
  mkdirSync(join(folder, 'there'));
  symlinkSync(join(folder, 'there'), join(folder, 'link'), 'dir');
  Bookkeeping.open(join(folder, 'link'), false).close();
  expect(statSync(join(folder, 'there/lockstep.sqlite')).isFile()).toBe(true);
});

test.each(['file', 'file/below', 'file/below/that'])('%s, where a file is in the way, is refused with what to do', (path) => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => Bookkeeping.open(join(folder, path), false)).toThrow(
    `${join(folder, path)}: no folder can be made there: a file is in its place. Name another folder with --out.`,
  );
});

test.skipIf(process.platform !== 'linux')(
  'a file system that makes no folders is refused, too, and does not keep the command for ever',
  () => {
    expect(() => Bookkeeping.open('/proc/results', false)).toThrow('no folder can be made there: ENOENT. Name another folder with --out.');
  },
);
