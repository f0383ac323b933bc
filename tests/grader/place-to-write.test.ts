/** Folders that an instructor names for results, and those where none can be. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder, whyNoPlace } from '../../grader/place-to-write.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-place-'));
  writeFileSync(join(folder, 'file'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What is said of a folder that cannot be made. */
function saidOf(place: string): string {
  try {
    makeFolder(place);
  } catch (error) {
    return whyNoPlace(error as NodeJS.ErrnoException);
  }
  throw new Error(`${place} was made`);
}

describe('a folder for results', () => {
  test('is made with those above it, and may be there', () => {
    const place = join(folder, 'a', 'b', 'c');
    makeFolder(place);
    makeFolder(place);
    expect(existsSync(place)).toBe(true);
  });

  test.each(['file', 'file/below'])('is not made where a file is: %s', (path) => {
    expect(saidOf(join(folder, path))).toBe('a file is in its place. Name another folder with --out.');
  });

  test.runIf(process.platform === 'linux')('is not tried for ever where nothing can be made', () => {
    expect(saidOf('/proc/results/below')).toBe('ENOENT. Name another folder with --out.');
  });
});
