/**
 * The listing of the unprivileged ISA for RV32IMA with Zicsr, Zifencei and Zicntr, and what each instruction does, written from the manual in
 * exact arithmetic: an independent and slow model of one attempt, which the tests hold against the machine. Bits are taken from words as the
 * manual draws them, from the higher to the lower, and values are BigInts.
 */

/** What an instruction can see and change. Words and addresses are unsigned. */
export interface ModelState {
  /** x0 to x31. */
  x: bigint[];
  pc: bigint;
  /** RAM, byte by byte, from 0x80000000. */
  ram: Uint8Array;
  /** The word that LR reserved, if any. */
  reserved: bigint | undefined;
  mscratch: bigint;
  /** Of all 64 bits. */
  cycle: bigint;
  instret: bigint;
  time: bigint;
}

/** An exception ends the attempt: the code in mcause, and mtval. */
export class ModelTrap extends Error {
  readonly code: number;
  readonly value: bigint;

  constructor(code: number, value: bigint) {
    super(`exception ${code}`);
    this.code = code;
    this.value = value;
  }
}

export interface Listed {
  /** Which bits are fixed, and to what: `match` has zeros elsewhere. */
  mask: number;
  match: number;
  /** Does the instruction, and moves pc on. */
  attempt(state: ModelState, word: number): void;
}

const RAM = 0x80000000n;
const MODULUS = 2n ** 32n;

const unsigned = (value: bigint) => BigInt.asUintN(32, value);
const signed = (value: bigint) => BigInt.asIntN(32, value);

/** Bits `high` to `low` of a word, as the manual writes inst[high:low]. */
export function bits(word: number, high: number, low: number): bigint {
  return (BigInt(word >>> 0) >> BigInt(low)) % 2n ** BigInt(high - low + 1);
}

const rd = (word: number) => Number(bits(word, 11, 7));
const rs1 = (word: number) => Number(bits(word, 19, 15));
const rs2 = (word: number) => Number(bits(word, 24, 20));

/** Immediates put together from the pieces that the manual's figure of immediate formats shows. */
export const immediate = {
  I: (word: number) => BigInt.asIntN(12, bits(word, 31, 20)),
  S: (word: number) => BigInt.asIntN(12, bits(word, 31, 25) * 32n + bits(word, 11, 7)),
  B: (word: number) =>
    BigInt.asIntN(13, bits(word, 31, 31) * 4096n + bits(word, 7, 7) * 2048n + bits(word, 30, 25) * 32n + bits(word, 11, 8) * 2n),
  U: (word: number) => bits(word, 31, 12) * 4096n,
  J: (word: number) =>
    BigInt.asIntN(21, bits(word, 31, 31) * 2n ** 20n + bits(word, 19, 12) * 4096n + bits(word, 20, 20) * 2048n + bits(word, 30, 21) * 2n),
};

function setRegister(state: ModelState, number: number, value: bigint): void {
  if (number !== 0) state.x[number] = unsigned(value);
}

function next(state: ModelState): void {
  state.pc = unsigned(state.pc + 4n);
}

function offsetOf(state: ModelState, address: bigint, size: number, cause: number): number {
  const offset = address - RAM;
  if (offset < 0n || offset + BigInt(size) > BigInt(state.ram.length)) throw new ModelTrap(cause, address);
  return Number(offset);
}

