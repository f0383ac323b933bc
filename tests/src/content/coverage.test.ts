/** The course teaches what it set out to teach: each point of `points.ts` stands under its heading, in words that a reader sees. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { points, type Point } from './points.ts';

/** The id that a heading gets, as GitHub makes it. */
function idOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
}

/** MDX as text: without imports, tags, targets of links and marks, on one line, with one kind of apostrophe. */
function plain(mdx: string): string {
  return mdx
    .replace(/^import .*$/gm, '')
    .replace(/<[^>]+>/g, '')
    .replace(/\]\([^)]*\)/g, ']')
    .replace(/[[\]*_`|]/g, '')
    .replaceAll("'", '’')
    .replace(/\s+/g, ' ');
}

/** The text of a chapter's section, with the sections inside it; undefined if the chapter has no such heading. */
function sectionOf(at: string): string | undefined {
  const [chapter, id] = at.split('#');
  const file = `src/content/docs/lecture/${chapter}.mdx`;
  if (!existsSync(file)) return undefined;
  const body = readFileSync(file, 'utf8').replace(/^---\n.*?\n---\n/s, '');
  const [opening, ...sections] = body.split(/^(?=## )/m);
  const section = id === undefined ? opening : sections.find((text) => idOf(/^## (.*)$/m.exec(text)![1]!) === id);
  return section === undefined ? undefined : plain(section);
}

/** The words of a point that its section lacks. */
function missingWords({ at, words }: Point): string[] {
  const text = sectionOf(at)?.toLowerCase();
  if (text === undefined) return ['(no such heading)'];
  return words.filter((word) => !text.includes(plain(word).toLowerCase()));
}

describe.each(Object.entries(points))('%s', (_, group) => {
  test.each(group.map((point) => [point.point, point] as const))('%s', (_text, point) => {
    expect({ at: point.at, missing: missingWords(point) }).toEqual({ at: point.at, missing: [] });
  });
});

describe('the test itself', () => {
  test('sees a heading that is gone, and a word that is gone', () => {
    expect(missingWords({ point: '', at: 'output-rule#the-rules', words: [] })).toEqual(['(no such heading)']);
    expect(missingWords({ point: '', at: 'output-rule#the-rule', words: ['acknowledged', 'quantum'] })).toEqual(['quantum']);
  });

  test('asks for something at every point', () => {
    for (const group of Object.values(points)) for (const { words } of group) expect(words.length).toBeGreaterThan(0);
  });
});
