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

/** How often each of the two threads below adds 1. */
export const ADDITIONS_PER_THREAD = 500;
/** Where their counter is. */
export const COUNTER_ADDRESS = 0x80001000;

/**
 * Two threads on one processor that add 1 to a counter in memory, 500 times each, by a load, an addition and a store. They use different
 * registers, so that the handler of the timer's interrupt has nothing to save: it changes mepc for the pc of the other thread, which it keeps
 * in mscratch. A thread that is done waits for the other; the second to be done switches the machine off.
 */
export const twoThreads: Program = [
  [0x800002b7, 'lui x5, 0x80000'], // this program
  [0x80001f37, 'lui x30, 0x80001'], // the counter
  [0x11004fb7, 'lui x31, 0x11004'], // mtimecmp
  [0x07828513, 'addi x10, x5, 120'], // handler
  [0x30551073, 'csrrw x0, mtvec, x10'],
  [0x05828513, 'addi x10, x5, 88'], // second
  [0x34051073, 'csrrw x0, mscratch, x10'],
  [0x1f400313, 'addi x6, x0, 500'],
  [0x1f400413, 'addi x8, x0, 500'],
  [0x00200493, 'addi x9, x0, 2'], // threads that are not done
  [0x08000513, 'addi x10, x0, 128'], // the timer's bit
  [0x30451073, 'csrrw x0, mie, x10'],
  [0x11100537, 'lui x10, 0x11100'], // the syscon, and what switches it off
  [0x000055b7, 'lui x11, 0x5'],
  [0x55558593, 'addi x11, x11, 1365'],
  [0x30046073, 'csrrsi x0, mstatus, 8'], // interrupts on
  [0x000f2383, 'lw x7, 0(x30)'], // first
  [0x00138393, 'addi x7, x7, 1'],
  [0x007f2023, 'sw x7, 0(x30)'],
  [0xfff30313, 'addi x6, x6, -1'],
  [0xfe0318e3, 'bne x6, x0, -16'], // to first
  [0x0180006f, 'jal x0, 24'], // to done
  [0x000f2603, 'lw x12, 0(x30)'], // second
  [0x00160613, 'addi x12, x12, 1'],
  [0x00cf2023, 'sw x12, 0(x30)'],
  [0xfff40413, 'addi x8, x8, -1'],
  [0xfe0418e3, 'bne x8, x0, -16'], // to second
  [0xfff48493, 'addi x9, x9, -1'], // done
  [0x00049063, 'bne x9, x0, 0'], // waits here
  [0x00b52023, 'sw x11, 0(x10)'], // off
  [0x34102ef3, 'csrrs x29, mepc, x0'], // handler
  [0x340e9ef3, 'csrrw x29, mscratch, x29'],
  [0x341e9073, 'csrrw x0, mepc, x29'],
  [0x000fa023, 'sw x0, 0(x31)'], // quiets the timer
  [0x30200073, 'mret'],
];

/** Where the server below keeps the sum, and the number of turns that it waits between two looks at its receiver. */
export const SUM_ADDRESS = 0x80001000;
export const PACE_ADDRESS = 0x80001004;
/** The request for which it has a bug: the character !. */
export const BUG_REQUEST = 33;

/**
 * A server with a bug: it adds each byte that comes to a sum in memory and answers with a letter for the sum's low four bits. For the byte ! it
 * follows a pointer that was never set, and its handler of exceptions switches the machine off.
 */
export const summingServer: Program = [
  [0x100002b7, 'lui x5, 0x10000'], // the UART
  [0x80001337, 'lui x6, 0x80001'], // the sum of all requests, and the pace 4 bytes above
  [0x02100393, 'addi x7, x0, 33'], // the request that nobody tested: !
  [0x80000537, 'lui x10, 0x80000'],
  [0x06050513, 'addi x10, x10, 96'],
  [0x30551073, 'csrrw x0, mtvec, x10'],
  [0x03200413, 'addi x8, x0, 50'],
  [0x00832223, 'sw x8, 4(x6)'],
  [0x00432403, 'lw x8, 4(x6)'], // look: waits for so many turns
  [0xfff40413, 'addi x8, x8, -1'],
  [0xfe041ee3, 'bne x8, x0, -4'],
  [0x0052c503, 'lbu x10, 5(x5)'], // has a byte come?
  [0x00157513, 'andi x10, x10, 1'],
  [0xfe0506e3, 'beq x10, x0, -20'], // to look
  [0x0002c503, 'lbu x10, 0(x5)'], // the request
  [0x02750063, 'beq x10, x7, 32'], // to bug
  [0x00032583, 'lw x11, 0(x6)'],
  [0x00a585b3, 'add x11, x11, x10'],
  [0x00b32023, 'sw x11, 0(x6)'],
  [0x00f5f593, 'andi x11, x11, 15'], // the reply: a letter from a to p
  [0x06158593, 'addi x11, x11, 97'],
  [0x00b28023, 'sb x11, 0(x5)'],
  [0xfc9ff06f, 'jal x0, -56'], // to look
  [0x00002583, 'lw x11, 0(x0)'], // bug: follows a pointer to nothing
  [0x11100537, 'lui x10, 0x11100'], // handler of exceptions: switches the machine off
  [0x000055b7, 'lui x11, 0x5'],
  [0x55558593, 'addi x11, x11, 1365'],
  [0x00b52023, 'sw x11, 0(x10)'],
];

/** The flat image of a program, for `Machine.load`: its words, least significant byte first. */
export function imageOf(program: Program): Uint8Array {
  const image = new DataView(new ArrayBuffer(4 * program.length));
  program.forEach(([word], index) => image.setUint32(4 * index, word, true));
  return new Uint8Array(image.buffer);
}
