/** A line of MDX that begins with a tag is a block of its own: the sentence around it falls apart, and nothing but the eye would notice. */
import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const files = globSync('src/**/*.mdx');

describe('the prose of the course', () => {
  test('is found', () => {
    expect(files.length).toBeGreaterThanOrEqual(3);
  });

  test.each(files)('%s breaks no sentence by an inline element at the beginning of a line', (file) => {
    const broken = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /^<(span|dfn|code|em|strong|a|abbr|sub|sup)\b/.test(line));
    expect(broken).toEqual([]);
  });
});
