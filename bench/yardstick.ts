/**
 * The simplest interpreter that runs the benchmark's guests: it fetches, decodes and switches anew for every instruction. It is the yardstick
 * that the emulator's speed is given against, since a bare number says more about the computer it was measured on.
 * RV32IM in RAM, machine and user mode, the traps and CSRs that the guests use, UART, CLINT without a clock, and power-off. User mode may
 * touch RAM and nothing else, which is what these guests ask of memory protection. There is one hart, no counter, and no way to stop it early.
 */

const RAM_START = 0x80000000;
const CLINT = 0x11000000;
const TIMER_COMPARE = 0x11004000;
const UART = 0x10000000;
const UART_LINE_STATUS = 5;
const UART_SCRATCH = 7;
const SYSCON = 0x11100000;
const POWER_OFF = 0x5555;

const INSTRUCTIONS_PER_BATCH = 4096;

const MSTATUS = 0x300;
const MISA = 0x301;
const MIE = 0x304;
const MTVEC = 0x305;
const MEPC = 0x341;
const MCAUSE = 0x342;
const MTVAL = 0x343;
const MIP = 0x344;

const INTERRUPTS_ON = 1 << 3;
const SOFTWARE = 1 << 3;
const MACHINE = 3;

const CAUSE = { illegal: 2, breakpoint: 3, load: 5, store: 7, callFromUser: 8, software: (1 << 31) | 3 } as const;

export interface YardstickRun {
  /** Bytes that the guest sent, as text. */
  output: string;
  /** Attempts, as the emulator counts them. */
  instructions: number;
}

/** Runs a flat image from the start of RAM until it powers off. */
export function runYardstick(image: Uint8Array, ramBytes: number): YardstickRun {
  const state = createState(image, ramBytes);
  while (!state.isOff) runBatch(state, INSTRUCTIONS_PER_BATCH);
  return { output: state.output, instructions: state.instructions };
}

interface State {
  x: Int32Array;
  csr: Int32Array;
  view: DataView;
  /** An offset from the start of RAM. */
  pc: number;
  privilege: number;
  timerCompare: [low: number, high: number];
  scratch: number;
  instructions: number;
  output: string;
  isOff: boolean;
}

function createState(image: Uint8Array, ramBytes: number): State {
  const ram = new Uint8Array(ramBytes);
  ram.set(image);
  const csr = new Int32Array(4096);
  csr[MISA] = 0x40101101;
  const registers = { x: new Int32Array(32), csr, view: new DataView(ram.buffer), pc: 0, privilege: MACHINE };
  return { ...registers, timerCompare: [-1, -1], scratch: 0, instructions: 0, output: '', isOff: false };
}

/** Runs up to `count` instructions. */
function runBatch(state: State, count: number): void {
  const { x, view } = state;
  let done = 0;
  for (; done < count && !state.isOff; done++) {
    const pc = state.pc;
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
      case 0x03: {
        const address = (left + (instruction >> 20)) >>> 0;
        if (address >= RAM_START) x[rd] = load(view, funct3, address - RAM_START);
        else if (state.privilege === MACHINE) x[rd] = loadDevice(state, address);
        else next = trap(state, CAUSE.load, address);
        break;
      }
      case 0x23: {
        const address = (left + (((instruction >> 20) & ~31) | rd)) >>> 0;
        if (address >= RAM_START) store(view, funct3, address - RAM_START, right);
        else if (state.privilege === MACHINE) storeDevice(state, address, right);
        else next = trap(state, CAUSE.store, address);
        break;
      }
      case 0x13:
        x[rd] = combine(funct3, funct3 === 5 && (instruction & 0x40000000) !== 0, left, instruction >> 20);
        break;
      case 0x33:
        x[rd] = instruction >>> 25 === 1 ? multiply(funct3, left, right) : combine(funct3, (instruction & 0x40000000) !== 0, left, right);
        break;
      case 0x73:
        next = system(state, instruction, left);
        break;
    }
    x[0] = 0;
    state.pc = next;
  }
  state.instructions += done;
}

/** Returns where to go on. An interrupt can become takeable here alone: with MRET, or where a CSR is written. */
function system(state: State, instruction: number, left: number): number {
  const { csr, x, pc, privilege } = state;
  const funct3 = (instruction >>> 12) & 7;
  if (funct3 === 0) {
    if (instruction === 0x73) return trap(state, CAUSE.callFromUser + privilege, 0);
    if (instruction === 0x00100073) return trap(state, CAUSE.breakpoint, pc + RAM_START);
    if (instruction !== 0x30200073) return pc + 4;
    state.privilege = (csr[MSTATUS]! >>> 11) & 3;
    csr[MSTATUS] = ((csr[MSTATUS]! >>> 4) & INTERRUPTS_ON) | 0x80;
    return interruptible(state, csr[MEPC]! - (RAM_START | 0));
  }
  const number = instruction >>> 20;
  if (privilege < ((number >>> 8) & 3)) return trap(state, CAUSE.illegal, instruction);
  const operand = funct3 >= 4 ? (instruction >>> 15) & 31 : left;
  const old = csr[number]!;
  if ((funct3 & 3) === 1) csr[number] = operand;
  else if ((funct3 & 3) === 2) csr[number] = old | operand;
  else csr[number] = old & ~operand;
  x[(instruction >>> 7) & 31] = old;
  return interruptible(state, pc + 4);
}

/** Where to go instead of `next`, if the software interrupt can be taken there. */
function interruptible(state: State, next: number): number {
  const { csr } = state;
  const isOn = state.privilege < MACHINE || (csr[MSTATUS]! & INTERRUPTS_ON) !== 0;
  if (!isOn || (csr[MIE]! & csr[MIP]! & SOFTWARE) === 0) return next;
  state.pc = next;
  return trap(state, CAUSE.software, 0);
}

/** Enters the handler, and returns where it is. */
function trap(state: State, cause: number, value: number): number {
  const { csr } = state;
  csr[MEPC] = state.pc + RAM_START;
  csr[MCAUSE] = cause;
  csr[MTVAL] = value;
  csr[MSTATUS] = (state.privilege << 11) | ((csr[MSTATUS]! & INTERRUPTS_ON) << 4);
  state.privilege = MACHINE;
  return csr[MTVEC]! - (RAM_START | 0);
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

function load(view: DataView, funct3: number, offset: number): number {
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

function store(view: DataView, funct3: number, offset: number, value: number): void {
  if (funct3 === 0) view.setInt8(offset, value);
  else if (funct3 === 1) view.setInt16(offset, value, true);
  else view.setInt32(offset, value, true);
}

function loadDevice({ csr, timerCompare, scratch }: State, address: number): number {
  if (address === UART + UART_LINE_STATUS) return 0x60;
  if (address === UART + UART_SCRATCH) return scratch;
  if (address === CLINT) return (csr[MIP]! & SOFTWARE) === 0 ? 0 : 1;
  return timerCompare[(address - TIMER_COMPARE) >>> 2] ?? 0;
}

function storeDevice(state: State, address: number, value: number): void {
  if (address === UART) state.output += String.fromCharCode(value & 0xff);
  else if (address === UART + UART_SCRATCH) state.scratch = value & 0xff;
  else if (address === SYSCON) state.isOff = value === POWER_OFF;
  else if (address === CLINT) state.csr[MIP] = (value & 1) === 0 ? 0 : SOFTWARE;
  else if (address === TIMER_COMPARE) state.timerCompare[0] = value;
  else if (address === TIMER_COMPARE + 4) state.timerCompare[1] = value;
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
