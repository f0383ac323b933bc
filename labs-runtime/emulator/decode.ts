/**
 * A decoded instruction, in the form that the interpreter's fast path runs: one object for a word of RAM, linked to the instructions that
 * can follow it. Whatever the fast path has no case for becomes `slow`, and `attempt.ts` reads the instruction's own bits again.
 * Unprivileged ISA, chapters on RV32I and the M extension, and the instruction set listings.
 */

/** Operations of the fast path. `execute.ts` has one case for each; the numbers are dense so that its switch is one jump. */
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
  addi_addi: 48,
  addi_bne: 49,
  add_addi: 50,
  add_lw: 51,
  slli_add: 52,
  slli_or: 53,
  lw_lw: 54,
  lw_addi: 55,
} as const;

export type Operation = (typeof OPERATION)[keyof typeof OPERATION];

/**
 * Pairs that compilers often emit, and that the fast path runs as one operation (a superinstruction) while both are decoded: first, second,
 * both at once. They make up about a third of the pairs in the benchmark's guests.
 */
const PAIRS: readonly [first: Operation, second: Operation, both: Operation][] = [
  [OPERATION.addi, OPERATION.addi, OPERATION.addi_addi],
  [OPERATION.addi, OPERATION.bne, OPERATION.addi_bne],
  [OPERATION.add, OPERATION.addi, OPERATION.add_addi],
  [OPERATION.add, OPERATION.lw, OPERATION.add_lw],
  [OPERATION.slli, OPERATION.add, OPERATION.slli_add],
  [OPERATION.slli, OPERATION.or, OPERATION.slli_or],
  [OPERATION.lw, OPERATION.lw, OPERATION.lw_lw],
  [OPERATION.lw, OPERATION.addi, OPERATION.lw_addi],
];
const FIRST_PAIR = OPERATION.addi_addi;
const OPERATIONS_MAX = 64;
const PAIRED = new Map(PAIRS.map(([first, second, both]) => [first * OPERATIONS_MAX + second, both]));

/** Where an instruction that names x0 as its destination writes: register 32 of the interpreter's file, which nothing reads. */
const NOWHERE = 32;

/** One word of RAM, decoded. A store to the word makes it undecoded again; the object stays the word's own, so that links to it hold. */
export class Instruction {
  /** What the fast path does here: a pair's operation covers the next instruction too. */
  operation: Operation = OPERATION.undecoded;
  /** The instruction's own operation. Valid while it is decoded. */
  alone: Operation = OPERATION.undecoded;
  rd = 0;
  rs1 = 0;
  rs2 = 0;
  /** The immediate, sign-extended; for LUI and AUIPC without its low 12 zeros. So it never needs more than 31 bits, as engines like it. */
  immediate = 0;
  /** Which word of RAM this is, counted from the start; the number of words stands for the place just past the end. */
  readonly index: number;
  /** The instruction at the next word, and the one that a branch or JAL leads to. Valid while this one is decoded. */
  next: Instruction = this;
  target: Instruction = this;

  constructor(index: number) {
    this.index = index;
  }
}

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
/** Register operations by funct3 where bit 30 selects another operation. */
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
export function immediateI(word: number): number {
  return word >> 20;
}

export function immediateS(word: number): number {
  return ((word >> 20) & ~0x1f) | ((word >>> 7) & 0x1f);
}

export function immediateB(word: number): number {
  return ((word >> 19) & ~0xfff) | ((word << 4) & 0x800) | ((word >>> 20) & 0x7e0) | ((word >>> 7) & 0x1e);
}

export function immediateJ(word: number): number {
  return ((word >> 11) & ~0xfffff) | (word & 0xff000) | ((word >>> 9) & 0x800) | ((word >>> 20) & 0x7fe);
}

/**
 * Decodes a word of RAM into its instruction's fields. Total: every word has a decoded form. The links are the caller's to set: see
 * `targetIndex`.
 */
export function decodeInto(instruction: Instruction, word: number): void {
  const operation = operationOf(word);
  instruction.operation = operation;
  instruction.alone = operation;
  instruction.rd = (word >>> 7) & 0x1f || NOWHERE;
  instruction.rs1 = (word >>> 15) & 0x1f;
  instruction.rs2 = (word >>> 20) & 0x1f;
  instruction.immediate = immediateOf(operation, word);
}

/** Makes two decoded instructions, one after the other, a pair if they are one. The second can still be run by itself. */
export function pairUp(first: Instruction, second: Instruction): void {
  const { alone } = second;
  first.operation = PAIRED.get(first.operation * OPERATIONS_MAX + alone) ?? first.operation;
}

/** Undoes a pair whose second instruction has changed. */
export function separate(first: Instruction): void {
  if (first.operation >= FIRST_PAIR) first.operation = first.alone;
}

/** Index of the word that a decoded branch or JAL leads to; undefined for other instructions. It may be anywhere, and no integer. */
export function targetIndex(operation: Operation, word: number, index: number): number | undefined {
  if (operation === OPERATION.jal) return index + immediateJ(word) / 4;
  return operation >= OPERATION.beq && operation <= OPERATION.bgeu ? index + immediateB(word) / 4 : undefined;
}

function operationOf(word: number): Operation {
  const funct3 = (word >>> 12) & 7;
  switch (word & 0x7f) {
    case OPCODE.lui:
      return OPERATION.lui;
    case OPCODE.auipc:
      return OPERATION.auipc;
    case OPCODE.jal:
      return OPERATION.jal;
    case OPCODE.branch:
      return BRANCHES[funct3] ?? OPERATION.slow;
    case OPCODE.jalr:
      return funct3 === 0 ? OPERATION.jalr : OPERATION.slow;
    case OPCODE.load:
      return LOADS[funct3] ?? OPERATION.slow;
    case OPCODE.store:
      return STORES[funct3] ?? OPERATION.slow;
    case OPCODE.immediate:
      return immediateOperation(funct3, word >>> 25);
    case OPCODE.register:
      return registerOperation(funct3, word >>> 25) ?? OPERATION.slow;
    case OPCODE.fence:
      // FENCE and FENCE.I have nothing to order on a machine that executes in order with coherent code.
      return funct3 <= 1 ? OPERATION.nop : OPERATION.slow;
    default:
      return OPERATION.slow;
  }
}

function immediateOperation(funct3: number, funct7: number): Operation {
  const operation = IMMEDIATES[funct3]!;
  if (operation === OPERATION.srli && funct7 === 0x20) return OPERATION.srai;
  const isShift = operation === OPERATION.srli || operation === OPERATION.slli;
  return isShift && funct7 !== 0 ? OPERATION.slow : operation;
}

function registerOperation(funct3: number, funct7: number): Operation | undefined {
  if (funct7 === 0) return REGISTERS[funct3];
  if (funct7 === 1) return MULTIPLICATIONS[funct3];
  return funct7 === 0x20 ? ALTERNATIVES[funct3] : undefined;
}

/** Shift amounts need no mask: shifts take the low five bits of an immediate, as of a register. */
function immediateOf(operation: Operation, word: number): number {
  if (operation === OPERATION.lui || operation === OPERATION.auipc) return word >> 12;
  return operation >= OPERATION.sb && operation <= OPERATION.sw ? immediateS(word) : immediateI(word);
}
