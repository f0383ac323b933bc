/**
 * Attempts one instruction from its own bits, for whatever the fast path in `execute.ts` cannot finish: device registers, misaligned
 * accesses, stores that somebody has to notice, jumps that leave RAM, atomics, CSRs, traps.
 * Unprivileged ISA, chapters on RV32I and Zicsr; privileged architecture, section 3.3 (ECALL, EBREAK, MRET, WFI).
 */
import { attemptAtomic } from './atomic.ts';
import type { Bus } from './bus.ts';
import { accessibleCsr } from './csr.ts';
import { immediateB, immediateI, immediateJ, immediateS, OPCODE } from './decode.ts';
import type { Hart } from './hart.ts';
import { MSTATUS, PRIVILEGE_MACHINE } from './hart.ts';
import { ACCESS } from './pmp.ts';
import type { Stop } from './stop.ts';
import { CAUSE, leave, raise } from './trap.ts';

const ECALL = 0x00000073;
const EBREAK = 0x00100073;
const MRET = 0x30200073;
const WFI = 0x10500073;

/** What a CSR instruction does, by the low two bits of funct3; 3 clears bits. */
const WRITE = 1;
const SET = 2;

/** Sizes in bytes by the low two bits of funct3. */
const SIZES = [1, 2, 4] as const;

/**
 * Attempts the instruction at hart.pc and moves pc on, to the next instruction or to the trap handler. Returns why the run must stop,
 * if it must. After a stop for the clock nothing has happened, and the same attempt is to be made again.
 */
export function attempt(hart: Hart, bus: Bus): Stop | undefined {
  const offset = bus.ramOffset(hart.pc, 4);
  if (offset < 0 || (hart.isRestricted && !hart.mayAccess(ACCESS.fetch, hart.pc, 4)))
    return trap(hart, CAUSE.instructionAccessFault, hart.pc);
  const instruction = bus.ram.words[offset >>> 2]!;
  switch (instruction & 0x7f) {
    case OPCODE.load:
      return load(hart, bus, instruction);
    case OPCODE.store:
      return store(hart, bus, instruction);
    case OPCODE.branch:
      return branch(hart, instruction);
    case OPCODE.jal:
      return jump(hart, instruction, hart.pc + immediateJ(instruction));
    case OPCODE.jalr:
      return jumpRegister(hart, instruction);
    case OPCODE.atomic:
      if (attemptAtomic(hart, bus, instruction)) moveOn(hart);
      return undefined;
    case OPCODE.system:
      return system(hart, bus, instruction);
    default:
      return trap(hart, CAUSE.illegalInstruction, instruction);
  }
}

function load(hart: Hart, bus: Bus, instruction: number): Stop | undefined {
  const funct3 = (instruction >>> 12) & 7;
  const size = SIZES[funct3 & 3];
  const isUnsigned = funct3 >= 4;
  if (size === undefined || (isUnsigned && size === 4)) return trap(hart, CAUSE.illegalInstruction, instruction);
  const address = (source1(hart, instruction) + immediateI(instruction)) | 0;
  if (!hart.mayAccess(ACCESS.load, address, size)) return trap(hart, CAUSE.loadAccessFault, address);
  const loaded = bus.load(address, size, hart.position);
  if (loaded === 'clock') return { reason: 'clock' };
  if (loaded === 'access-fault') return trap(hart, CAUSE.loadAccessFault, address);
  const unusedBits = 32 - 8 * size;
  const left = loaded << unusedBits;
  setDestination(hart, instruction, isUnsigned ? left >>> unusedBits : left >> unusedBits);
  moveOn(hart);
  return undefined;
}

function store(hart: Hart, bus: Bus, instruction: number): Stop | undefined {
  const size = SIZES[(instruction >>> 12) & 7];
  if (size === undefined) return trap(hart, CAUSE.illegalInstruction, instruction);
  const address = (source1(hart, instruction) + immediateS(instruction)) | 0;
  if (!hart.mayAccess(ACCESS.store, address, size)) return trap(hart, CAUSE.storeAccessFault, address);
  const stored = bus.store(address, size, source2(hart, instruction));
  if (stored === 'access-fault') return trap(hart, CAUSE.storeAccessFault, address);
  moveOn(hart);
  return stored === 'stored' ? undefined : stored;
}

