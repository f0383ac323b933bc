/**
 * Decodes an instruction word into the form that the interpreter's fast path runs, once for as long as the word stays the same.
 * Whatever the fast path has no case for becomes SLOW, and `attempt.ts` reads the instruction's own bits again.
 * Unprivileged ISA, chapters on RV32I and the M extension, and the instruction set listings.
 *
 * The form is two 32-bit numbers: operation | rd << 8 | rs1 << 14 | rs2 << 20, then an immediate. The immediate is
 * - for loads and stores, less the start of RAM, so that adding a register gives an offset in RAM; for JALR likewise;
 * - for branches and JAL, the index in RAM of the target word;
 * - for LUI and AUIPC, the whole result.
 */
import { REGISTER_SINK } from './hart.ts';
import { RAM_START } from './ram.ts';

/** Operations of the decoded form. `execute.ts` has one case for each; the numbers are dense so that its switch is one jump. */
export const OPERATION = {
  undecoded: 0,
  constant: 1,
  jal: 2,
  jalr: 3,
  beq: 4,
  bne: 5,
  blt: 6,
  bge: 7,
  bltu: 8,
  bgeu: 9,
  lb: 10,
  lh: 11,
  lw: 12,
  lbu: 13,
  lhu: 14,
  sb: 15,
  sh: 16,
  sw: 17,
  addi: 18,
  slli: 19,
  slti: 20,
  sltiu: 21,
  xori: 22,
  srli: 23,
  srai: 24,
  ori: 25,
  andi: 26,
  add: 27,
  sub: 28,
  sll: 29,
  slt: 30,
  sltu: 31,
  xor: 32,
  srl: 33,
  sra: 34,
  or: 35,
  and: 36,
  mul: 37,
  mulh: 38,
  mulhsu: 39,
  mulhu: 40,
  div: 41,
  divu: 42,
  rem: 43,
  remu: 44,
  slow: 45,
} as const;

type Operation = (typeof OPERATION)[keyof typeof OPERATION];

/** Operations by funct3; undefined where the encoding is reserved. */
const BRANCHES = [OPERATION.beq, OPERATION.bne, undefined, undefined, OPERATION.blt, OPERATION.bge, OPERATION.bltu, OPERATION.bgeu];
const LOADS = [OPERATION.lb, OPERATION.lh, OPERATION.lw, undefined, OPERATION.lbu, OPERATION.lhu];
const STORES = [OPERATION.sb, OPERATION.sh, OPERATION.sw];
const IMMEDIATES = [
  OPERATION.addi,
  OPERATION.slli,
  OPERATION.slti,
  OPERATION.sltiu,
  OPERATION.xori,
  OPERATION.srli,
  OPERATION.ori,
  OPERATION.andi,
];
const REGISTERS = [OPERATION.add, OPERATION.sll, OPERATION.slt, OPERATION.sltu, OPERATION.xor, OPERATION.srl, OPERATION.or, OPERATION.and];
const MULTIPLICATIONS = [
  OPERATION.mul,
  OPERATION.mulh,
  OPERATION.mulhsu,
  OPERATION.mulhu,
  OPERATION.div,
  OPERATION.divu,
  OPERATION.rem,
  OPERATION.remu,
];
/** Registers operations by funct3 where bit 30 selects another operation. */
const ALTERNATIVES = [OPERATION.sub, undefined, undefined, undefined, undefined, OPERATION.sra];

/** Major opcodes, the low seven bits. */
export const OPCODE = {
  load: 0x03,
  fence: 0x0f,
  immediate: 0x13,
  auipc: 0x17,
  store: 0x23,
  atomic: 0x2f,
  register: 0x33,
  lui: 0x37,
  branch: 0x63,
  jalr: 0x67,
  jal: 0x6f,
  system: 0x73,
} as const;

/** Immediates of the instruction formats, sign-extended. */
export function immediateI(instruction: number): number {
  return instruction >> 20;
}

export function immediateS(instruction: number): number {
  return ((instruction >> 20) & ~0x1f) | ((instruction >>> 7) & 0x1f);
}

