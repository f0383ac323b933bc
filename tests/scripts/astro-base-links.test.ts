/** Links of the lecture under a base path. */
import { expect, test } from 'vitest';
import { withBase } from '../../scripts/astro-base-links.ts';

test('root-relative links get the base path, whatever slashes it was given with', () => {
  for (const base of ['/course', '/course/', '/course//']) expect(withBase(base, '/lecture/x/#y')).toBe('/course/lecture/x/#y');
});

test('without a base path links stay as they are', () => {
  expect(withBase('/', '/lecture/')).toBe('/lecture/');
});

test('other links stay as they are: relative, to a heading, to another host, and those that have the base already', () => {
  for (const link of ['next/', '#heading', 'https://example.org/', '//example.org/', '/course/lecture/'])
    expect(withBase('/course/', link)).toBe(link);
});

test('a path that only begins like the base path is not below it', () => {
  expect(withBase('/course/', '/courses/')).toBe('/course/courses/');
});
