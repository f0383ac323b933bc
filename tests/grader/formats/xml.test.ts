/** XML of any text is XML, and says the same. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { element, xmlDocument } from '../../../grader/formats/xml.ts';
import { printable, printableLines } from '../../../grader/terminal.ts';
import { hostileText } from './class-arbitrary.ts';
import { parseXml } from './read-back.ts';

test('any text comes back, with escapes for what XML forbids', () => {
  fc.assert(
    fc.property(hostileText, hostileText, (value, content) => {
      const { attributes, text } = parseXml(xmlDocument(element('a', { value, absent: undefined }, content)));
      expect(attributes).toEqual({ value: printable(value) });
      expect(text).toBe(printableLines(content, 0).join('\n'));
    }),
  );
});

test('elements stand in elements, and the lines of a text stay as they are', () => {
  expect(element('a', {}, [...element('b', { n: 1 }), ...element('c', {}, 'one\n  two')])).toEqual([
    '<a>',
    '  <b n="1"/>',
    '  <c>one\n  two</c>',
    '</a>',
  ]);
});

test('the parser that these tests believe refuses what XML forbids (control)', () => {
  for (const broken of ['<a>\0</a>', '<a b="\x1b"/>', '<a>\uffff</a>', '<a>&</a>', '<a>]]></a>', '<a><b></a>']) {
    expect(() => parseXml(broken)).toThrow();
  }
});
