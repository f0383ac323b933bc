/** Reports on the disk: whole or not there, and what cannot be written keeps nothing else from being written. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFiles } from '../../../grader/results/write-files.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-files-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const file = (path: string, content = path) => ({ path, content });

test('folders are made, what was there is replaced, and nothing is left beside', async () => {
  writeFileSync(join(folder, 'a.csv'), 'before');
  const files = [file('a.csv', 'after'), file('students/b.html')];
  expect(await writeFiles(folder, files)).toEqual({ files, troubles: [] });
  expect(readFileSync(join(folder, 'a.csv'), 'utf8')).toBe('after');
  expect(readdirSync(folder, { recursive: true }).toSorted()).toEqual(['a.csv', 'students', join('students', 'b.html')]);
});

test('what cannot be written is told once for each reason, and the rest is there', async () => {
  writeFileSync(join(folder, 'students'), 'a file where a folder should be');
  mkdirSync(join(folder, 'b.csv/in-the-way'), { recursive: true });
  const files = [file('students/1.html'), file('students/2.html'), file('students/3.html'), file('a.csv'), file('b.csv')];
  const { files: written, troubles } = await writeFiles(folder, files);
  expect(written).toEqual([file('a.csv')]);
  expect(troubles).toHaveLength(2);
  expect(troubles[0]).toBe(`${join(folder, 'students/1.html')} and 2 more: this cannot be written (EEXIST).`);
  expect(troubles[1]).toMatch(/b\.csv: this cannot be written \((EISDIR|ENOTEMPTY|EEXIST|EPERM)\)\.$|Check the permissions/);
  expect(readdirSync(folder).toSorted()).toEqual(['a.csv', 'b.csv', 'students']);
});
