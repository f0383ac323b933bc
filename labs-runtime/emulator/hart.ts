/**
 * One hart: the state that the RISC-V manuals give to a hardware thread, and the counters that give the protocol its only clock.
 * Unprivileged ISA chapter 2 (registers), privileged architecture chapter 3 (machine mode).
 */

/** Privilege levels by their encoding in mstatus.MPP. Only machine mode is supported so far. */
export const PRIVILEGE_MACHINE = 3;

/** A hart's state as plain data; the order of the properties is the order in which they are hashed. */
export interface HartState {
  /** x0 to x31, signed. */
  registers: number[];
  /** Addresses and CSRs are held as signed 32-bit numbers. */
  pc: number;
  privilege: number;
  position: number;
  trapped: number;
  mstatus: number;
  mie: number;
  mtvec: number;
  mscratch: number;
  mepc: number;
  mcause: number;
  mtval: number;
  cycleOffset: bigint;
  retiredOffset: bigint;
  reservation: number;
}

export class Hart {
  /** x0 to x31. Invariant: x0 is zero. */
  readonly registers = new Int32Array(32);
  /** Invariant: a multiple of 4 (IALIGN is 32), as are mepc and the base in mtvec. */
  pc = 0;
  privilege = PRIVILEGE_MACHINE;
  /** Instruction attempts since boot, retired or trapped. */
  position = 0;
  /** Attempts that ended in a trap. Invariant: attempts retired are `position - trapped`. */
  trapped = 0;
  mstatus = 0;
  mie = 0;
  mtvec = 0;
  mscratch = 0;
  mepc = 0;
  mcause = 0;
  mtval = 0;
  /** What the guest's writes added: mcycle is `position + cycleOffset`, minstret is retired attempts plus `retiredOffset`. */
  cycleOffset = 0n;
  retiredOffset = 0n;
  /** Offset in RAM of the word that LR reserved, or -1. */
  reservation = -1;

  save(): HartState {
    return {
      registers: Array.from(this.registers),
      pc: this.pc,
      privilege: this.privilege,
      position: this.position,
      trapped: this.trapped,
      mstatus: this.mstatus,
      mie: this.mie,
      mtvec: this.mtvec,
      mscratch: this.mscratch,
      mepc: this.mepc,
      mcause: this.mcause,
      mtval: this.mtval,
      cycleOffset: this.cycleOffset,
      retiredOffset: this.retiredOffset,
      reservation: this.reservation,
    };
  }

  restore(state: HartState): void {
    const { registers, ...scalars } = state;
    this.registers.set(registers);
    Object.assign(this, scalars);
  }
}
