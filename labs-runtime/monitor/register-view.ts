/** What people look at in a machine that stands still: each hart's registers, and the instruction that comes next. */
import { CSR } from '../emulator/csr.ts';
import { disassemble } from '../emulator/disassemble.ts';
import { RAM_START, type Machine } from '../emulator/machine.ts';

/** Registers of one hart, unsigned. */
export interface RegisterView {
  pc: number;
  /** x0 to x31. */
  registers: number[];
  /** Registers of traps and interrupts, by name. */
  csrs: Record<string, number>;
}

/** An instruction that is about to be attempted, or a word on what stands in its place where nothing can be fetched. */
export interface InstructionView {
  address: number;
  text: string;
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
  const address = machine.pc;
  const offset = address - RAM_START;
  if (offset < 0 || offset + 4 > ramBytes) return { address, text: 'no instruction: the address is outside RAM' };
  const bytes = machine.readRam(address, 4);
  return { address, text: disassemble(new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true), address) };
}
