/** What the home page says of a lab is what its statement says. */
import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sizeAndTime } from '../../../../src/components/home/lab-facts.ts';

test('size and time are the first sentence of their section, on one line', () => {
  const statement = 'One.\n\n## Size and time\n\nAbout 120 lines,\ntwo to four hours. The rest.\n\n## Checks\n';
  expect(sizeAndTime(statement)).toBe('About 120 lines, two to four hours.');
});

test('a statement without them is told what it lacks', () => {
  expect(() => sizeAndTime('## Checks\n\nTen.')).toThrow('## Size and time');
});

test.each(globSync('src/labs/*/statement.mdx'))('%s says how large it is, in lines and hours', (file) => {
  expect(sizeAndTime(readFileSync(file, 'utf8'))).toMatch(/lines.*hours/);
});
