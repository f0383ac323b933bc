/** What people look at in a machine that stands still: each hart's registers, and the instruction that comes next. */
import { CSR } from '../emulator/csr.ts';
import { instructionAt, type InstructionView } from '../emulator/instruction-view.ts';
import type { Machine } from '../emulator/machine.ts';

export type { InstructionView } from '../emulator/instruction-view.ts';

/** Registers of one hart, unsigned. */
export interface RegisterView {
  pc: number;
  /** x0 to x31. */
  registers: number[];
  /** Registers of traps and interrupts, by name. */
  csrs: Record<string, number>;
}

const SHOWN_CSRS = ['mstatus', 'mie', 'mip', 'mtvec', 'mepc', 'mcause', 'mtval', 'mscratch'] as const;

/** Every hart of the machine. */
export function registerViews(machine: Machine): RegisterView[] {
  return Array.from({ length: machine.hartCount }, (_, index) => {
    const hart = machine.hart(index);
    const csrs = Object.fromEntries(SHOWN_CSRS.map((name) => [name, hart.csr(CSR[name]) ?? 0]));
    return { pc: hart.pc, registers: Array.from(hart.registers), csrs };
  });
}

/** The instruction at the pc of the hart whose turn it is. `ramBytes` is the machine's. */
export function nextInstruction(machine: Machine, ramBytes: number): InstructionView {
  return instructionAt(machine, machine.pc, ramBytes);
}
