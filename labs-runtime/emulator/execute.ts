/**
 * The interpreter, the engine that every host can run. One loop over decoded instructions does by itself what needs nothing but registers,
 * aligned RAM and open lines; the rest goes to `attempt.ts`. Unprivileged ISA, chapters on RV32I and the M extension.
 */
import { attempt } from './attempt.ts';
import type { Bus } from './bus.ts';
import type { Instruction } from './decode.ts';
import { OPERATION } from './decode.ts';
import type { Hart } from './hart.ts';
import { ACCESS } from './pmp.ts';
import type { Ram } from './ram.ts';
import { RAM_START } from './ram.ts';
import type { Stop } from './stop.ts';
import { takeableInterrupts } from './trap.ts';

/**
 * Registers of the hart that runs: x0 to x31, and one that swallows what is written to x0. It is one array for all machines, since engines
 * then know its place and its length: an access to an array that they only know as a variable takes several checks.
 */
const x = new Int32Array(33);

/** See `engine.ts`. */
export function interpret(hart: Hart, bus: Bus, attemptsMax: number): Stop | undefined {
  const { registers } = hart;
  x.set(registers);
  hart.registers = x;
  const stop = runOn(hart, bus, hart.position + attemptsMax);
  hart.registers = registers;
  for (let number = 0; number < 32; number++) registers[number] = x[number]!;
  return stop;
}

function runOn(hart: Hart, bus: Bus, end: number): Stop | undefined {
  const { ram } = bus;
  while (hart.position < end) {
    const start = hart.position;
    const limit = hart.isRestricted ? start + (isComputation(hart, ram) ? 1 : 0) : end;
    runDecoded(hart, ram, limit);
    if (hart.position === limit && limit > start) continue;
    const stop = attempt(hart, bus);
    // An attempt that waits for the clock could not be made yet.
    if (stop?.reason !== 'clock') hart.position += 1;
    if (stop !== undefined || takeableInterrupts(hart, bus) !== 0) return stop;
  }
  return undefined;
}

/** For a hart whose accesses have to be looked at: whether it may fetch its next instruction, and that touches no memory. */
function isComputation(hart: Hart, ram: Ram): boolean {
  const index = indexOf(hart.pc);
  if (index >= ram.words.length || !hart.mayAccess(ACCESS.fetch, hart.pc, 4)) return false;
  const { alone } = ram.decoded(index);
  return alone !== OPERATION.slow && (alone < OPERATION.lb || alone > OPERATION.sw);
}

/** Runs to position `limit`, or to an instruction that the fast path cannot finish. */
function runDecoded(hart: Hart, ram: Ram, limit: number): void {
  for (let before = -1; hart.position < limit && hart.position !== before;) {
    const index = indexOf(hart.pc);
    if (index >= ram.words.length) return;
    const instruction = ram.decoded(index);
    if (instruction.operation === OPERATION.slow) return;
    before = hart.position;
    executeDecoded(hart, ram, instruction, limit - before);
  }
}

/**
 * Makes attempts from an instruction on, until there are `attemptsMax`, or until one is undecoded, slow or outside RAM. It calls nothing, so
 * that engines keep in registers what it uses, and does all arithmetic on signed 32-bit integers for the same reason.
 *
 * A case of the switch that finishes its instruction breaks out of the switch, or continues the loop if it jumped; one that cannot
 * breaks out of the loop; the second of a pair does so where the first has moved `at` and `left` on. Case labels are the numbers in OPERATION, as literals so that engines make one jump table of them.
 * In an address, `(offset >>> 2) | (offset << 30)` moves the bits that a misaligned offset has set to the top, so that one comparison
 * finds both misalignment and the end of RAM. Stores shift by LINE_SHIFT to find the line, lookups of code by the size of its groups.
 */