export function immediateB(instruction: number): number {
  return ((instruction >> 19) & ~0xfff) | ((instruction << 4) & 0x800) | ((instruction >>> 20) & 0x7e0) | ((instruction >>> 7) & 0x1e);
}

export function immediateJ(instruction: number): number {
  return ((instruction >> 11) & ~0xfffff) | (instruction & 0xff000) | ((instruction >>> 9) & 0x800) | ((instruction >>> 20) & 0x7fe);
}

export function immediateU(instruction: number): number {
  return instruction & ~0xfff;
}

/**
 * Decodes words[index], RAM's word at that index, into decoded[2 * index] and the number after it. Total: every word has a decoded form.
 */
export function decode(words: Int32Array, decoded: Int32Array, index: number): void {
  const instruction = words[index]!;
  const [operation, immediate] = select(instruction, index, words.length);
  const rd = (instruction >>> 7) & 0x1f;
  const rs1 = (instruction >>> 15) & 0x1f;
  const rs2 = (instruction >>> 20) & 0x1f;
  // FENCE and FENCE.I order nothing on a machine that executes in order with coherent code: they become an ADDI that writes nowhere.
  const isFence = operation === OPERATION.addi && (instruction & 0x7f) === OPCODE.fence;
  const destination = rd === 0 || isFence ? REGISTER_SINK : rd;
  decoded[2 * index] = operation | (destination << 8) | (rs1 << 14) | (rs2 << 20);
  decoded[2 * index + 1] = immediate;
}

const SLOW: [Operation, number] = [OPERATION.slow, 0];

function select(instruction: number, index: number, wordCount: number): [Operation, number] {
  const funct3 = (instruction >>> 12) & 7;
  switch (instruction & 0x7f) {
    case OPCODE.lui:
      return [OPERATION.constant, immediateU(instruction)];
    case OPCODE.auipc:
      return [OPERATION.constant, (RAM_START + 4 * index + immediateU(instruction)) | 0];
    case OPCODE.jal:
      return jumpTo(OPERATION.jal, index, immediateJ(instruction), wordCount);
    case OPCODE.branch:
      return jumpTo(BRANCHES[funct3], index, immediateB(instruction), wordCount);
    case OPCODE.jalr:
      return funct3 === 0 ? [OPERATION.jalr, (immediateI(instruction) - RAM_START) | 0] : SLOW;
    case OPCODE.load:
      return [LOADS[funct3] ?? OPERATION.slow, (immediateI(instruction) - RAM_START) | 0];
    case OPCODE.store:
      return [STORES[funct3] ?? OPERATION.slow, (immediateS(instruction) - RAM_START) | 0];
    case OPCODE.immediate:
      return selectImmediate(instruction, funct3);
    case OPCODE.register:
      return [selectRegister(instruction >>> 25, funct3) ?? OPERATION.slow, 0];
    case OPCODE.fence:
      return funct3 <= 1 ? [OPERATION.addi, 0] : SLOW;
    default:
      return SLOW;
  }
}

/** A jump whose target is known and lies in RAM (or just past it, where fetching faults); any other traps when it is taken. */
function jumpTo(operation: Operation | undefined, index: number, distance: number, wordCount: number): [Operation, number] {
  const target = index + distance / 4;
  const isPlain = Number.isInteger(target) && target >= 0 && target <= wordCount;
  return operation !== undefined && isPlain ? [operation, target] : SLOW;
}

function selectImmediate(instruction: number, funct3: number): [Operation, number] {
  const operation = IMMEDIATES[funct3]!;
  const funct7 = instruction >>> 25;
  const shift = (instruction >>> 20) & 0x1f;
  if (operation === OPERATION.srli && funct7 === 0x20) return [OPERATION.srai, shift];
  if (operation === OPERATION.srli || operation === OPERATION.slli) return funct7 === 0 ? [operation, shift] : SLOW;
  return [operation, immediateI(instruction)];
}

function selectRegister(funct7: number, funct3: number): Operation | undefined {
  if (funct7 === 0) return REGISTERS[funct3];
  if (funct7 === 1) return MULTIPLICATIONS[funct3];
  return funct7 === 0x20 ? ALTERNATIVES[funct3] : undefined;
}
