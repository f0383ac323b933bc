/** What the reader sees of a machine at one moment: registers of a hart, the code around its pc, and a piece of memory. Made in the worker. */
import { CSR } from '../../labs-runtime/emulator/csr.ts';
import { disassemble } from '../../labs-runtime/emulator/disassemble.ts';
import { RAM_START, type Machine } from '../../labs-runtime/emulator/machine.ts';

/** What the page wants to see of the machine. */
export interface Look {
  /** Whose registers and code: a hart's number, or whichever has its turn. */
  hart: number | 'turn';
  /** First byte of the memory shown. */
  memoryAddress: number;
  memoryBytes: number;
  /** Instructions shown around pc. */
  codeLines: number;
  /** Time between two views of a machine that runs; at rest, each change is shown. */
  viewEveryMs: number;
}

export interface Instruction {
  address: number;
  word: number;
  text: string;
}

export interface MachineView {
  position: number;
  /** The hart shown. */
  hart: number;
  /** The hart whose turn it is. */
  turn: number;
  pc: number;
  /** 3 in machine mode, 0 in user mode. */
  privilege: number;
  /** x0 to x31, unsigned. */
  registers: Uint32Array;
  /** Registers of traps and interrupts. */
  csrs: { name: string; value: number }[];
  /** Around pc; empty if pc is outside of RAM. */
  code: Instruction[];
  memory: { address: number; bytes: Uint8Array };
}

const INSTRUCTION_BYTES = 4;

const SHOWN_CSRS = ['mstatus', 'mie', 'mip', 'mtvec', 'mepc', 'mcause', 'mtval', 'mscratch'] as const;

/** Lines of code before pc where the window is placed anew, as a part of all. */
const SHARE_BEFORE_PC = 0.25;

/** Keeps the code in place while pc moves inside it, so that a reader who steps sees pc move and not the code. */
export class CodeWindow {
  #start = 0;

  /** Address of the first of `lines` instructions to show; at the edges of the window, and outside, it is placed anew. */
  startFor(pc: number, lines: number): number {
    const line = (pc - this.#start) / INSTRUCTION_BYTES;
    const isInside = Number.isInteger(line) && line >= 1 && line < lines - 2;
    if (!isInside) this.#start = pc - INSTRUCTION_BYTES * Math.floor(lines * SHARE_BEFORE_PC);
    return this.#start;
  }
}

/** The view that `look` asks for; where it reaches out of RAM of `ramBytes` it is cut. */
export function viewOf(machine: Machine, ramBytes: number, look: Look, window: CodeWindow): MachineView {
  const index = look.hart === 'turn' || look.hart >= machine.hartCount ? machine.currentHart : look.hart;
  const hart = machine.hart(index);
  const codeBytes = look.codeLines * INSTRUCTION_BYTES;
  const isPcInRam = hart.pc >= RAM_START && hart.pc < RAM_START + ramBytes;
  return {
    position: machine.position,
    hart: index,
    turn: machine.currentHart,
    pc: hart.pc,
    privilege: hart.privilege,
    registers: hart.registers,
    csrs: SHOWN_CSRS.map((name) => ({ name, value: hart.csr(CSR[name]) ?? 0 })),
    code: isPcInRam ? codeIn(readPiece(machine, ramBytes, window.startFor(hart.pc, look.codeLines), codeBytes)) : [],
    memory: readPiece(machine, ramBytes, look.memoryAddress, look.memoryBytes),
  };
}

/** What of a piece of memory is in RAM. */
function readPiece(machine: Machine, ramBytes: number, address: number, byteCount: number): { address: number; bytes: Uint8Array } {
  const start = Math.min(Math.max(address, RAM_START), RAM_START + ramBytes);
  const end = Math.min(Math.max(address + byteCount, start), RAM_START + ramBytes);
  return { address: start, bytes: machine.readRam(start, end - start) };
}

function codeIn({ address, bytes }: { address: number; bytes: Uint8Array }): Instruction[] {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / INSTRUCTION_BYTES) }, (_, index) => {
    const at = address + index * INSTRUCTION_BYTES;
    const word = words.getUint32(index * INSTRUCTION_BYTES, true);
    return { address: at, word, text: disassemble(word, at) };
  });
}