function branch(hart: Hart, instruction: number): Stop | undefined {
  const isTaken = branchCondition((instruction >>> 12) & 7, source1(hart, instruction), source2(hart, instruction));
  if (isTaken === undefined) return trap(hart, CAUSE.illegalInstruction, instruction);
  if (!isTaken) {
    moveOn(hart);
    return undefined;
  }
  const target = (hart.pc + immediateB(instruction)) | 0;
  if ((target & 3) !== 0) return trap(hart, CAUSE.instructionMisaligned, target);
  hart.pc = target;
  return undefined;
}

function branchCondition(funct3: number, left: number, right: number): boolean | undefined {
  switch (funct3) {
    case 0:
      return left === right;
    case 1:
      return left !== right;
    case 4:
      return left < right;
    case 5:
      return left >= right;
    case 6:
      return left >>> 0 < right >>> 0;
    case 7:
      return left >>> 0 >= right >>> 0;
    default:
      return undefined;
  }
}

function jumpRegister(hart: Hart, instruction: number): Stop | undefined {
  if (((instruction >>> 12) & 7) !== 0) return trap(hart, CAUSE.illegalInstruction, instruction);
  return jump(hart, instruction, (source1(hart, instruction) + immediateI(instruction)) & ~1);
}

/** The jump itself traps on a misaligned target and leaves rd alone; a target outside the map faults when it is fetched. */
function jump(hart: Hart, instruction: number, address: number): Stop | undefined {
  const target = address | 0;
  if ((target & 3) !== 0) return trap(hart, CAUSE.instructionMisaligned, target);
  setDestination(hart, instruction, hart.pc + 4);
  hart.pc = target;
  return undefined;
}

function system(hart: Hart, bus: Bus, instruction: number): Stop | undefined {
  switch (instruction) {
    case ECALL:
      return trap(hart, CAUSE.environmentCallFromUser + hart.privilege, 0);
    case EBREAK:
      return trap(hart, CAUSE.breakpoint, hart.pc);
    case MRET:
      if (hart.privilege !== PRIVILEGE_MACHINE) return trap(hart, CAUSE.illegalInstruction, instruction);
      leave(hart);
      return undefined;
    case WFI:
      if (hart.privilege !== PRIVILEGE_MACHINE && (hart.mstatus & MSTATUS.TW) !== 0) {
        return trap(hart, CAUSE.illegalInstruction, instruction);
      }
      moveOn(hart);
      return bus.pendingInterrupts(hart.index, hart.mie) === 0 ? { reason: 'wait' } : undefined;
    default:
      return controlRegister(hart, bus, instruction);
  }
}

function controlRegister(hart: Hart, bus: Bus, instruction: number): Stop | undefined {
  const funct3 = (instruction >>> 12) & 7;
  const rs1 = (instruction >>> 15) & 0x1f;
  const kind = funct3 & 3;
  // Setting or clearing with x0 or a zero immediate does not write at all, so that read-only registers can be read this way.
  const isWriting = kind === WRITE || rs1 !== 0;
  const register = kind === 0 ? undefined : accessibleCsr(hart, instruction >>> 20, isWriting);
  if (register === undefined) return trap(hart, CAUSE.illegalInstruction, instruction);
  const old = register.read(hart, bus);
  if (old === 'clock') return { reason: 'clock' };
  const operand = funct3 >= 4 ? rs1 : hart.registers[rs1]!;
  if (isWriting) register.write?.(hart, kind === WRITE ? operand : kind === SET ? old | operand : old & ~operand);
  setDestination(hart, instruction, old);
  moveOn(hart);
  return undefined;
}

function source1(hart: Hart, instruction: number): number {
  return hart.registers[(instruction >>> 15) & 0x1f]!;
}

function source2(hart: Hart, instruction: number): number {
  return hart.registers[(instruction >>> 20) & 0x1f]!;
}

function setDestination(hart: Hart, instruction: number, value: number): void {
  const rd = (instruction >>> 7) & 0x1f;
  if (rd !== 0) hart.registers[rd] = value;
}

function moveOn(hart: Hart): void {
  hart.pc = (hart.pc + 4) | 0;
}

function trap(hart: Hart, cause: number, value: number): undefined {
  raise(hart, cause, value);
  return undefined;
}
