/**
 * Control and status registers and the Zicsr instructions' access to them. A register that is not in the table does
 * not exist, and touching it is an illegal instruction: guests probe for features that way.
 * Privileged architecture, chapter 2 (numbers, field rules) and 3.1 (machine-level CSRs); Zicntr.
 *
 * `time` is the same clock as mtime, and reading it stops the run in the same way. mcycle counts attempts of all harts, which share one
 * clock, minstret those that this hart retired.
 */
import type { Bus } from './bus.ts';
import type { Hart } from './hart.ts';
import { INTERRUPTS } from './bus.ts';
import { MSTATUS, PRIVILEGE_MACHINE } from './hart.ts';
import { PMP_ENTRIES } from './pmp.ts';

/** Numbers of registers that tests and callers name. */
export const CSR = {
  mstatus: 0x300,
  misa: 0x301,
  mie: 0x304,
  mtvec: 0x305,
  mcounteren: 0x306,
  menvcfg: 0x30a,
  mstatush: 0x310,
  menvcfgh: 0x31a,
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
  mvendorid: 0xf11,
  marchid: 0xf12,
  mimpid: 0xf13,
  mhartid: 0xf14,
  mconfigptr: 0xf15,
} as const;

/** MXL is 32 bits; extensions A, I, M and user mode. */
const MISA = (1 << 30) | 1 | (1 << 8) | (1 << 12) | (1 << 20);

/** Bits of mcounteren: user mode may read cycle, time, instret. The other counters are zero, and not for user mode. */
const COUNTER_ENABLE = 7;
/** Bit of menvcfg that FENCE would heed, were there anything to order. */
const FENCE_OF_IO = 1;

export interface Register {
  /** `clock`: the clock's value is not known yet. */
  read(hart: Hart, bus: Bus): number | 'clock';
  /** Absent where every field is read-only: a write is legal and changes nothing. */
  write?(hart: Hart, value: number): void;
}

const ZERO: Register = { read: () => 0 };

const MCYCLE: Register = {
  read: (hart) => lowWord(cycles(hart)),
  write: (hart, value) => setCycles(hart, withLow(cycles(hart), value)),
};
const MCYCLEH: Register = {
  read: (hart) => highWord(cycles(hart)),
  write: (hart, value) => setCycles(hart, withHigh(cycles(hart), value)),
};
const MINSTRET: Register = {
  read: (hart) => lowWord(retired(hart)),
  write: (hart, value) => setRetired(hart, withLow(retired(hart), value)),
};
const MINSTRETH: Register = {
  read: (hart) => highWord(retired(hart)),
  write: (hart, value) => setRetired(hart, withHigh(retired(hart), value)),
};

const REGISTERS = byNumber([
  [CSR.mstatus, { read: (hart) => hart.mstatus, write: writeStatus }],
  [CSR.mstatush, ZERO],
  [CSR.misa, { read: () => MISA }],
  [CSR.mie, { read: (hart) => hart.mie, write: (hart, value) => void (hart.mie = value & INTERRUPTS) }],
  [CSR.mip, { read: (hart, bus) => bus.pendingInterrupts(hart.index) }],
  [CSR.mtvec, { read: (hart) => hart.mtvec, write: (hart, value) => void (hart.mtvec = value & ~2) }], // Modes above 1 are reserved.
  [CSR.mcounteren, { read: (hart) => hart.mcounteren, write: (hart, value) => void (hart.mcounteren = value & COUNTER_ENABLE) }],
  [CSR.menvcfg, { read: (hart) => hart.menvcfg, write: (hart, value) => void (hart.menvcfg = value & FENCE_OF_IO) }],
  [CSR.menvcfgh, ZERO],
  [CSR.mscratch, { read: (hart) => hart.mscratch, write: (hart, value) => void (hart.mscratch = value) }],
  [CSR.mepc, { read: (hart) => hart.mepc, write: (hart, value) => void (hart.mepc = value & ~3) }],
  [CSR.mcause, { read: (hart) => hart.mcause, write: (hart, value) => void (hart.mcause = value) }],
  [CSR.mtval, { read: (hart) => hart.mtval, write: (hart, value) => void (hart.mtval = value) }],
  [CSR.mcycle, MCYCLE],
  [CSR.mcycleh, MCYCLEH],
  [CSR.minstret, MINSTRET],
  [CSR.minstreth, MINSTRETH],
  [CSR.cycle, { read: MCYCLE.read }],
  [CSR.cycleh, { read: MCYCLEH.read }],
  [CSR.instret, { read: MINSTRET.read }],
  [CSR.instreth, { read: MINSTRETH.read }],
  [CSR.time, { read: (hart, bus) => clockWord(hart, bus, lowWord) }],
  [CSR.timeh, { read: (hart, bus) => clockWord(hart, bus, highWord) }],
  [CSR.mvendorid, ZERO],
  [CSR.marchid, ZERO],
  [CSR.mimpid, ZERO],
  [CSR.mhartid, { read: (hart) => hart.index }],
  [CSR.mconfigptr, ZERO],
  ...memoryProtection(),
  ...hardwarePerformanceCounters(),
  ...triggers(),
]);