function readMemory(state: ModelState, address: bigint, size: number, cause = 5): bigint {
  const offset = offsetOf(state, address, size, cause);
  return Array.from(state.ram.slice(offset, offset + size)).reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

function writeMemory(state: ModelState, address: bigint, size: number, value: bigint): void {
  const offset = offsetOf(state, address, size, 7);
  for (let index = 0; index < size; index++) state.ram[offset + index] = Number((value >> BigInt(8 * index)) % 256n);
  const { reserved } = state;
  if (reserved !== undefined && reserved < address + BigInt(size) && reserved + 4n > address) state.reserved = undefined;
}

function jumpTo(state: ModelState, target: bigint): void {
  if (target % 4n !== 0n) throw new ModelTrap(0, target);
  state.pc = target;
}

const OPCODE = 0x7f;
const FUNCT3 = 0x707f;
const FUNCT7 = 0xfe00707f;
const FUNCT5 = 0xf800707f;
const LR_FIELDS = 0xf9f0707f;
const ALL_BITS = 0xffffffff;

function operation(match: number, compute: (left: bigint, right: bigint) => bigint): Listed {
  return {
    mask: FUNCT7,
    match,
    attempt(state, word) {
      setRegister(state, rd(word), compute(state.x[rs1(word)]!, state.x[rs2(word)]!));
      next(state);
    },
  };
}

function immediateOperation(match: number, compute: (left: bigint, right: bigint) => bigint): Listed {
  return {
    mask: FUNCT3,
    match,
    attempt(state, word) {
      setRegister(state, rd(word), compute(state.x[rs1(word)]!, unsigned(immediate.I(word))));
      next(state);
    },
  };
}

function shiftOperation(match: number, compute: (left: bigint, right: bigint) => bigint): Listed {
  return {
    mask: FUNCT7,
    match,
    attempt(state, word) {
      setRegister(state, rd(word), compute(state.x[rs1(word)]!, bits(word, 24, 20)));
      next(state);
    },
  };
}

function load(match: number, size: number, extend: (value: bigint) => bigint): Listed {
  return {
    mask: FUNCT3,
    match,
    attempt(state, word) {
      const address = unsigned(state.x[rs1(word)]! + immediate.I(word));
      setRegister(state, rd(word), extend(readMemory(state, address, size)));
      next(state);
    },
  };
}

function store(match: number, size: number): Listed {
  return {
    mask: FUNCT3,
    match,
    attempt(state, word) {
      writeMemory(state, unsigned(state.x[rs1(word)]! + immediate.S(word)), size, state.x[rs2(word)]!);
      next(state);
    },
  };
}

function branch(match: number, isTaken: (left: bigint, right: bigint) => boolean): Listed {
  return {
    mask: FUNCT3,
    match,
    attempt(state, word) {
      if (isTaken(state.x[rs1(word)]!, state.x[rs2(word)]!)) jumpTo(state, unsigned(state.pc + immediate.B(word)));
      else next(state);
    },
  };
}

function wordAddress(state: ModelState, word: number, cause: number): bigint {
  const address = state.x[rs1(word)]!;
  if (address % 4n !== 0n) throw new ModelTrap(cause, address);
  return address;
}

function atomic(match: number, combine: (memory: bigint, register: bigint) => bigint): Listed {
  return {
    mask: FUNCT5,
    match,
    attempt(state, word) {
      const address = wordAddress(state, word, 6);
      const memory = readMemory(state, address, 4, 7);
      const register = state.x[rs2(word)]!;
      writeMemory(state, address, 4, unsigned(combine(memory, register)));
      setRegister(state, rd(word), memory);
      next(state);
    },
  };
}

const LOAD_RESERVED: Listed = {
  mask: LR_FIELDS,
  match: 0x1000202f,
  attempt(state, word) {
    const address = wordAddress(state, word, 4);
    setRegister(state, rd(word), readMemory(state, address, 4));
    state.reserved = address;
    next(state);
  },
};

const STORE_CONDITIONAL: Listed = {
  mask: FUNCT5,
  match: 0x1800202f,
  attempt(state, word) {
    const address = wordAddress(state, word, 6);
    offsetOf(state, address, 4, 7);
    const isReserved = state.reserved === address;
    if (isReserved) writeMemory(state, address, 4, state.x[rs2(word)]!);
    state.reserved = undefined;
    setRegister(state, rd(word), isReserved ? 0n : 1n);
    next(state);
  },
};

/** An access to mscratch, which stands for all registers that hold any value. */
function csrAccess(match: number, isImmediate: boolean, change: (old: bigint, operand: bigint) => bigint): Listed {
  return {
    mask: (FUNCT3 | 0xfff00000) >>> 0,
    match: (match | (0x340 << 20)) >>> 0,
    attempt(state, word) {
      const operand = isImmediate ? bits(word, 19, 15) : state.x[rs1(word)]!;
      const old = state.mscratch;
      state.mscratch = unsigned(change(old, operand));
      setRegister(state, rd(word), old);
      next(state);
    },
  };
}

/** CSRRS with x0, by which the pseudo-instructions of Zicntr read their counter. */
function counter(match: number, read: (state: ModelState) => bigint): Listed {
  return {
    mask: 0xfffff07f,
    match,
    attempt(state, word) {
      setRegister(state, rd(word), read(state));
      next(state);
    },
  };
}

function nothing(mask: number, match: number): Listed {
  return { mask, match, attempt: next };
}

function exception(match: number, cause: number, value: (state: ModelState) => bigint): Listed {
  return {
    mask: ALL_BITS,
    match,
    attempt(state) {
      throw new ModelTrap(cause, value(state));
    },
  };
}

const shiftAmount = (value: bigint) => value % 32n;
const ONES = MODULUS - 1n;

const COMPUTATIONS = {
  add: (a: bigint, b: bigint) => a + b,
  sub: (a: bigint, b: bigint) => a - b,
  sll: (a: bigint, b: bigint) => a * 2n ** shiftAmount(b),
  slt: (a: bigint, b: bigint) => (signed(a) < signed(b) ? 1n : 0n),
  sltu: (a: bigint, b: bigint) => (a < b ? 1n : 0n),
  xor: (a: bigint, b: bigint) => a ^ b,
  srl: (a: bigint, b: bigint) => a / 2n ** shiftAmount(b),
  sra: (a: bigint, b: bigint) => signed(a) >> shiftAmount(b),
  or: (a: bigint, b: bigint) => a | b,
  and: (a: bigint, b: bigint) => a & b,
  mul: (a: bigint, b: bigint) => a * b,
  mulh: (a: bigint, b: bigint) => (signed(a) * signed(b)) >> 32n,
  mulhsu: (a: bigint, b: bigint) => (signed(a) * b) >> 32n,
  mulhu: (a: bigint, b: bigint) => (a * b) >> 32n,
  div: (a: bigint, b: bigint) => (b === 0n ? ONES : signed(a) / signed(b)),
  divu: (a: bigint, b: bigint) => (b === 0n ? ONES : a / b),
  rem: (a: bigint, b: bigint) => (b === 0n ? a : signed(a) % signed(b)),
  remu: (a: bigint, b: bigint) => (b === 0n ? a : a % b),
};

const low = (value: bigint) => unsigned(value);
const high = (value: bigint) => unsigned(value >> 32n);

export const LISTING = {
  lui: {
    mask: OPCODE,
    match: 0x37,
    attempt(state: ModelState, word: number) {
      setRegister(state, rd(word), immediate.U(word));
      next(state);
    },
  },
  auipc: {
    mask: OPCODE,
    match: 0x17,
    attempt(state: ModelState, word: number) {
      setRegister(state, rd(word), state.pc + immediate.U(word));
      next(state);
    },
  },
  jal: {
    mask: OPCODE,
    match: 0x6f,
    attempt(state: ModelState, word: number) {
      const link = state.pc + 4n;
      jumpTo(state, unsigned(state.pc + immediate.J(word)));
      setRegister(state, rd(word), link);
    },
  },
  jalr: {
    mask: FUNCT3,
    match: 0x67,
    attempt(state: ModelState, word: number) {
      const link = state.pc + 4n;
      const sum = unsigned(state.x[rs1(word)]! + immediate.I(word));
      jumpTo(state, sum - (sum % 2n));
      setRegister(state, rd(word), link);
    },
  },
  beq: branch(0x63, (a, b) => a === b),
  bne: branch(0x1063, (a, b) => a !== b),
  blt: branch(0x4063, (a, b) => signed(a) < signed(b)),
  bge: branch(0x5063, (a, b) => signed(a) >= signed(b)),
  bltu: branch(0x6063, (a, b) => a < b),
  bgeu: branch(0x7063, (a, b) => a >= b),
  lb: load(0x03, 1, (value) => BigInt.asIntN(8, value)),
  lh: load(0x1003, 2, (value) => BigInt.asIntN(16, value)),
  lw: load(0x2003, 4, (value) => value),
  lbu: load(0x4003, 1, (value) => value),
  lhu: load(0x5003, 2, (value) => value),
  sb: store(0x23, 1),
  sh: store(0x1023, 2),
  sw: store(0x2023, 4),
  addi: immediateOperation(0x13, COMPUTATIONS.add),
  slti: immediateOperation(0x2013, COMPUTATIONS.slt),
  sltiu: immediateOperation(0x3013, COMPUTATIONS.sltu),
  xori: immediateOperation(0x4013, COMPUTATIONS.xor),
  ori: immediateOperation(0x6013, COMPUTATIONS.or),
  andi: immediateOperation(0x7013, COMPUTATIONS.and),
  slli: shiftOperation(0x1013, COMPUTATIONS.sll),
  srli: shiftOperation(0x5013, COMPUTATIONS.srl),
  srai: shiftOperation(0x40005013, COMPUTATIONS.sra),
  add: operation(0x33, COMPUTATIONS.add),
  sub: operation(0x40000033, COMPUTATIONS.sub),
  sll: operation(0x1033, COMPUTATIONS.sll),
  slt: operation(0x2033, COMPUTATIONS.slt),
  sltu: operation(0x3033, COMPUTATIONS.sltu),
  xor: operation(0x4033, COMPUTATIONS.xor),
  srl: operation(0x5033, COMPUTATIONS.srl),
  sra: operation(0x40005033, COMPUTATIONS.sra),
  or: operation(0x6033, COMPUTATIONS.or),
  and: operation(0x7033, COMPUTATIONS.and),
  // Fields that are reserved in fences are ignored; FENCE.TSO and PAUSE are fences with other fields.
  fence: nothing(FUNCT3, 0x0f),
  'fence.tso': nothing(ALL_BITS, 0x8330000f),
  pause: nothing(ALL_BITS, 0x0100000f),
  ecall: exception(0x73, 11, () => 0n),
  ebreak: exception(0x00100073, 3, (state) => state.pc),
  'fence.i': nothing(FUNCT3, 0x100f),
  csrrw: csrAccess(0x1073, false, (_, operand) => operand),
  csrrs: csrAccess(0x2073, false, (old, operand) => old | operand),
  csrrc: csrAccess(0x3073, false, (old, operand) => old & (ONES ^ operand)),
  csrrwi: csrAccess(0x5073, true, (_, operand) => operand),
  csrrsi: csrAccess(0x6073, true, (old, operand) => old | operand),
  csrrci: csrAccess(0x7073, true, (old, operand) => old & (ONES ^ operand)),
  rdcycle: counter(0xc0002073, ({ cycle }) => low(cycle)),
  rdtime: counter(0xc0102073, ({ time }) => low(time)),
  rdinstret: counter(0xc0202073, ({ instret }) => low(instret)),
  rdcycleh: counter(0xc8002073, ({ cycle }) => high(cycle)),
  rdtimeh: counter(0xc8102073, ({ time }) => high(time)),
  rdinstreth: counter(0xc8202073, ({ instret }) => high(instret)),
  mul: operation(0x02000033, COMPUTATIONS.mul),
  mulh: operation(0x02001033, COMPUTATIONS.mulh),
  mulhsu: operation(0x02002033, COMPUTATIONS.mulhsu),
  mulhu: operation(0x02003033, COMPUTATIONS.mulhu),
  div: operation(0x02004033, COMPUTATIONS.div),
  divu: operation(0x02005033, COMPUTATIONS.divu),
  rem: operation(0x02006033, COMPUTATIONS.rem),
  remu: operation(0x02007033, COMPUTATIONS.remu),
  'lr.w': LOAD_RESERVED,
  'sc.w': STORE_CONDITIONAL,
  'amoswap.w': atomic(0x0800202f, (_, register) => register),
  'amoadd.w': atomic(0x0000202f, COMPUTATIONS.add),
  'amoxor.w': atomic(0x2000202f, COMPUTATIONS.xor),
  'amoand.w': atomic(0x6000202f, COMPUTATIONS.and),
  'amoor.w': atomic(0x4000202f, COMPUTATIONS.or),
  'amomin.w': atomic(0x8000202f, (a, b) => (signed(a) < signed(b) ? a : b)),
  'amomax.w': atomic(0xa000202f, (a, b) => (signed(a) > signed(b) ? a : b)),
  'amominu.w': atomic(0xc000202f, (a, b) => (a < b ? a : b)),
  'amomaxu.w': atomic(0xe000202f, (a, b) => (a > b ? a : b)),
} satisfies Record<string, Listed>;

export type ListedName = keyof typeof LISTING;
