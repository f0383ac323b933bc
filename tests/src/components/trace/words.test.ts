import { expect, test } from 'vitest';
import { textWidth, wrap } from '../../../../src/components/trace/words.ts';

test('every line fits its width, and together they are the text', () => {
  const text = 'hands over entries 1 to 3 before the end of the log; replays entry 1; sends 33 bytes';
  for (const width of [128, 200, 400]) {
    const lines = wrap(text, width, 12);
    for (const line of lines) expect(textWidth(line, 12), line).toBeLessThanOrEqual(width);
    expect(lines.join(' ')).toBe(text);
  }
});

test('a word without a place to break is broken where the line ends', () => {
  const word = 'deadbeef'.repeat(8);
  const lines = wrap(`entry ${word}`, 150, 12);
  for (const line of lines) expect(textWidth(line, 12), line).toBeLessThanOrEqual(150);
  expect(lines.join('').replace('entry', '')).toBe(word);
});

test('a number and its unit are on one line', () => {
  const lines = wrap('has heard nothing for 100 ms', 12 * 0.57 * 30, 12);
  expect(lines.some((line) => line.includes('100\u00a0ms'))).toBe(true);
});

test('a row of endless words gets six lines, and says that there is more', () => {
  const lines = wrap('one two three '.repeat(200), 150, 12);
  expect(lines).toHaveLength(6);
  expect(lines.at(-1)).toMatch(/…$/);
});
