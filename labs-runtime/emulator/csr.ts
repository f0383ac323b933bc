/**
 * Control and status registers of machine mode and the Zicsr instructions' access to them. A register that is not in the table does
 * not exist, and touching it is an illegal instruction: guests probe for features that way.
 * Privileged architecture, chapter 2 (numbers, field rules) and 3.1 (machine-level CSRs).
 *
 * The `time` CSR (0xc01) is left out on purpose: section 3.2.1 makes it a shadow of mtime that an implementation may leave to machine-mode
 * software, and one path for clock reads is easier to replay than two. mcycle counts attempts, minstret those that retired.
 */
import type { Bus } from './bus.ts';
import type { Hart } from './hart.ts';
import { INTERRUPT_EXTERNAL, INTERRUPT_SOFTWARE, INTERRUPT_TIMER } from './bus.ts';
import { MSTATUS_MIE, MSTATUS_MPIE, MSTATUS_MPP } from './trap.ts';

/** Numbers of registers that tests and callers name. */
export const CSR = {
  mstatus: 0x300,
  misa: 0x301,
  mie: 0x304,
  mtvec: 0x305,
  mstatush: 0x310,
  mscratch: 0x340,
  mepc: 0x341,
  mcause: 0x342,
  mtval: 0x343,
  mip: 0x344,
  mcycle: 0xb00,
  minstret: 0xb02,
  mcycleh: 0xb80,
  minstreth: 0xb82,
  cycle: 0xc00,
  time: 0xc01,
  instret: 0xc02,
  cycleh: 0xc80,
  instreth: 0xc82,
  mvendorid: 0xf11,
  marchid: 0xf12,
  mimpid: 0xf13,
  mhartid: 0xf14,
  mconfigptr: 0xf15,
} as const;

/** MXL is 32 bits; extensions A, I and M. */
const MISA = (1 << 30) | 1 | (1 << 8) | (1 << 12);
const SUPPORTED_INTERRUPTS = INTERRUPT_SOFTWARE | INTERRUPT_TIMER | INTERRUPT_EXTERNAL;

interface Register {
  read(hart: Hart, bus: Bus): number;
  /** Absent where every field is read-only: a write is legal and changes nothing. */
  write?(hart: Hart, value: number): void;
}

const ZERO: Register = { read: () => 0 };

const REGISTERS = new Map<number, Register>([
  [
    CSR.mstatus,
    {
      read: (hart) => hart.mstatus,
      write: (hart, value) => {
        hart.mstatus = (value & (MSTATUS_MIE | MSTATUS_MPIE)) | MSTATUS_MPP; // MPP can hold machine mode only.
      },
    },
  ],
  [CSR.mstatush, ZERO],
  [CSR.misa, { read: () => MISA }],
  [CSR.mie, { read: (hart) => hart.mie, write: (hart, value) => void (hart.mie = value & SUPPORTED_INTERRUPTS) }],
  [CSR.mip, { read: (_hart, bus) => bus.pendingInterrupts(0) }],
  // Modes above 1 are reserved: bit 1 stays clear.
  [CSR.mtvec, { read: (hart) => hart.mtvec, write: (hart, value) => void (hart.mtvec = value & ~2) }],
  [CSR.mscratch, { read: (hart) => hart.mscratch, write: (hart, value) => void (hart.mscratch = value) }],
  [CSR.mepc, { read: (hart) => hart.mepc, write: (hart, value) => void (hart.mepc = value & ~3) }],
  [CSR.mcause, { read: (hart) => hart.mcause, write: (hart, value) => void (hart.mcause = value) }],
  [CSR.mtval, { read: (hart) => hart.mtval, write: (hart, value) => void (hart.mtval = value) }],
  [CSR.mcycle, { read: (hart) => lowWord(cycles(hart)), write: (hart, value) => setCycles(hart, withLow(cycles(hart), value)) }],
  [CSR.mcycleh, { read: (hart) => highWord(cycles(hart)), write: (hart, value) => setCycles(hart, withHigh(cycles(hart), value)) }],
  [CSR.minstret, { read: (hart) => lowWord(retired(hart)), write: (hart, value) => setRetired(hart, withLow(retired(hart), value)) }],
  [CSR.minstreth, { read: (hart) => highWord(retired(hart)), write: (hart, value) => setRetired(hart, withHigh(retired(hart), value)) }],
  [CSR.cycle, { read: (hart) => lowWord(cycles(hart)) }],
  [CSR.cycleh, { read: (hart) => highWord(cycles(hart)) }],
  [CSR.instret, { read: (hart) => lowWord(retired(hart)) }],
  [CSR.instreth, { read: (hart) => highWord(retired(hart)) }],
  [CSR.mvendorid, ZERO],
  [CSR.marchid, ZERO],
  [CSR.mimpid, ZERO],
  [CSR.mhartid, ZERO],
  [CSR.mconfigptr, ZERO],
  ...hardwarePerformanceCounters(),
]);

/** Section 3.1.10: counters 3 to 31 and their event selectors must exist, and may be read-only zero. */
function hardwarePerformanceCounters(): [number, Register][] {
  const counters = Array.from({ length: 29 }, (_, index) => index + 3);
  return counters.flatMap((counter): [number, Register][] => [
    [0xb00 + counter, ZERO],
    [0xb80 + counter, ZERO],
    [0x320 + counter, ZERO],
  ]);
}

/** The value of CSR `number` as the guest would read it now, signed; undefined if there is no such register. */
export function readCsr(hart: Hart, bus: Bus, number: number): number | undefined {
  return REGISTERS.get(number)?.read(hart, bus);
}

/**
 * One Zicsr instruction: returns the old value and writes the new one, or returns undefined if the access is illegal.
 * `change` makes the new value from the old; undefined for the forms that do not write at all.
 */
export function accessCsr(hart: Hart, bus: Bus, number: number, change: ((old: number) => number) | undefined): number | undefined {
  const register = REGISTERS.get(number);
  const isReadOnly = number >>> 10 === 3;
  const privilegeNeeded = (number >>> 8) & 3;
  if (register === undefined || hart.privilege < privilegeNeeded || (isReadOnly && change !== undefined)) return undefined;
  const old = register.read(hart, bus);
  if (change !== undefined) register.write?.(hart, change(old));
  return old;
}

// A counter read gives the value before the present instruction; a written value is what the next instruction finds.

function cycles(hart: Hart): bigint {
  return BigInt(hart.position) + hart.cycleOffset;
}

function setCycles(hart: Hart, value: bigint): void {
  hart.cycleOffset = BigInt.asIntN(64, value - BigInt(hart.position + 1));
}

function retired(hart: Hart): bigint {
  return BigInt(hart.position - hart.trapped) + hart.retiredOffset;
}

function setRetired(hart: Hart, value: bigint): void {
  hart.retiredOffset = BigInt.asIntN(64, value - BigInt(hart.position - hart.trapped + 1));
}

function lowWord(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}

function highWord(value: bigint): number {
  return Number(BigInt.asIntN(32, value >> 32n));
}

function withLow(value: bigint, low: number): bigint {
  return ((value >> 32n) << 32n) | BigInt(low >>> 0);
}

function withHigh(value: bigint, high: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt.asUintN(32, value);
}
