/**
 * A tiny assembler for the emulator's tests: one function an instruction, written from the listings of the unprivileged ISA and
 * independent of the emulator's decoder. Registers are numbers, immediates are bytes or signed values as the manual has them.
 */
import type { Stop } from '../../../labs-runtime/emulator/machine.ts';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';

export const RAM = 0x80000000;
export const UART = 0x10000000;
export const CLINT = 0x11000000;
export const SYSCON = 0x11100000;
export const MTIMECMP = CLINT + 0x4000;
export const MTIME = CLINT + 0xbff8;

export function typeR(opcode: number, funct3: number, funct7: number, rd: number, rs1: number, rs2: number): number {
  return ((funct7 << 25) | (rs2 << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode) >>> 0;
}

export function typeI(opcode: number, funct3: number, rd: number, rs1: number, immediate: number): number {
  return (((immediate & 0xfff) << 20) | (rs1 << 15) | (funct3 << 12) | (rd << 7) | opcode) >>> 0;
}

export function typeS(funct3: number, rs2: number, rs1: number, immediate: number): number {
  return typeR(0x23, funct3, (immediate >> 5) & 0x7f, immediate & 0x1f, rs1, rs2);
}

export function typeB(funct3: number, rs1: number, rs2: number, distance: number): number {
  const high = (((distance >> 12) & 1) << 6) | ((distance >> 5) & 0x3f);
  const low = (((distance >> 1) & 0xf) << 1) | ((distance >> 11) & 1);
  return typeR(0x63, funct3, high, low, rs1, rs2);
}

type Immediate = (rd: number, rs1: number, immediate: number) => number;
type Registers = (rd: number, rs1: number, rs2: number) => number;
type Store = (rs2: number, rs1: number, immediate: number) => number;
type Branch = (rs1: number, rs2: number, distance: number) => number;

const immediate = (opcode: number, funct3: number, bits = 0): Immediate => {
  return (rd, rs1, value) => typeI(opcode, funct3, rd, rs1, value | bits);
};
const registers = (funct3: number, funct7: number): Registers => {
  return (rd, rs1, rs2) => typeR(0x33, funct3, funct7, rd, rs1, rs2);
};
const store = (funct3: number): Store => {
  return (rs2, rs1, value) => typeS(funct3, rs2, rs1, value);
};
const branch = (funct3: number): Branch => {
  return (rs1, rs2, distance) => typeB(funct3, rs1, rs2, distance);
};
const atomic = (funct5: number): Registers => {
  return (rd, address, source) => typeR(0x2f, 2, funct5 << 2, rd, address, source);
};

/** `upper` is the 20-bit value of the manual's assembly syntax. */
export const lui = (rd: number, upper: number): number => ((upper << 12) | (rd << 7) | 0x37) >>> 0;
export const auipc = (rd: number, upper: number): number => ((upper << 12) | (rd << 7) | 0x17) >>> 0;

export function jal(rd: number, distance: number): number {
  const bits =
    (((distance >> 20) & 1) << 31) | (((distance >> 1) & 0x3ff) << 21) | (((distance >> 11) & 1) << 20) | (((distance >> 12) & 0xff) << 12);
  return (bits | (rd << 7) | 0x6f) >>> 0;
}

export const jalr = immediate(0x67, 0);

export const branches = { beq: branch(0), bne: branch(1), blt: branch(4), bge: branch(5), bltu: branch(6), bgeu: branch(7) };
export const loads = {
  lb: immediate(0x03, 0),
  lh: immediate(0x03, 1),
  lw: immediate(0x03, 2),
  lbu: immediate(0x03, 4),
  lhu: immediate(0x03, 5),
};
export const stores = { sb: store(0), sh: store(1), sw: store(2) };
export const immediates = {
  addi: immediate(0x13, 0),
  slti: immediate(0x13, 2),
  sltiu: immediate(0x13, 3),
  xori: immediate(0x13, 4),
  ori: immediate(0x13, 6),
  andi: immediate(0x13, 7),
  slli: immediate(0x13, 1),
  srli: immediate(0x13, 5),
  srai: immediate(0x13, 5, 0x400),
};
export const arithmetic = {
  add: registers(0, 0),
  sub: registers(0, 0x20),
  sll: registers(1, 0),
  slt: registers(2, 0),
  sltu: registers(3, 0),
  xor: registers(4, 0),
  srl: registers(5, 0),
  sra: registers(5, 0x20),
  or: registers(6, 0),
  and: registers(7, 0),
  mul: registers(0, 1),
  mulh: registers(1, 1),
  mulhsu: registers(2, 1),
  mulhu: registers(3, 1),
  div: registers(4, 1),
  divu: registers(5, 1),
  rem: registers(6, 1),
  remu: registers(7, 1),
};
export const atomics = {
  amoadd: atomic(0),
  amoswap: atomic(1),
  lr: atomic(2),
  sc: atomic(3),
  amoxor: atomic(4),
  amoor: atomic(8),
  amoand: atomic(0xc),
  amomin: atomic(0x10),
  amomax: atomic(0x14),
  amominu: atomic(0x18),
  amomaxu: atomic(0x1c),
};

export const { beq, bne } = branches;
export const { lw, lbu } = loads;
export const { sb, sh, sw } = stores;
export const { addi } = immediates;

/** The address is rs1, the source of the immediate forms a 5-bit number. */
export const csrrw = (rd: number, csr: number, rs1: number): number => typeI(0x73, 1, rd, rs1, csr);
export const csrrs = (rd: number, csr: number, rs1: number): number => typeI(0x73, 2, rd, rs1, csr);
export const csrrc = (rd: number, csr: number, rs1: number): number => typeI(0x73, 3, rd, rs1, csr);
export const csrrwi = (rd: number, csr: number, value: number): number => typeI(0x73, 5, rd, value, csr);
export const csrrsi = (rd: number, csr: number, value: number): number => typeI(0x73, 6, rd, value, csr);
export const csrrci = (rd: number, csr: number, value: number): number => typeI(0x73, 7, rd, value, csr);

export const FENCE = 0x0ff0000f;
export const FENCE_I = 0x0000100f;
export const ECALL = 0x00000073;
export const EBREAK = 0x00100073;
export const MRET = 0x30200073;
export const WFI = 0x10500073;
export const NOP = 0x00000013;
/** Jumps to itself. */
export const SPIN = 0x0000006f;

/** Two instructions that put any 32-bit value into a register. */
export function li(rd: number, value: number): number[] {
  return [lui(rd, ((value + 0x800) >>> 12) & 0xfffff), addi(rd, rd, ((value << 20) >> 20) & 0xfff)];
}

export type Code = readonly (number | readonly number[])[];

/** Little-endian bytes of instructions; a nested list counts as its items. */
export function bytesOf(code: Code): Uint8Array {
  const words = code.flat();
  const bytes = new Uint8Array(4 * words.length);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => view.setUint32(4 * index, word, true));
  return bytes;
}

