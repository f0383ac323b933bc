/**
 * The instruction at an address, for people: what the monitor shows of a machine that stands still, and what a report of two machines that went
 * different ways names. It looks at RAM as it is now.
 */
import { disassemble } from './disassemble.ts';
import { RAM_START, type Machine } from './machine.ts';

/** An instruction that is about to be attempted, or a word on what stands in its place where nothing can be fetched. */
export interface InstructionView {
  address: number;
  text: string;
}

/** The instruction at an address of a machine with so much RAM. */
export function instructionAt(machine: Machine, address: number, ramBytes: number): InstructionView {
  const word = wordAt(machine, address, ramBytes);
  return { address, text: word === undefined ? 'no instruction: the address is outside RAM' : disassemble(word, address) };
}

/** The four bytes at an address as a number, unsigned; undefined outside of RAM. */
export function wordAt(machine: Machine, address: number, ramBytes: number): number | undefined {
  const offset = address - RAM_START;
  if (offset < 0 || offset + 4 > ramBytes) return undefined;
  const bytes = machine.readRam(address, 4);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
}
