/**
 * One hart: the state that the RISC-V manuals give to a hardware thread, and the counters that give the protocol its only clock.
 * Unprivileged ISA chapter 2 (registers), privileged architecture chapter 3 (machine mode).
 */
import type { Access, PmpState } from './pmp.ts';
import { ACCESS, Pmp } from './pmp.ts';

/** Privilege levels by their encoding in mstatus.MPP. */
export const PRIVILEGE_USER = 0;
export const PRIVILEGE_MACHINE = 3;

/** Fields of mstatus. */
export const MSTATUS = { MIE: 1 << 3, MPIE: 1 << 7, MPP: 3 << 11, MPRV: 1 << 17, TW: 1 << 21 } as const;
export const MSTATUS_MPP_SHIFT = 11;

/** A hart's state as plain data, but for its reservation, which RAM keeps; the order of the properties is the order in which they are hashed. */
export interface HartState {
  /** x0 to x31, signed. */
  registers: number[];
  /** Addresses and CSRs are held as signed 32-bit numbers. */
  pc: number;
  privilege: number;
  position: number;
  unretired: number;
  mstatus: number;
  mie: number;
  mtvec: number;
  mscratch: number;
  mepc: number;
  mcause: number;
  mtval: number;
  mcounteren: number;
  menvcfg: number;
  cycleOffset: bigint;
  retiredOffset: bigint;
  isWaiting: boolean;
  pmp: PmpState;
}

export class Hart {
  /** Its number, mhartid. */
  readonly index: number;
  /** x0 to x31. Invariant: x0 is zero. While an engine runs it may be that engine's own array. */
  registers = new Int32Array(32);
  /** Invariant: a multiple of 4 (IALIGN is 32), as are mepc and the base in mtvec. */
  pc = 0;
  privilege = PRIVILEGE_MACHINE;
  /** Instruction attempts of the whole machine since boot, retired or trapped, as of this hart's last one: harts share one clock. */
  position = 0;
  /** Positions at which this hart retired nothing: its traps, and the attempts of others. Invariant: it retired `position - unretired`. */
  unretired = 0;
  /** MPP is machine mode: what the manual leaves open, since nothing has trapped yet. */
  mstatus: number = MSTATUS.MPP;
  mie = 0;
  mtvec = 0;
  mscratch = 0;
  mepc = 0;
  mcause = 0;
  mtval = 0;
  mcounteren = 0;
  menvcfg = 0;
  /** What the guest's writes added: mcycle is `position + cycleOffset`, minstret is retired attempts plus `retiredOffset`. */
  cycleOffset = 0n;
  retiredOffset = 0n;
  /** WFI retired, and others have the turn until an interrupt is pending. */
  isWaiting = false;
  readonly pmp: Pmp;

  constructor(index: number, ramBytes: number) {
    this.index = index;
    this.pmp = new Pmp(ramBytes);
  }

  /** Whether memory protection could refuse a fetch from RAM, or a load or store there, so that each has to be looked at. */
  get isRestricted(): boolean {
    const { privilege, pmp } = this;
    if (privilege === PRIVILEGE_USER) return pmp.restrictsUser;
    return pmp.restrictsMachine || (pmp.restrictsUser && this.#dataPrivilege === PRIVILEGE_USER);
  }

  /** Whether memory protection lets the hart touch `size` bytes at an address. */
  mayAccess(access: Access, address: number, size: number): boolean {
    const isUser = (access === ACCESS.fetch ? this.privilege : this.#dataPrivilege) === PRIVILEGE_USER;
    return this.pmp.allows(access, isUser, address, size);
  }

  /** Takes note that others made attempts up to a position. */
  catchUp(position: number): void {
    this.unretired += position - this.position;
    this.position = position;
  }

  save(): HartState {
    return {
      registers: numbersOf(this.registers),
      pc: this.pc,
      privilege: this.privilege,
      position: this.position,
      unretired: this.unretired,
      mstatus: this.mstatus,
      mie: this.mie,
      mtvec: this.mtvec,
      mscratch: this.mscratch,
      mepc: this.mepc,
      mcause: this.mcause,
      mtval: this.mtval,
      mcounteren: this.mcounteren,
      menvcfg: this.menvcfg,
      cycleOffset: this.cycleOffset,
      retiredOffset: this.retiredOffset,
      isWaiting: this.isWaiting,
      pmp: this.pmp.save(),
    };
  }

  restore(state: HartState): void {
    this.registers.set(state.registers);
    this.pc = state.pc;
    this.privilege = state.privilege;
    this.position = state.position;
    this.unretired = state.unretired;
    this.mstatus = state.mstatus;
    this.mie = state.mie;
    this.mtvec = state.mtvec;
    this.mscratch = state.mscratch;
    this.mepc = state.mepc;
    this.mcause = state.mcause;
    this.mtval = state.mtval;
    this.mcounteren = state.mcounteren;
    this.menvcfg = state.menvcfg;
    this.cycleOffset = state.cycleOffset;
    this.retiredOffset = state.retiredOffset;
    this.isWaiting = state.isWaiting;
    this.pmp.restore(state.pmp);
  }

  /** The privilege of loads and stores: that of MPP while machine mode has set MPRV. */
  get #dataPrivilege(): number {
    const isModified = this.privilege === PRIVILEGE_MACHINE && (this.mstatus & MSTATUS.MPRV) !== 0;
    return isModified ? (this.mstatus & MSTATUS.MPP) >>> MSTATUS_MPP_SHIFT : this.privilege;
  }
}

/** As `Array.from`, which takes eight times as long. */
function numbersOf(values: Int32Array): number[] {
  const numbers: number[] = [];
  for (let index = 0; index < values.length; index++) numbers.push(values[index]!);
  return numbers;
}
