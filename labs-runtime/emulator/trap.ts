/**
 * Entering and leaving traps, and choosing which interrupt to take.
 * Privileged architecture, section 3.1.6 (mstatus), 3.1.7 (mtvec), 3.1.9 (priorities of interrupts), 3.1.14 to 3.1.16 (mepc, mcause, mtval).
 */
import type { Bus } from './bus.ts';
import { INTERRUPT_EXTERNAL, INTERRUPT_SOFTWARE, INTERRUPT_TIMER } from './bus.ts';
import type { Hart } from './hart.ts';
import { PRIVILEGE_MACHINE } from './hart.ts';

/** Exception codes of mcause. */
export const CAUSE = {
  instructionMisaligned: 0,
  instructionAccessFault: 1,
  illegalInstruction: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  loadAccessFault: 5,
  storeMisaligned: 6,
  storeAccessFault: 7,
  environmentCallFromUser: 8,
} as const;

const INTERRUPT = 1 << 31;

/** Fields of mstatus. */
export const MSTATUS_MIE = 1 << 3;
export const MSTATUS_MPIE = 1 << 7;
export const MSTATUS_MPP_SHIFT = 11;
export const MSTATUS_MPP = 3 << MSTATUS_MPP_SHIFT;

/** Highest priority first: external, software, timer. */
const PRIORITIES: readonly [bit: number, code: number][] = [
  [INTERRUPT_EXTERNAL, 11],
  [INTERRUPT_SOFTWARE, 3],
  [INTERRUPT_TIMER, 7],
];

/** Ends the present attempt with an exception: `value` goes to mtval, mepc is the attempt's own pc. */
export function raise(hart: Hart, cause: number, value: number): void {
  hart.trapped += 1;
  enter(hart, cause, value);
}

/** Enabled interrupts that would be taken now, as bits of mip; zero if none. */
export function takeableInterrupts(hart: Hart, bus: Bus): number {
  const isEnabled = hart.privilege < PRIVILEGE_MACHINE || (hart.mstatus & MSTATUS_MIE) !== 0;
  return isEnabled ? hart.mie & bus.pendingInterrupts(0) : 0;
}

/** Enters the trap for the interrupt of highest priority, if one can be taken. No instruction is attempted by that. */
export function takeInterrupt(hart: Hart, bus: Bus): void {
  const takeable = takeableInterrupts(hart, bus);
  if (takeable === 0) return;
  for (const [bit, code] of PRIORITIES) {
    if ((takeable & bit) !== 0) {
      enter(hart, INTERRUPT | code, 0);
      return;
    }
  }
}

/** MRET: back to the privilege and the interrupt enable from before the trap. */
export function leave(hart: Hart): void {
  const wasEnabled = (hart.mstatus & MSTATUS_MPIE) !== 0;
  hart.privilege = (hart.mstatus & MSTATUS_MPP) >>> MSTATUS_MPP_SHIFT;
  // MPP becomes the least privileged mode supported, which is machine mode while there is no other.
  hart.mstatus = MSTATUS_MPP | MSTATUS_MPIE | (wasEnabled ? MSTATUS_MIE : 0);
  hart.pc = hart.mepc;
}

function enter(hart: Hart, cause: number, value: number): void {
  const wasEnabled = (hart.mstatus & MSTATUS_MIE) !== 0;
  hart.mepc = hart.pc;
  hart.mcause = cause;
  hart.mtval = value;
  hart.mstatus = (hart.privilege << MSTATUS_MPP_SHIFT) | (wasEnabled ? MSTATUS_MPIE : 0);
  hart.privilege = PRIVILEGE_MACHINE;
  const base = hart.mtvec & ~3;
  const isVectored = (hart.mtvec & 1) === 1 && cause < 0;
  hart.pc = isVectored ? (base + 4 * (cause & ~INTERRUPT)) | 0 : base;
}
