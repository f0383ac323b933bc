/** An ELF executable as the official suites build them: code at the start of RAM, and a word behind the symbol `tohost`. */
import { bytesOf, li, RAM, SPIN, sw, type Code } from '../../labs-runtime/emulator/assembler.ts';

/** Where `tohost` is. */
export const TOHOST = RAM + 0x1000;

const HEADER_BYTES = 52;
const PROGRAM_HEADER_BYTES = 32;
const SECTION_HEADER_BYTES = 40;

/** The executable; `symbol` is the name that stands at TOHOST. */
export function elfTest(code: Code, symbol = 'tohost', address = TOHOST): Uint8Array {
  const text = bytesOf(code);
  const names = Buffer.from(`\0${symbol}\0`, 'ascii');
  const sectionsAt = HEADER_BYTES + PROGRAM_HEADER_BYTES;
  const textAt = sectionsAt + 3 * SECTION_HEADER_BYTES;
  const namesAt = textAt + text.length;
  const symbolsAt = namesAt + names.length;
  const file = new Uint8Array(symbolsAt + 16);
  const view = new DataView(file.buffer);
  const words = (at: number, values: number[]) => values.forEach((value, index) => view.setUint32(at + 4 * index, value, true));
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  words(16, [2 | (243 << 16), 1, RAM, HEADER_BYTES, sectionsAt, 0]);
  words(40, [HEADER_BYTES | (PROGRAM_HEADER_BYTES << 16), 1 | (SECTION_HEADER_BYTES << 16), 3]);
  words(HEADER_BYTES, [1, textAt, RAM, RAM, text.length, text.length, 7, 4]);
  words(sectionsAt + SECTION_HEADER_BYTES, [0, 3, 0, 0, namesAt, names.length]);
  words(sectionsAt + 2 * SECTION_HEADER_BYTES, [0, 2, 0, 0, symbolsAt, 16, 1]);
  file.set(text, textAt);
  file.set(names, namesAt);
  words(symbolsAt, [1, address]);
  return file;
}

/** Code that writes a word to `tohost` and then waits as the suites' tests do. */
export function reports(word: number): Code {
  return [...li(5, TOHOST), ...li(6, word), sw(6, 5, 0), SPIN];
}
