/**
 * The interpreter. One loop over decoded instructions does by itself what needs nothing but registers and aligned RAM; the rest goes to
 * `attempt.ts`. Every store clears the decoded form of the word it changes and marks its page.
 * Unprivileged ISA, chapters on RV32I and the M extension.
 */
import { attempt } from './attempt.ts';
import type { Bus } from './bus.ts';
import { decode, OPERATION } from './decode.ts';
import type { Hart } from './hart.ts';
import type { Ram } from './ram.ts';
import { PAGE_CHANGED, RAM_START } from './ram.ts';
import type { Stop } from './stop.ts';
import { takeableInterrupts } from './trap.ts';

/**
 * Makes at most `attemptsMax` attempts (1 or more). Returns early with a stop, or without one when an interrupt can be taken.
 * Precondition: no interrupt can be taken now.
 */
export function execute(hart: Hart, bus: Bus, attemptsMax: number): Stop | undefined {
  const { words, decoded } = bus.ram;
  const end = hart.position + attemptsMax;
  while (hart.position < end) {
    executeDecoded(hart, bus.ram, end - hart.position);
    if (hart.position === end) return undefined;
    const index = indexOf(hart.pc);
    if (index < words.length && decoded[index] === OPERATION.undecoded) {
      decoded[index] = decode(words, index);
      continue;
    }
    const stop = attemptSlowly(hart, bus);
    if (stop !== undefined || takeableInterrupts(hart, bus) !== 0) return stop;
  }
  return undefined;
}

/**
 * Makes attempts until there are `attemptsMax`, or until one is undecoded, slow or outside RAM. It calls nothing that could change the
 * arrays it uses, so that engines keep them in registers, and does all arithmetic on signed 32-bit integers for the same reason.
 *
 * A case of the switch that finishes its instruction breaks out of the switch, or continues the loop if it jumped; one that cannot
 * breaks out of the loop. Case labels are the numbers in OPERATION, as literals so that engines make one jump table of them.
 * In an address, `(offset >>> 2) | (offset << 30)` moves the bits that a misaligned offset has set to the top, so that one comparison
 * finds both misalignment and the end of RAM. See `decode.ts` for the fields of `form`.
 */
