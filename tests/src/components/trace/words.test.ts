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

test('of endless words as many are shown in any width, and a sign that there are more', () => {
  const text = 'one two three '.repeat(200);
  const [narrow, wide] = [150, 900].map((width) => wrap(text, width, 12).join(' '));
  expect(narrow).toBe(wide);
  expect(narrow).toMatch(/…$/);
  expect(narrow!.length).toBeGreaterThan(590);
  expect(narrow!.length).toBeLessThan(610);
});

test('what a row says is whole on a narrow page too', () => {
  const text = 'does not hold what it should hold, and says so at length; '.repeat(9).trim();
  expect(wrap(text, 128, 12.5).join(' ')).toBe(text);
});
