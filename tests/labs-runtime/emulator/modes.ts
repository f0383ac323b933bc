/**
 * Programs that go to user mode, for the tests of privileges and memory protection: machine mode sets things up, MRET leads to the code under
 * test, and its traps lead to the handler of `assembler.ts`. Privileged architecture, sections 3.1.6 and 3.3.2.
 */
import type { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { Code, Trapped } from './assembler.ts';
import { addi, auipc, boot, csrrw, HANDLER, lengthOf, li, MRET, NOP, RAM, SPIN } from './assembler.ts';

/** Numbers of registers by their names in the manual's listing. */
export const CSR = {
  mstatus: 0x300,
  mie: 0x304,
  mtvec: 0x305,
  mcounteren: 0x306,
  mscratch: 0x340,
  mepc: 0x341,
  mcause: 0x342,
  mtval: 0x343,
  mip: 0x344,
  pmpcfg0: 0x3a0,
  pmpaddr0: 0x3b0,
  mcycle: 0xb00,
  minstret: 0xb02,
  mcycleh: 0xb80,
  minstreth: 0xb82,
  cycle: 0xc00,
  time: 0xc01,
  instret: 0xc02,
  cycleh: 0xc80,
  timeh: 0xc81,
  instreth: 0xc82,
  mhartid: 0xf14,
} as const;

/** Fields of mstatus. */
export const MIE = 1 << 3;
export const MPIE = 1 << 7;
export const MPP = 3 << 11;
export const MPRV = 1 << 17;
export const TW = 1 << 21;

export const USER = 0;
export const MACHINE = 3;

export const CAUSE = {
  instructionMisaligned: 0,
  instructionAccess: 1,
  illegal: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  loadAccess: 5,
  storeMisaligned: 6,
  storeAccess: 7,
  ecallFromUser: 8,
  ecallFromMachine: 11,
} as const;

/** Writes any value to a register, with the help of x30. */
export function set(csr: number, value: number): number[] {
  return [...li(30, value), csrrw(0, csr, 30)];
}

/** Lets user mode do everything everywhere: one entry over all addresses. */
export const ALLOW_ALL = [...set(CSR.pmpaddr0, -1), ...set(CSR.pmpcfg0, 0x1f)];

export interface UserOptions {
  /** Machine mode runs this first, without jumps. */
  setup?: Code;
  /** mstatus as MRET finds it; its MPP is to be user mode. */
  mstatus?: number;
  /** What memory protection lets user mode do: by default everything. */
  protection?: Code;
  /** Code at HANDLER: by default it spins. */
  handler?: Code;
}

/** A machine that has just come to user mode, at the first instruction of `code`. Uses x30 and x31. */
export function bootUser(code: Code, { setup = [], mstatus = 0, protection = ALLOW_ALL, handler = [] }: UserOptions = {}): Machine {
  const vector = [...li(31, HANDLER), csrrw(0, CSR.mtvec, 31)];
  const change = [...set(CSR.mstatus, mstatus), auipc(30, 0), addi(30, 30, 16), csrrw(0, CSR.mepc, 30), MRET];
  const prologue = [vector, protection.flat(), setup.flat(), change].flat();
  const all = [...prologue, ...code.flat(), SPIN];
  while (all.length < (HANDLER - RAM) / 4) all.push(NOP);
  if (all.length > (HANDLER - RAM) / 4) throw new Error(`the code reaches the handler: it has ${all.length} instructions`);
  const machine = boot([...all, handler, SPIN].flat(2));
  machine.run(prologue.length);
  const isThere = machine.hart(0).privilege === USER && machine.pc === RAM + 4 * prologue.length;
  if (!isThere) throw new Error(`the prologue did not lead to the code: pc is ${machine.pc.toString(16)}`);
  return machine;
}

/** Runs code in user mode of which only the last instruction traps, and reads the trap's registers. */
export function runToUserTrap(code: Code, options: UserOptions = {}): Trapped {
  const machine = bootUser(code, options);
  const last = machine.pc + 4 * (lengthOf(code) - 1);
  machine.run(machine.position + lengthOf(code) - 1);
  if (machine.pc !== last || machine.hart(0).privilege !== USER) throw new Error('an instruction before the last one trapped or jumped');
  machine.run(machine.position + 1);
  if (machine.pc !== HANDLER || machine.hart(0).privilege !== MACHINE) throw new Error(`no trap: pc is ${machine.pc.toString(16)}`);
  return { machine, cause: machine.csr(CSR.mcause)!, exceptionPc: machine.csr(CSR.mepc)!, value: machine.csr(CSR.mtval)! };
}