/** The registers at their numbers, of which there are 4096; undefined where there is none. */
function byNumber(registers: [number: number, register: Register][]): (Register | undefined)[] {
  const all = Array.from({ length: 4096 }, (): Register | undefined => undefined);
  for (const [number, register] of registers) all[number] = register;
  return all;
}

/** MPP holds user or machine mode: anything else becomes user mode. */
function writeStatus(hart: Hart, value: number): void {
  const { MIE, MPIE, MPP, MPRV, TW } = MSTATUS;
  hart.mstatus = (value & (MIE | MPIE | MPRV | TW)) | ((value & MPP) === MPP ? MPP : 0);
}

/** Section 3.7: pmpcfg0 to pmpcfg3 and pmpaddr0 to pmpaddr15. */
function memoryProtection(): [number, Register][] {
  const configurations = Array.from({ length: PMP_ENTRIES / 4 }, (_, index): [number, Register] => [
    CSR.pmpcfg0 + index,
    { read: (hart) => hart.pmp.readConfiguration(index), write: (hart, value) => hart.pmp.writeConfiguration(index, value) },
  ]);
  const addresses = Array.from({ length: PMP_ENTRIES }, (_, entry): [number, Register] => [
    CSR.pmpaddr0 + entry,
    { read: (hart) => hart.pmp.readAddress(entry), write: (hart, value) => hart.pmp.writeAddress(entry, value) },
  ]);
  return [...configurations, ...addresses];
}

/** No trigger is implemented, which tselect and the data registers say by reading as zero (debug specification, chapter on Sdtrig). */
function triggers(): [number, Register][] {
  return [0x7a0, 0x7a1, 0x7a2, 0x7a3].map((number): [number, Register] => [number, ZERO]);
}

/** Section 3.1.10: counters 3 to 31 and their event selectors must exist, and may be read-only zero. */
function hardwarePerformanceCounters(): [number, Register][] {
  const counters = Array.from({ length: 29 }, (_, index) => index + 3);
  return counters.flatMap((counter): [number, Register][] => [
    [0xb00 + counter, ZERO],
    [0xb80 + counter, ZERO],
    [0x320 + counter, ZERO],
  ]);
}

/** The value of CSR `number` as the guest would read it now, signed; undefined if there is no such register or only the caller knows it. */
export function readCsr(hart: Hart, bus: Bus, number: number): number | undefined {
  const value = REGISTERS[number]?.read(hart, bus);
  return value === 'clock' ? undefined : value;
}

/** The register of that number, if there is one and the hart may read it, or write it too, now. */
export function accessibleCsr(hart: Hart, number: number, isWriting: boolean): Register | undefined {
  const isReadOnly = number >>> 10 === 3;
  return (isWriting && isReadOnly) || !isAccessible(hart, number) ? undefined : REGISTERS[number];
}

/** Numbers have the privilege they need in bits 8 and 9; user mode reads a counter only where mcounteren says so. */
function isAccessible(hart: Hart, number: number): boolean {
  if (hart.privilege < ((number >>> 8) & 3)) return false;
  const isCounter = (number & ~0x9f) === 0xc00;
  return hart.privilege === PRIVILEGE_MACHINE || !isCounter || ((hart.mcounteren >>> (number & 0x1f)) & 1) === 1;
}

function clockWord(hart: Hart, bus: Bus, word: (value: bigint) => number): number | 'clock' {
  const clock = bus.clint.clockAt(hart.position);
  return clock === 'clock' ? clock : word(clock);
}

// A counter read gives the value before the present instruction; a written value is what the next instruction finds.

function cycles(hart: Hart): bigint {
  return BigInt(hart.position) + hart.cycleOffset;
}

function setCycles(hart: Hart, value: bigint): void {
  hart.cycleOffset = BigInt.asIntN(64, value - BigInt(hart.position + 1));
}

function retired(hart: Hart): bigint {
  return BigInt(hart.position - hart.unretired) + hart.retiredOffset;
}

function setRetired(hart: Hart, value: bigint): void {
  hart.retiredOffset = BigInt.asIntN(64, value - BigInt(hart.position - hart.unretired + 1));
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
