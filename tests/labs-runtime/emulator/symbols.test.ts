/** Looking up a symbol in an ELF image, on a file made here from the tables of the ELF specification. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findSymbol } from '../../../labs-runtime/emulator/image.ts';

/** An ELF file with nothing but a section of names and a table of symbols, in this order. */
function elfWithSymbols(symbols: [name: string, value: number][]): Uint8Array {
  const names = Buffer.from(`\0${symbols.map(([name]) => `${name}\0`).join('')}`, 'ascii');
  const namesOffset = 52 + 3 * 40;
  const symbolsOffset = namesOffset + names.length;
  const file = new Uint8Array(symbolsOffset + 16 * symbols.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint32(32, 52, true);
  view.setUint16(46, 40, true);
  view.setUint16(48, 3, true);
  const section = (index: number, type: number, offset: number, length: number, link: number) =>
    [0, type, 0, 0, offset, length, link].forEach((field, place) => view.setUint32(52 + 40 * index + 4 * place, field, true));
  section(1, 3, namesOffset, names.length, 0);
  section(2, 2, symbolsOffset, 16 * symbols.length, 1);
  file.set(names, namesOffset);
  let nameOffset = 1;
  symbols.forEach(([name, value], index) => {
    view.setUint32(symbolsOffset + 16 * index, nameOffset, true);
    view.setUint32(symbolsOffset + 16 * index + 4, value, true);
    nameOffset += name.length + 1;
  });
  return file;
}

const image = elfWithSymbols([
  ['_start', 0x80000000],
  ['tohost_end', 0x80001008],
  ['tohost', 0x80001000],
  ['fromhost', 0x80001040],
]);

test('a symbol is found by its whole name, its value unsigned', () => {
  expect(findSymbol(image, 'tohost')).toBe(0x80001000);
  expect(findSymbol(image, '_start')).toBe(0x80000000);
  expect(findSymbol(image, 'host')).toBeUndefined();
  expect(findSymbol(image, 'tohos')).toBeUndefined();
  expect(findSymbol(image, 'main')).toBeUndefined();
});

test('a flat image, an empty one and one without a table have no symbols', () => {
  for (const other of [new Uint8Array(0), new Uint8Array(64), image.slice(0, 52), elfWithSymbols([])]) {
    expect(findSymbol(other, 'tohost')).toBeUndefined();
  }
});

test('a damaged or truncated table gives a number or nothing, and never an error', () => {
  fc.assert(
    fc.property(fc.nat({ max: image.length }), fc.nat({ max: image.length - 1 }), fc.nat({ max: 255 }), (length, at, byte) => {
      const damaged = image.with(at, byte).slice(0, length);
      expect(['number', 'undefined']).toContain(typeof findSymbol(damaged, 'tohost'));
    }),
    { numRuns: 1000 },
  );
});
