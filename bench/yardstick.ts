/**
 * The simplest interpreter that runs the benchmark's guest: it fetches, decodes and switches anew for every instruction. It is the yardstick
 * that the emulator's speed is given against, since a bare number says more about the computer it was measured on.
 * RV32IM in RAM, UART output and power-off; CSR instructions do nothing, since the guest only sets up traps that never come.
 */

const RAM_START = 0x80000000;
const UART_DATA = 0x10000000;
const UART_LINE_STATUS = 0x10000005;
const SYSCON = 0x11100000;

export interface YardstickRun {
  /** Bytes that the guest sent, as text. */
  output: string;
  instructions: number;
}

/** Runs a flat image from the start of RAM until it powers off. */
export function runYardstick(image: Uint8Array, ramBytes: number): YardstickRun {
  const state = createState(image, ramBytes);
  while (!state.isOff) runBatch(state, 4096);
  return { output: state.output, instructions: state.instructions };
}

interface State {
  x: Int32Array;
  view: DataView;
  pc: number;
  instructions: number;
  output: string;
  isOff: boolean;
}

function createState(image: Uint8Array, ramBytes: number): State {
  const ram = new Uint8Array(ramBytes);
  ram.set(image);
  return { x: new Int32Array(32), view: new DataView(ram.buffer), pc: 0, instructions: 0, output: '', isOff: false };
}

/** Runs up to `count` instructions. Here pc is an offset from the start of RAM. */
function runBatch(state: State, count: number): void {
  const { x, view } = state;
  let pc = state.pc;
  let done = 0;
  for (; done < count && !state.isOff; done++) {
    const instruction = view.getInt32(pc, true);
    const rd = (instruction >>> 7) & 31;
    const left = x[(instruction >>> 15) & 31]!;
    const right = x[(instruction >>> 20) & 31]!;
    const funct3 = (instruction >>> 12) & 7;
    let next = pc + 4;
    switch (instruction & 0x7f) {
      case 0x37:
        x[rd] = instruction & ~0xfff;
        break;
      case 0x17:
        x[rd] = pc + RAM_START + (instruction & ~0xfff);
        break;
      case 0x6f:
        x[rd] = next + RAM_START;
        next = pc + jumpDistance(instruction);
        break;
      case 0x67:
        next = ((left + (instruction >> 20)) & ~1) - (RAM_START | 0);
        x[rd] = pc + 4 + RAM_START;
        break;
      case 0x63:
        if (isTaken(funct3, left, right)) next = pc + branchDistance(instruction);
        break;
      case 0x03:
        x[rd] = load(view, funct3, (left + (instruction >> 20)) >>> 0);
        break;
      case 0x23:
        store(state, funct3, (left + (((instruction >> 20) & ~31) | rd)) >>> 0, right);
        break;
      case 0x13:
        x[rd] = combine(funct3, funct3 === 5 && (instruction & 0x40000000) !== 0, left, instruction >> 20);
        break;
      case 0x33:
        x[rd] = instruction >>> 25 === 1 ? multiply(funct3, left, right) : combine(funct3, (instruction & 0x40000000) !== 0, left, right);
        break;
    }
    x[0] = 0;
    pc = next;
  }
  state.pc = pc;
  state.instructions += done;
}

function jumpDistance(instruction: number): number {
  return ((instruction >> 11) & ~0xfffff) | (instruction & 0xff000) | ((instruction >>> 9) & 0x800) | ((instruction >>> 20) & 0x7fe);
}

function branchDistance(instruction: number): number {
  return ((instruction >> 19) & ~0xfff) | ((instruction << 4) & 0x800) | ((instruction >>> 20) & 0x7e0) | ((instruction >>> 7) & 0x1e);
}

function isTaken(funct3: number, left: number, right: number): boolean {
  const isUnsigned = funct3 >= 6;
  const isLess = isUnsigned ? left >>> 0 < right >>> 0 : left < right;
  const holds = funct3 < 2 ? left === right : isLess;
  return holds === ((funct3 & 1) === 0);
}

function load(view: DataView, funct3: number, address: number): number {
  if (address === UART_LINE_STATUS) return 0x60;
  const offset = address - RAM_START;
  switch (funct3) {
    case 0:
      return view.getInt8(offset);
    case 1:
      return view.getInt16(offset, true);
    case 2:
      return view.getInt32(offset, true);
    case 4:
      return view.getUint8(offset);
    default:
      return view.getUint16(offset, true);
  }
}

function store(state: State, funct3: number, address: number, value: number): void {
  if (address === UART_DATA) state.output += String.fromCharCode(value & 0xff);
  else if (address === SYSCON) state.isOff = value === 0x5555;
  else if (address < RAM_START) return;
  else if (funct3 === 0) state.view.setInt8(address - RAM_START, value);
  else if (funct3 === 1) state.view.setInt16(address - RAM_START, value, true);
  else state.view.setInt32(address - RAM_START, value, true);
}

/** `isAlternative` is bit 30: subtraction, or the arithmetic shift. */
function combine(funct3: number, isAlternative: boolean, left: number, right: number): number {
  switch (funct3) {
    case 0:
      return isAlternative ? left - right : left + right;
    case 1:
      return left << right;
    case 2:
      return left < right ? 1 : 0;
    case 3:
      return left >>> 0 < right >>> 0 ? 1 : 0;
    case 4:
      return left ^ right;
    case 5:
      return isAlternative ? left >> right : left >>> right;
    case 6:
      return left | right;
    default:
      return left & right;
  }
}

function multiply(funct3: number, left: number, right: number): number {
  if (funct3 === 0) return Math.imul(left, right);
  if (funct3 >= 4 && right === 0) return funct3 < 6 ? -1 : left;
  switch (funct3) {
    case 1:
      return Number((BigInt(left) * BigInt(right)) >> 32n);
    case 2:
      return Number((BigInt(left) * BigInt(right >>> 0)) >> 32n);
    case 3:
      return Number((BigInt(left >>> 0) * BigInt(right >>> 0)) >> 32n);
    case 4:
      return left / right;
    case 5:
      return (left >>> 0) / (right >>> 0);
    case 6:
      return left % right;
    default:
      return (left >>> 0) % (right >>> 0);
  }
}
