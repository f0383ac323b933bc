/**
 * Each format's files for a small class, held against files that people have looked at. After a change that is meant, look at the difference
 * that `npx vitest run --project node tests/grader/formats/golden.test.ts --update` makes.
 */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { formats } from '../../../grader/formats/formats.ts';
import { classroomResults } from './read-back.ts';
import { smallClass } from './small-class.ts';

const golden = fileURLToPath(new URL('golden/', import.meta.url));
// Pages are looked at in a browser: html/pages.test.ts says what is on them.
const outputs = Object.entries(formats).flatMap(([name, format]) => (name === 'html' ? [] : format(smallClass)));
const classroom = { path: 'classroom.json', content: `${JSON.stringify(classroomResults(smallClass), null, 2)}\n` };
const files = [...outputs, classroom];

/** Before any test could write one. */
const present = (await readdir(golden, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map(({ parentPath, name }) => `${parentPath}/${name}`.slice(golden.length).replace(/^\//, ''));

describe('golden files', () => {
  test('there is one for each file that the formats write, and no other', () => {
    expect(present.sort()).toEqual(files.map(({ path }) => path).sort());
  });

  test.each(files.map(({ path, content }) => [path, content]))('%s', async (path, content) => {
    await expect(content).toMatchFileSnapshot(`golden/${path}`);
  });
});
