/** A built site's pages are found by looking, so that no list of them has to be kept. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { pagesOf } from '../../scripts/built-site.ts';

test('home, folders and single files are pages; other files are none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-pages-'));
  for (const file of ['index.html', '404.html', 'lecture/level/index.html', 'lecture/notes.txt', 'main-index.html']) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  expect(pagesOf(folder)).toEqual(['', '404.html', 'lecture/level/', 'main-index.html']);
  rmSync(folder, { recursive: true });
});

test('a folder without pages is no built site', () => {
  expect(() => pagesOf(join(tmpdir(), 'lockstep-no-such-folder'))).toThrow('npm run build');
});
