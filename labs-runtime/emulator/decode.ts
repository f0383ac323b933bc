/**
 * Decodes an instruction word into the form that the interpreter's fast path runs, once for as long as the word stays the same.
 * Whatever the fast path has no case for becomes SLOW, and `attempt.ts` reads the instruction's own bits again.
 * Unprivileged ISA, chapters on RV32I and the M extension, and the instruction set listings.
 *
 * The form is one 32-bit number: the instruction with its fields where one shift or mask reads them, and an operation for its opcode.
 * - bits 0 to 6: the operation;
 * - bits 7 to 11: rd, or rs2 of stores and branches; bits 15 to 19: rs1; bits 20 to 24: rs2 of all others;
 * - bits 20 to 31: the immediate of I-type instructions and stores, or a branch's distance in words;
 * - bits 12 to 31: the immediate of U-type instructions, or JAL's distance in words.
 */

/** Operations of the decoded form. `execute.ts` has one case for each; the numbers are dense so that its switch is one jump. */
export const OPERATION = {
  undecoded: 0,
  lui: 1,
  auipc: 2,
  jal: 3,
  jalr: 4,
  beq: 5,
  bne: 6,
  blt: 7,
  bge: 8,
  bltu: 9,
  bgeu: 10,
  lb: 11,
  lh: 12,
  lw: 13,
  lbu: 14,
  lhu: 15,
  sb: 16,
  sh: 17,
  sw: 18,
  addi: 19,
  slli: 20,
  slti: 21,
  sltiu: 22,
  xori: 23,
  srli: 24,
  srai: 25,
  ori: 26,
  andi: 27,
  add: 28,
  sub: 29,
  sll: 30,
  slt: 31,
  sltu: 32,
  xor: 33,
  srl: 34,
  sra: 35,
  or: 36,
  and: 37,
  mul: 38,
  mulh: 39,
  mulhsu: 40,
  mulhu: 41,
  div: 42,
  divu: 43,
  rem: 44,
  remu: 45,
  nop: 46,
  slow: 47,
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

/** Decodes words[index], RAM's word at that index. Total: every word has a decoded form, and none is zero. */
export function decode(words: Int32Array, index: number): number {
  const instruction = words[index]!;
  const funct3 = (instruction >>> 12) & 7;
  switch (instruction & 0x7f) {
    case OPCODE.lui:
      return form(writing(instruction, OPERATION.lui), instruction);
    case OPCODE.auipc:
      return form(writing(instruction, OPERATION.auipc), instruction);
    case OPCODE.jal:
      return decodeJump(instruction, index, words.length);
    case OPCODE.branch:
      return decodeBranch(BRANCHES[funct3], instruction, index, words.length);
    case OPCODE.jalr:
      return form(funct3 === 0 ? OPERATION.jalr : OPERATION.slow, instruction);
    case OPCODE.load:
      return form(isWriting(instruction) ? (LOADS[funct3] ?? OPERATION.slow) : OPERATION.slow, instruction);
    case OPCODE.store:
      return decodeStore(STORES[funct3] ?? OPERATION.slow, instruction);
    case OPCODE.immediate:
      return form(writing(instruction, selectImmediate(instruction, funct3)), instruction);
    case OPCODE.register:
      return form(writing(instruction, selectRegister(instruction >>> 25, funct3)), instruction);
    case OPCODE.fence:
      // FENCE and FENCE.I have nothing to order on a machine that executes in order with coherent code.
      return form(funct3 <= 1 ? OPERATION.nop : OPERATION.slow, instruction);
    default:
      return form(OPERATION.slow, instruction);
  }
}

/** The instruction's own fields with the operation in the place of the opcode. */
function form(operation: Operation, fields: number): number {
  return (fields & ~0x7f) | operation;
}

function isWriting(instruction: number): boolean {
  return (instruction & 0xf80) !== 0;
}

/** An operation that does nothing but write rd: with x0 as rd it does nothing at all, unless it is no operation. */
function writing(instruction: number, operation: Operation | undefined): Operation {
  if (operation === undefined) return OPERATION.slow;
  return isWriting(instruction) ? operation : OPERATION.nop;
}

function decodeStore(operation: Operation, instruction: number): number {
  const rs2 = (instruction >>> 20) & 0x1f;
  return form(operation, (immediateS(instruction) << 20) | (instruction & 0xff000) | (rs2 << 7));
}

function decodeBranch(operation: Operation | undefined, instruction: number, index: number, wordCount: number): number {
  const distance = immediateB(instruction);
  if (operation === undefined || !isPlain(index, distance, wordCount)) return form(OPERATION.slow, instruction);
  const rs2 = (instruction >>> 20) & 0x1f;
  return form(operation, ((distance >> 2) << 20) | (instruction & 0xff000) | (rs2 << 7));
}

function decodeJump(instruction: number, index: number, wordCount: number): number {
  const distance = immediateJ(instruction);
  if (!isPlain(index, distance, wordCount)) return form(OPERATION.slow, instruction);
  return form(OPERATION.jal, ((distance >> 2) << 12) | (instruction & 0xf80));
}

/** Whether a jump leads to an aligned word in RAM (or just past it, where fetching faults); any other is slow, since it may trap. */
function isPlain(index: number, distance: number, wordCount: number): boolean {
  const target = index + distance / 4;
  return Number.isInteger(target) && target >= 0 && target <= wordCount;
}

function selectImmediate(instruction: number, funct3: number): Operation | undefined {
  const operation = IMMEDIATES[funct3]!;
  const funct7 = instruction >>> 25;
  if (operation === OPERATION.srli && funct7 === 0x20) return OPERATION.srai;
  if (operation === OPERATION.srli || operation === OPERATION.slli) return funct7 === 0 ? operation : undefined;
  return operation;
}

function selectRegister(funct7: number, funct3: number): Operation | undefined {
  if (funct7 === 0) return REGISTERS[funct3];
  if (funct7 === 1) return MULTIPLICATIONS[funct3];
  return funct7 === 0x20 ? ALTERNATIVES[funct3] : undefined;
}