// eslint-disable-next-line max-lines-per-function -- one switch, a few lines a case: splitting it would cost the speed it is for
function executeDecoded(hart: Hart, ram: Ram, attemptsMax: number): void {
  const x = hart.registers;
  const { unsignedBytes, bytes, halves, words, decoded, changed } = ram;
  const byteCount = bytes.length;
  const halfCount = halves.length;
  // Locals are read faster than another module's constants.
  const pageChanged = PAGE_CHANGED;
  const ramStart = RAM_START | 0;
  const wordCount = words.length;
  if (indexOf(hart.pc) >= wordCount) return;
  let index = indexOf(hart.pc) | 0;
  let left = attemptsMax | 0;
  loop: for (; left > 0; left--) {
    const form = decoded[index]!;
    switch (form & 0x7f) {
      case 1: // lui
        x[(form >>> 7) & 31] = form & ~0xfff;
        break;
      case 2: // auipc
        x[(form >>> 7) & 31] = ((index << 2) ^ ramStart) + (form & ~0xfff);
        break;
      case 3: // jal
        x[(form >>> 7) & 31] = ((index + 1) << 2) ^ ramStart;
        x[0] = 0;
        index = (index + (form >> 12)) | 0;
        continue;
      case 4: {
        // jalr
        const offset = ((x[(form >>> 15) & 31]! + (form >> 20)) ^ ramStart) & ~1;
        const target = ((offset >>> 2) | (offset << 30)) >>> 0;
        if (target >= wordCount) break loop;
        x[(form >>> 7) & 31] = ((index + 1) << 2) ^ ramStart;
        x[0] = 0;
        index = target | 0;
        continue;
      }
      case 5: // beq
        if (x[(form >>> 15) & 31]! !== x[(form >>> 7) & 31]!) break;
        index = (index + (form >> 20)) | 0;
        continue;
      case 6: // bne
        if (x[(form >>> 15) & 31]! === x[(form >>> 7) & 31]!) break;
        index = (index + (form >> 20)) | 0;
        continue;
      case 7: // blt
        if (x[(form >>> 15) & 31]! >= x[(form >>> 7) & 31]!) break;
        index = (index + (form >> 20)) | 0;
        continue;
      case 8: // bge
        if (x[(form >>> 15) & 31]! < x[(form >>> 7) & 31]!) break;
        index = (index + (form >> 20)) | 0;
        continue;
      case 9: // bltu
        if (x[(form >>> 15) & 31]! >>> 0 >= x[(form >>> 7) & 31]! >>> 0) break;
        index = (index + (form >> 20)) | 0;
        continue;
      case 10: // bgeu
        if (x[(form >>> 15) & 31]! >>> 0 < x[(form >>> 7) & 31]! >>> 0) break;
        index = (index + (form >> 20)) | 0;
        continue;
      case 11: {
        // lb
        const byte = ((x[(form >>> 15) & 31]! + (form >> 20)) ^ ramStart) >>> 0;
        if (byte >= byteCount) break loop;
        x[(form >>> 7) & 31] = bytes[byte]!;
        break;
      }
      case 12: {
        // lh
        const offset = (x[(form >>> 15) & 31]! + (form >> 20)) ^ ramStart;
        const half = ((offset >>> 1) | (offset << 31)) >>> 0;
        if (half >= halfCount) break loop;
        x[(form >>> 7) & 31] = halves[half]!;
        break;
      }
      case 13: {
        // lw
        const offset = (x[(form >>> 15) & 31]! + (form >> 20)) ^ ramStart;
        const word = ((offset >>> 2) | (offset << 30)) >>> 0;
        if (word >= wordCount) break loop;
        x[(form >>> 7) & 31] = words[word]!;
        break;
      }
      case 14: {
        // lbu
        const byte = ((x[(form >>> 15) & 31]! + (form >> 20)) ^ ramStart) >>> 0;
        if (byte >= byteCount) break loop;
        x[(form >>> 7) & 31] = unsignedBytes[byte]!;
        break;
      }
      case 15: {
        // lhu
        const offset = (x[(form >>> 15) & 31]! + (form >> 20)) ^ ramStart;
        const half = ((offset >>> 1) | (offset << 31)) >>> 0;
        if (half >= halfCount) break loop;
        x[(form >>> 7) & 31] = halves[half]! & 0xffff;
        break;
      }
      case 16: {
        // sb
        const byte = ((x[(form >>> 15) & 31]! + (form >> 20)) ^ ramStart) >>> 0;
        if (byte >= byteCount) break loop;
        bytes[byte] = x[(form >>> 7) & 31]!;
        decoded[byte >>> 2] = 0;
        changed[byte >>> 12] = pageChanged;
        break;
      }
      case 17: {
        // sh
        const offset = (x[(form >>> 15) & 31]! + (form >> 20)) ^ ramStart;
        const half = ((offset >>> 1) | (offset << 31)) >>> 0;
        if (half >= halfCount) break loop;
        halves[half] = x[(form >>> 7) & 31]!;
        decoded[half >>> 1] = 0;
        changed[half >>> 11] = pageChanged;
        break;
      }
      case 18: {
        // sw
        const offset = (x[(form >>> 15) & 31]! + (form >> 20)) ^ ramStart;
        const word = ((offset >>> 2) | (offset << 30)) >>> 0;
        if (word >= wordCount) break loop;
        words[word] = x[(form >>> 7) & 31]!;
        decoded[word] = 0;
        changed[word >>> 10] = pageChanged;
        break;
      }
      case 19: // addi
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! + (form >> 20);
        break;
      case 20: // slli
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! << (form >> 20);
        break;
      case 21: // slti
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! < form >> 20 ? 1 : 0;
        break;
      case 22: // sltiu
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! >>> 0 < (form >> 20) >>> 0 ? 1 : 0;
        break;
      case 23: // xori
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! ^ (form >> 20);
        break;
      case 24: // srli
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! >>> (form >> 20);
        break;
      case 25: // srai
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! >> (form >> 20);
        break;
      case 26: // ori
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! | (form >> 20);
        break;
      case 27: // andi
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! & (form >> 20);
        break;
      case 28: // add
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! + x[(form >>> 20) & 31]!;
        break;
      case 29: // sub
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! - x[(form >>> 20) & 31]!;
        break;
      case 30: // sll
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! << x[(form >>> 20) & 31]!;
        break;
      case 31: // slt
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! < x[(form >>> 20) & 31]! ? 1 : 0;
        break;
      case 32: // sltu
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! >>> 0 < x[(form >>> 20) & 31]! >>> 0 ? 1 : 0;
        break;
      case 33: // xor
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! ^ x[(form >>> 20) & 31]!;
        break;
      case 34: // srl
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! >>> x[(form >>> 20) & 31]!;
        break;
      case 35: // sra
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! >> x[(form >>> 20) & 31]!;
        break;
      case 36: // or
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! | x[(form >>> 20) & 31]!;
        break;
      case 37: // and
        x[(form >>> 7) & 31] = x[(form >>> 15) & 31]! & x[(form >>> 20) & 31]!;
        break;
      case 38: // mul
        x[(form >>> 7) & 31] = Math.imul(x[(form >>> 15) & 31]!, x[(form >>> 20) & 31]!);
        break;
      case 39: {
        // mulh
        const first = x[(form >>> 15) & 31]!;
        const second = x[(form >>> 20) & 31]!;
        const high = multiplyHighUnsigned(first, second);
        x[(form >>> 7) & 31] = high - (first < 0 ? second : 0) - (second < 0 ? first : 0);
        break;
      }
      case 40: {
        // mulhsu
        const first = x[(form >>> 15) & 31]!;
        const second = x[(form >>> 20) & 31]!;
        const high = multiplyHighUnsigned(first, second);
        x[(form >>> 7) & 31] = high - (first < 0 ? second : 0);
        break;
      }
      case 41: {
        // mulhu
        x[(form >>> 7) & 31] = multiplyHighUnsigned(x[(form >>> 15) & 31]!, x[(form >>> 20) & 31]!);
        break;
      }
      case 42: {
        // div; -2^31 / -1 is 2^31, which wraps to itself
        const first = x[(form >>> 15) & 31]!;
        const second = x[(form >>> 20) & 31]!;
        x[(form >>> 7) & 31] = second === 0 ? -1 : (first / second) | 0;
        break;
      }
      case 43: {
        // divu
        const first = x[(form >>> 15) & 31]!;
        const second = x[(form >>> 20) & 31]!;
        x[(form >>> 7) & 31] = second === 0 ? -1 : ((first >>> 0) / (second >>> 0)) | 0;
        break;
      }
      case 44: {
        // rem
        const first = x[(form >>> 15) & 31]!;
        const second = x[(form >>> 20) & 31]!;
        x[(form >>> 7) & 31] = second === 0 ? first : (first % second) | 0;
        break;
      }
      case 45: {
        // remu
        const first = x[(form >>> 15) & 31]!;
        const second = x[(form >>> 20) & 31]!;
        x[(form >>> 7) & 31] = second === 0 ? first : ((first >>> 0) % (second >>> 0)) | 0;
        break;
      }
      case 46: // nop
        break;
      default: // undecoded, which the word just past the end of RAM always is, or slow
        break loop;
    }
    index = (index + 1) | 0;
  }
  hart.pc = addressOf(index);
  hart.position += attemptsMax - left;
}

/** Counts the attempt, unless it could not be made yet. */
function attemptSlowly(hart: Hart, bus: Bus): Stop | undefined {
  const stop = attempt(hart, bus);
  if (stop?.reason !== 'clock') hart.position += 1;
  return stop;
}

/** Index of the word at a physical address: at most the number of words in RAM, or else the address is outside. */
function indexOf(address: number): number {
  return (address ^ RAM_START) >>> 2;
}

/** Address of the word at an index, signed. */
function addressOf(index: number): number {
  return (index << 2) ^ RAM_START;
}

/** High 32 bits of the unsigned 64-bit product: schoolbook multiplication of 16-bit halves, each partial sum below 2^32. */
function multiplyHighUnsigned(left: number, right: number): number {
  const leftLow = left & 0xffff;
  const leftHigh = left >>> 16;
  const rightLow = right & 0xffff;
  const rightHigh = right >>> 16;
  const middle = (Math.imul(leftHigh, rightLow) + (Math.imul(leftLow, rightLow) >>> 16)) | 0;
  const carried = (Math.imul(leftLow, rightHigh) + (middle & 0xffff)) | 0;
  return (Math.imul(leftHigh, rightHigh) + (middle >>> 16) + (carried >>> 16)) | 0;
}
