/** Files of submissions lie side by side on every system. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileName } from '../../../grader/formats/file-name.ts';
import { hostileText } from './class-arbitrary.ts';

/** What a file system that takes capital and small letters, and forms of Unicode, for the same makes of a name. */
function onDisk(name: string): string {
  return fileName(name).normalize('NFD').toLowerCase();
}

test('a plain name stays as it is', () => {
  for (const name of ['student-01', 'gate.ts', 'smith_jane_4711', 'a']) expect(fileName(name)).toBe(name);
});

test('any other keeps what can be read of it', () => {
  expect(fileName('Student One (late)')).toMatch(/^student-one-late~[0-9a-f]{32}$/);
  expect(fileName('日本語')).toMatch(/^submission~[0-9a-f]{32}$/);
});

test('names that one file system or another confuses get files of their own', () => {
  const names = [
    'a',
    'A',
    'é',
    'e\u0301',
    'É',
    'con',
    'CON',
    'con.ts',
    'COM1',
    'a.',
    'a ',
    ' a',
    'a/b',
    'a\\b',
    'a-b',
    '..',
    '.',
    '',
    '\ud800',
    '\udc00',
  ];
  expect(new Set(names.map(onDisk)).size).toBe(names.length);
});

test('no name leads out of the folder, is a device, hides, or is too long', () => {
  const odd = fc.constantFrom('con', 'nul.txt', 'com1.ts', 'lpt9', 'aux', '.hidden', '-rf', 'a..b', 'a.', 'a'.repeat(300));
  fc.assert(
    fc.property(fc.oneof(odd, hostileText, fc.string({ unit: 'binary', maxLength: 400 })), (name) => {
      const file = fileName(name);
      expect(file).toMatch(/^[a-z0-9_][a-z0-9._~-]*$/);
      expect(file.length).toBeLessThanOrEqual(73);
      expect(file).not.toMatch(/\.\.|\.$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/);
    }),
  );
});

test('two names never share a file, not even one that a name was given', () => {
  const variants = hostileText.chain((name) =>
    fc.constantFrom(
      name,
      name.toLowerCase(),
      name.toUpperCase(),
      name.normalize('NFC'),
      name.normalize('NFD'),
      name.trim(),
      fileName(name),
    ),
  );
  fc.assert(
    fc.property(fc.uniqueArray(variants, { minLength: 2, maxLength: 12 }), (names) => {
      expect(new Set(names.map(onDisk)).size).toBe(names.length);
    }),
    { numRuns: 1000 },
  );
});
