/**
 * Entering and leaving traps, and choosing which interrupt to take.
 * Privileged architecture, section 3.1.6 (mstatus), 3.1.7 (mtvec), 3.1.9 (priorities of interrupts), 3.1.14 to 3.1.16 (mepc, mcause, mtval).
 */
import type { Bus } from './bus.ts';
import { INTERRUPT_EXTERNAL, INTERRUPT_SOFTWARE, INTERRUPT_TIMER } from './bus.ts';
import type { Hart } from './hart.ts';
import { MSTATUS, MSTATUS_MPP_SHIFT, PRIVILEGE_MACHINE } from './hart.ts';

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

/** Highest priority first: external, software, timer. */
const PRIORITIES: readonly [bit: number, code: number][] = [
  [INTERRUPT_EXTERNAL, 11],
  [INTERRUPT_SOFTWARE, 3],
  [INTERRUPT_TIMER, 7],
];

/** Ends the present attempt with an exception: `value` goes to mtval, mepc is the attempt's own pc. */
export function raise(hart: Hart, cause: number, value: number): void {
  hart.unretired += 1;
  enter(hart, cause, value);
}

/** Enabled interrupts that would be taken now, as bits of mip; zero if none. */
export function takeableInterrupts(hart: Hart, bus: Bus): number {
  const isEnabled = hart.privilege < PRIVILEGE_MACHINE || (hart.mstatus & MSTATUS.MIE) !== 0;
  return isEnabled && hart.mie !== 0 ? bus.pendingInterrupts(hart.index, hart.mie) : 0;
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

/** MRET: back to the privilege and the interrupt enable from before the trap. MPP becomes user mode, the least privileged there is. */
export function leave(hart: Hart): void {
  const { mstatus } = hart;
  const wasEnabled = (mstatus & MSTATUS.MPIE) !== 0;
  hart.privilege = (mstatus & MSTATUS.MPP) >>> MSTATUS_MPP_SHIFT;
  const kept = mstatus & (hart.privilege === PRIVILEGE_MACHINE ? MSTATUS.TW | MSTATUS.MPRV : MSTATUS.TW);
  hart.mstatus = kept | MSTATUS.MPIE | (wasEnabled ? MSTATUS.MIE : 0);
  hart.pc = hart.mepc;
}

function enter(hart: Hart, cause: number, value: number): void {
  const { mstatus } = hart;
  const wasEnabled = (mstatus & MSTATUS.MIE) !== 0;
  hart.mepc = hart.pc;
  hart.mcause = cause;
  hart.mtval = value;
  hart.mstatus = (mstatus & (MSTATUS.TW | MSTATUS.MPRV)) | (hart.privilege << MSTATUS_MPP_SHIFT) | (wasEnabled ? MSTATUS.MPIE : 0);
  hart.privilege = PRIVILEGE_MACHINE;
  const base = hart.mtvec & ~3;
  const isVectored = (hart.mtvec & 1) === 1 && cause < 0;
  hart.pc = isVectored ? (base + 4 * (cause & ~INTERRUPT)) | 0 : base;
}
