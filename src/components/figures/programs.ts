/**
 * Programs of a few instructions for the figures, where a guest compiled from C would hide the point. Each line is the instruction's word
 * and its assembly; tests/src/components/figures/programs.test.ts encodes the assembly again, by an assembler that knows nothing of this file.
 */
export type Program = readonly (readonly [word: number, assembly: string])[];

/**
 * A computation that depends on its clock: it steps a generator (xorshift, Marsaglia 2003), adds each number to a word of a table of 512 that
 * the number picks, and after 64 of them prints a letter and mixes a reading of the clock into the generator. One instruction more is done
 * where the mixed number is negative, so that the path depends on the clock as well.
 */
export const clockTable: Program = [
  [0x1100c2b7, 'lui x5, 0x1100c'], // mtime is 8 bytes below
  [0x80001337, 'lui x6, 0x80001'], // the table
  [0x100003b7, 'lui x7, 0x10000'], // the UART
  [0x00100413, 'addi x8, x0, 1'], // the number, from 1
  [0x04000493, 'addi x9, x0, 64'], // round: numbers still to come
  [0x00d41513, 'slli x10, x8, 13'], // step: the next number
  [0x00a44433, 'xor x8, x8, x10'],
  [0x01145513, 'srli x10, x8, 17'],
  [0x00a44433, 'xor x8, x8, x10'],
  [0x00541513, 'slli x10, x8, 5'],
  [0x00a44433, 'xor x8, x8, x10'],
  [0x7fc47513, 'andi x10, x8, 2044'], // its word of the table
  [0x00650533, 'add x10, x10, x6'],
  [0x00052583, 'lw x11, 0(x10)'],
  [0x008585b3, 'add x11, x11, x8'],
  [0x00b52023, 'sw x11, 0(x10)'],
  [0xfff48493, 'addi x9, x9, -1'],
  [0xfc0498e3, 'bne x9, x0, -48'], // to step
  [0x00f47513, 'andi x10, x8, 15'], // a letter from a to p
  [0x06150513, 'addi x10, x10, 97'],
  [0x00a38023, 'sb x10, 0(x7)'],
  [0xff82a503, 'lw x10, -8(x5)'], // the clock
  [0x00a44433, 'xor x8, x8, x10'],
  [0xfa045ae3, 'bge x8, x0, -76'], // to round
  [0x00160613, 'addi x12, x12, 1'],
  [0xfadff06f, 'jal x0, -84'], // to round
];

/**
 * A writer of memory: every 1,000 instructions it writes one word to one of the 32 pages from 0x80020000 on, picked by the generator above, into
 * which it mixes the clock each time. The rest of the 1,000 is spent counting down.
 */
export const pageWriter: Program = [
  [0x1100c2b7, 'lui x5, 0x1100c'], // mtime is 8 bytes below
  [0x80020337, 'lui x6, 0x80020'], // the pages
  [0x00100413, 'addi x8, x0, 1'],
  [0xff82a503, 'lw x10, -8(x5)'], // step
  [0x00a44433, 'xor x8, x8, x10'],
  [0x00d41513, 'slli x10, x8, 13'],
  [0x00a44433, 'xor x8, x8, x10'],
  [0x01145513, 'srli x10, x8, 17'],
  [0x00a44433, 'xor x8, x8, x10'],
  [0x00541513, 'slli x10, x8, 5'],
  [0x00a44433, 'xor x8, x8, x10'],
  [0x01b45513, 'srli x10, x8, 27'], // a page from 0 to 31
  [0x00c51513, 'slli x10, x10, 12'],
  [0x00650533, 'add x10, x10, x6'],
  [0x00852023, 'sw x8, 0(x10)'],
  [0x1ed00493, 'addi x9, x0, 493'],
  [0xfff48493, 'addi x9, x9, -1'],
  [0xfe049ee3, 'bne x9, x0, -4'],
  [0xfc5ff06f, 'jal x0, -60'], // to step
];

/** The flat image of a program, for `Machine.load`: its words, least significant byte first. */
export function imageOf(program: Program): Uint8Array {
  const image = new DataView(new ArrayBuffer(4 * program.length));
  program.forEach(([word], index) => image.setUint32(4 * index, word, true));
  return new Uint8Array(image.buffer);
}