// eslint-disable-next-line max-lines-per-function -- one switch, a few lines a case: splitting it would cost the speed it is for
function executeDecoded(hart: Hart, ram: Ram, first: Instruction, attemptsMax: number): void {
  const { unsignedBytes, bytes, halves, words, open } = ram;
  const { groups } = ram.code;
  const byteCount = bytes.length;
  const halfCount = halves.length;
  const wordCount = words.length;
  const ramStart = RAM_START | 0; // a local is read faster than another module's constant
  let at = first;
  let left = attemptsMax | 0;
  loop: for (; left > 0; left--) {
    switch (at.operation) {
      case 1: // lui
        x[at.rd] = at.immediate << 12;
        break;
      case 2: // auipc
        x[at.rd] = ((at.index << 2) ^ ramStart) + (at.immediate << 12);
        break;
      case 3: // jal
        x[at.rd] = ((at.index + 1) << 2) ^ ramStart;
        at = at.target;
        continue;
      case 4: {
        // jalr
        const offset = ((x[at.rs1]! + at.immediate) ^ ramStart) & ~1;
        const target = ((offset >>> 2) | (offset << 30)) >>> 0;
        if (target >= wordCount) break loop;
        const found = groups[target >>> 10]![target & 1023]!;
        if (found.index !== target) break loop;
        x[at.rd] = ((at.index + 1) << 2) ^ ramStart;
        at = found;
        continue;
      }
      case 5: // beq
        if (x[at.rs1]! !== x[at.rs2]!) break;
        at = at.target;
        continue;
      case 6: // bne
        if (x[at.rs1]! === x[at.rs2]!) break;
        at = at.target;
        continue;
      case 7: // blt
        if (x[at.rs1]! >= x[at.rs2]!) break;
        at = at.target;
        continue;
      case 8: // bge
        if (x[at.rs1]! < x[at.rs2]!) break;
        at = at.target;
        continue;
      case 9: // bltu
        if (x[at.rs1]! >>> 0 >= x[at.rs2]! >>> 0) break;
        at = at.target;
        continue;
      case 10: // bgeu
        if (x[at.rs1]! >>> 0 < x[at.rs2]! >>> 0) break;
        at = at.target;
        continue;
      case 11: {
        // lb
        const byte = ((x[at.rs1]! + at.immediate) ^ ramStart) >>> 0;
        if (byte >= byteCount) break loop;
        x[at.rd] = bytes[byte]!;
        break;
      }
      case 12: {
        // lh
        const offset = (x[at.rs1]! + at.immediate) ^ ramStart;
        const half = ((offset >>> 1) | (offset << 31)) >>> 0;
        if (half >= halfCount) break loop;
        x[at.rd] = halves[half]!;
        break;
      }
      case 13: {
        // lw
        const offset = (x[at.rs1]! + at.immediate) ^ ramStart;
        const word = ((offset >>> 2) | (offset << 30)) >>> 0;
        if (word >= wordCount) break loop;
        x[at.rd] = words[word]!;
        break;
      }
      case 14: {
        // lbu
        const byte = ((x[at.rs1]! + at.immediate) ^ ramStart) >>> 0;
        if (byte >= byteCount) break loop;
        x[at.rd] = unsignedBytes[byte]!;
        break;
      }
      case 15: {
        // lhu
        const offset = (x[at.rs1]! + at.immediate) ^ ramStart;
        const half = ((offset >>> 1) | (offset << 31)) >>> 0;
        if (half >= halfCount) break loop;
        x[at.rd] = halves[half]! & 0xffff;
        break;
      }
      case 16: {
        // sb
        const byte = ((x[at.rs1]! + at.immediate) ^ ramStart) >>> 0;
        if (byte >= byteCount || open[byte >>> 4] === 0) break loop;
        bytes[byte] = x[at.rs2]!;
        break;
      }
      case 17: {
        // sh
        const offset = (x[at.rs1]! + at.immediate) ^ ramStart;
        const half = ((offset >>> 1) | (offset << 31)) >>> 0;
        if (half >= halfCount || open[half >>> 3] === 0) break loop;
        halves[half] = x[at.rs2]!;
        break;
      }
      case 18: {
        // sw
        const offset = (x[at.rs1]! + at.immediate) ^ ramStart;
        const word = ((offset >>> 2) | (offset << 30)) >>> 0;
        if (word >= wordCount || open[word >>> 2] === 0) break loop;
        words[word] = x[at.rs2]!;
        break;
      }
      case 19: // addi
        x[at.rd] = x[at.rs1]! + at.immediate;
        break;
      case 20: // slli
        x[at.rd] = x[at.rs1]! << at.immediate;
        break;
      case 21: // slti
        x[at.rd] = x[at.rs1]! < at.immediate ? 1 : 0;
        break;
      case 22: // sltiu
        x[at.rd] = x[at.rs1]! >>> 0 < at.immediate >>> 0 ? 1 : 0;
        break;
      case 23: // xori
        x[at.rd] = x[at.rs1]! ^ at.immediate;
        break;
      case 24: // srli
        x[at.rd] = x[at.rs1]! >>> at.immediate;
        break;
      case 25: // srai
        x[at.rd] = x[at.rs1]! >> at.immediate;
        break;
      case 26: // ori
        x[at.rd] = x[at.rs1]! | at.immediate;
        break;
      case 27: // andi
        x[at.rd] = x[at.rs1]! & at.immediate;
        break;
      case 28: // add
        x[at.rd] = x[at.rs1]! + x[at.rs2]!;
        break;
      case 29: // sub
        x[at.rd] = x[at.rs1]! - x[at.rs2]!;
        break;
      case 30: // sll
        x[at.rd] = x[at.rs1]! << x[at.rs2]!;
        break;
      case 31: // slt
        x[at.rd] = x[at.rs1]! < x[at.rs2]! ? 1 : 0;
        break;
      case 32: // sltu
        x[at.rd] = x[at.rs1]! >>> 0 < x[at.rs2]! >>> 0 ? 1 : 0;
        break;
      case 33: // xor
        x[at.rd] = x[at.rs1]! ^ x[at.rs2]!;
        break;
      case 34: // srl
        x[at.rd] = x[at.rs1]! >>> x[at.rs2]!;
        break;
      case 35: // sra
        x[at.rd] = x[at.rs1]! >> x[at.rs2]!;
        break;
      case 36: // or
        x[at.rd] = x[at.rs1]! | x[at.rs2]!;
        break;
      case 37: // and
        x[at.rd] = x[at.rs1]! & x[at.rs2]!;
        break;
      case 38: // mul
        x[at.rd] = Math.imul(x[at.rs1]!, x[at.rs2]!);
        break;
      case 39: {
        // mulh
        const first = x[at.rs1]!;
        const second = x[at.rs2]!;
        const high = multiplyHighUnsigned(first, second);
        x[at.rd] = high - (first < 0 ? second : 0) - (second < 0 ? first : 0);
        break;
      }
      case 40: {
        // mulhsu
        const first = x[at.rs1]!;
        const second = x[at.rs2]!;
        const high = multiplyHighUnsigned(first, second);
        x[at.rd] = high - (first < 0 ? second : 0);
        break;
      }
      case 41: {
        // mulhu
        x[at.rd] = multiplyHighUnsigned(x[at.rs1]!, x[at.rs2]!);
        break;
      }
      case 42: {
        // div; -2^31 / -1 is 2^31, which wraps to itself
        const first = x[at.rs1]!;
        const second = x[at.rs2]!;
        x[at.rd] = second === 0 ? -1 : (first / second) | 0;
        break;
      }
      case 43: {
        // divu
        const first = x[at.rs1]!;
        const second = x[at.rs2]!;
        x[at.rd] = second === 0 ? -1 : ((first >>> 0) / (second >>> 0)) | 0;
        break;
      }
      case 44: {
        // rem
        const first = x[at.rs1]!;
        const second = x[at.rs2]!;
        x[at.rd] = second === 0 ? first : (first % second) | 0;
        break;
      }
      case 45: {
        // remu
        const first = x[at.rs1]!;
        const second = x[at.rs2]!;
        x[at.rd] = second === 0 ? first : ((first >>> 0) % (second >>> 0)) | 0;
        break;
      }
      case 46: // nop
        break;
      case 48: // addi, addi
        x[at.rd] = x[at.rs1]! + at.immediate;
        if (left === 1) break;
        left--;
        at = at.next;
        x[at.rd] = x[at.rs1]! + at.immediate;
        break;
      case 49: // addi, bne
        x[at.rd] = x[at.rs1]! + at.immediate;
        if (left === 1) break;
        left--;
        at = at.next;
        if (x[at.rs1]! === x[at.rs2]!) break;
        at = at.target;
        continue;
      case 50: // add, addi
        x[at.rd] = x[at.rs1]! + x[at.rs2]!;
        if (left === 1) break;
        left--;
        at = at.next;
        x[at.rd] = x[at.rs1]! + at.immediate;
        break;
      case 51: {
        // add, lw
        x[at.rd] = x[at.rs1]! + x[at.rs2]!;
        if (left === 1) break;
        left--;
        at = at.next;
        const secondOffset = (x[at.rs1]! + at.immediate) ^ ramStart;
        const secondWord = ((secondOffset >>> 2) | (secondOffset << 30)) >>> 0;
        if (secondWord >= wordCount) break loop;
        x[at.rd] = words[secondWord]!;
        break;
      }
      case 52: // slli, add
        x[at.rd] = x[at.rs1]! << at.immediate;
        if (left === 1) break;
        left--;
        at = at.next;
        x[at.rd] = x[at.rs1]! + x[at.rs2]!;
        break;
      case 53: // slli, or
        x[at.rd] = x[at.rs1]! << at.immediate;
        if (left === 1) break;
        left--;
        at = at.next;
        x[at.rd] = x[at.rs1]! | x[at.rs2]!;
        break;
      case 54: {
        // lw, lw
        const firstOffset = (x[at.rs1]! + at.immediate) ^ ramStart;
        const firstWord = ((firstOffset >>> 2) | (firstOffset << 30)) >>> 0;
        if (firstWord >= wordCount) break loop;
        x[at.rd] = words[firstWord]!;
        if (left === 1) break;
        left--;
        at = at.next;
        const secondOffset = (x[at.rs1]! + at.immediate) ^ ramStart;
        const secondWord = ((secondOffset >>> 2) | (secondOffset << 30)) >>> 0;
        if (secondWord >= wordCount) break loop;
        x[at.rd] = words[secondWord]!;
        break;
      }
      case 55: {
        // lw, addi
        const firstOffset = (x[at.rs1]! + at.immediate) ^ ramStart;
        const firstWord = ((firstOffset >>> 2) | (firstOffset << 30)) >>> 0;
        if (firstWord >= wordCount) break loop;
        x[at.rd] = words[firstWord]!;
        if (left === 1) break;
        left--;
        at = at.next;
        x[at.rd] = x[at.rs1]! + at.immediate;
        break;
      }
      default: // undecoded, which the word just past the end of RAM always is, or slow
        break loop;
    }
    at = at.next;
  }
  hart.pc = addressOf(at.index);
  hart.position += attemptsMax - left;
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
