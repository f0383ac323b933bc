/** The order of the course and the files of the course are one set of pages: none is forgotten in the sidebar, none is named that is missing. */
import { globSync } from 'node:fs';
import { expect, test } from 'vitest';
import { siteSidebar } from '../../../scripts/site-sidebar.ts';
import { chapterNumber, chapters, machinePage, more } from '../../../src/components/course.ts';

const slashes = (path: string) => path.replaceAll('\\', '/');
const pages = globSync('src/content/docs/**/*.mdx').map((file) => slashes(file).replace(/^src\/content\/docs\/|\.mdx$/g, ''));

test('every page is in the order of the course, and every page of the order exists', () => {
  expect(pages.filter((page) => page !== '404').sort()).toEqual([...chapters, ...more].sort());
});

test('chapters are numbered from 1', () => {
  expect(chapters.map(chapterNumber)).toEqual(chapters.map((_, index) => index + 1));
  expect(chapterNumber('glossary')).toBeUndefined();
});

test('the sidebar has three groups, with every lab by its number', async () => {
  const [lecture, labs, last] = await siteSidebar();
  expect(lecture!.items).toHaveLength(chapters.length);
  expect(last!.items).toEqual([{ label: 'The machine room', link: `/${machinePage}/` }, ...more]);
  const folders = globSync('src/labs/*/lab.ts').map((file) => slashes(file).split('/')[2]);
  expect(labs!.items).toHaveLength(folders.length);
  labs!.items.forEach((item, index) => expect((item as { label: string }).label).toMatch(new RegExp(`^Lab ${index + 1}: `)));
});
