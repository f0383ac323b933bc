/** What students wrote must not be able to act on an instructor's terminal or build server. */
import { describe, expect, test } from 'vitest';
import { columns, painter, printable, printableLines, shorten, wantsColour } from '../../grader/terminal.ts';

describe('printable', () => {
  test('control characters, marks of direction and invisible ones become escapes', () => {
    expect(printable('a\x1b[2Jb\r\n\tc\x9bd\u202ee\u200bf\ufeff')).toBe('a\\x1b[2Jb\\x0d\\x0a\\x09c\\x9bd\\u202ee\\u200bf\\ufeff');
  });

  test('what is no character becomes an escape; a whole surrogate pair is one', () => {
    expect(printable('a\ud800b\udc00\ud83d\ude00c\ufffe\uffff')).toBe('a\\ud800b\\udc00😀c\\ufffe\\uffff');
  });

  test('a line that a build server would run is no longer a command', () => {
    for (const line of ['::error::x', '  ::stop-commands::x', '##[error]x']) expect(printable(line)).not.toMatch(/^\s*(::|##\[)/);
    expect(printable('Map<a::b>')).toBe('Map<a::b>');
  });

  test('ordinary text, in any script, stays as it is', () => {
    expect(printable('Ärger – 日本語 🎓')).toBe('Ärger – 日本語 🎓');
  });

  test('lines are indented one by one, and a command in a later line is caught too', () => {
    expect(printableLines('one\r\n\n::two\n', 2)).toEqual(['  one', '', '  \\x3a:two']);
  });
});

describe('colour', () => {
  test('is for terminals whose reader has not asked for none', () => {
    expect(wantsColour({ isTTY: true }, {})).toBe(true);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
    expect(wantsColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(wantsColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(wantsColour({}, {})).toBe(false);
  });

  test('is put around padded cells, so that columns stay in line', () => {
    const rows = [
      [
        { text: 'pass', colour: 'green' as const },
        { text: '5', right: true },
      ],
      [{ text: 'x' }, { text: '10', right: true }],
    ];
    expect(columns(rows, { paint: painter(true), indent: 1 })).toEqual([' \x1b[32mpass\x1b[0m   5', ' x     10']);
  });
});

test('the last column takes what the line has left, and never less than 24 characters', () => {
  const rows = [[{ text: 'name' }, { text: 'x'.repeat(50) }]];
  expect(columns(rows, { paint: painter(false), width: 40 })).toEqual([`name  ${'x'.repeat(33)}…`]);
  expect(columns(rows, { paint: painter(false), width: 10 })).toEqual([`name  ${'x'.repeat(23)}…`]);
});

test('text is shortened to a width, with a mark that something is missing', () => {
  expect(shorten('abcdef', 6)).toBe('abcdef');
  expect(shorten('abcdef', 4)).toBe('abc…');
});