/** Number of instructions, for distances and positions. */
export function lengthOf(code: Code): number {
  return code.flat().length;
}

/** A machine with the code at the start of RAM. */
export function boot(code: Code, ramBytes = 65536): Machine {
  const machine = new Machine({ ramBytes });
  machine.load(bytesOf(code));
  return machine;
}

/** Runs code from its first instruction to just past its last, in as many attempts as it has instructions. */
export function runAll(code: Code): Machine {
  const machine = boot(code);
  expectPosition(machine.run(lengthOf(code)));
  return machine;
}

/** The word of RAM at an address, unsigned. */
export function wordAt(machine: Machine, address: number): number {
  return new DataView(machine.readRam(address, 4).buffer).getUint32(0, true);
}

function expectPosition(stop: Stop): void {
  if (stop.reason !== 'position') throw new Error(`the code stopped for ${stop.reason}, though it should have run through`);
}

/** The handler of `withHandler`, at this distance from the start of RAM. */
export const HANDLER = RAM + 0x400;

/** Code that points mtvec at HANDLER, where the machine then spins: three instructions of prologue, then `code`. */
export function withHandler(code: Code): number[] {
  const all = [...li(31, HANDLER), csrrw(0, 0x305, 31), ...code.flat()];
  while (all.length < 0x100) all.push(NOP);
  return [...all, SPIN];
}

/** Instructions before the code in `withHandler`. */
export const PROLOGUE = 3;

export interface Trapped {
  machine: Machine;
  cause: number;
  /** Unsigned, as are the others. */
  exceptionPc: number;
  value: number;
}

/** Runs code whose last instruction traps, and reads the trap's registers. Fails if it does not trap, or if an earlier one does. */
export function runToTrap(code: Code): Trapped {
  const machine = boot(withHandler(code));
  expectPosition(machine.run(PROLOGUE + lengthOf(code) - 1));
  if (machine.pc !== RAM + 4 * (PROLOGUE + lengthOf(code) - 1)) throw new Error('an instruction before the last one trapped or jumped');
  expectPosition(machine.run(PROLOGUE + lengthOf(code)));
  if (machine.pc !== HANDLER) throw new Error(`no trap: pc is ${machine.pc.toString(16)}`);
  return { machine, cause: machine.csr(0x342)!, exceptionPc: machine.csr(0x341)!, value: machine.csr(0x343)! };
}
