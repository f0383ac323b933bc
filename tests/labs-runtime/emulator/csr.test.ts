import { describe, expect, test } from 'vitest';
import {
  addi,
  boot,
  csrrc,
  csrrci,
  csrrs,
  csrrsi,
  csrrw,
  csrrwi,
  ECALL,
  HANDLER,
  li,
  NOP,
  PROLOGUE,
  runAll,
  runToTrap,
  SPIN,
  withHandler,
} from './assembler.ts';

const ILLEGAL = 2;
const MSCRATCH = 0x340;

/** Value of a CSR after `value` was written to it. */
function written(number: number, value: number): number {
  return runAll([li(1, value), csrrw(0, number, 1), csrrs(2, number, 0)]).registers[2]!;
}

function isIllegal(instruction: number): boolean {
  const machine = boot(withHandler([li(1, 0), instruction]));
  machine.run(PROLOGUE + 3);
  return machine.pc === HANDLER && machine.csr(0x342) === ILLEGAL;
}

describe('Zicsr instructions', () => {
  test('each of the six returns the old value and leaves the new one', () => {
    const run = (instruction: number) => {
      const machine = runAll([li(1, 0xf0f0), csrrw(0, MSCRATCH, 1), li(2, 0x0ff3), instruction]);
      return [machine.registers[3], machine.csr(MSCRATCH)];
    };
    expect(run(csrrw(3, MSCRATCH, 2))).toEqual([0xf0f0, 0x0ff3]);
    expect(run(csrrs(3, MSCRATCH, 2))).toEqual([0xf0f0, 0xfff3]);
    expect(run(csrrc(3, MSCRATCH, 2))).toEqual([0xf0f0, 0xf000]);
    expect(run(csrrwi(3, MSCRATCH, 0x1f))).toEqual([0xf0f0, 0x1f]);
    expect(run(csrrsi(3, MSCRATCH, 0x1f))).toEqual([0xf0f0, 0xf0ff]);
    expect(run(csrrci(3, MSCRATCH, 0x10))).toEqual([0xf0f0, 0xf0e0]);
  });

  test('source and destination may be one register', () => {
    const machine = runAll([li(1, 5), csrrw(0, MSCRATCH, 1), li(1, 9), csrrw(1, MSCRATCH, 1)]);
    expect([machine.registers[1], machine.csr(MSCRATCH)]).toEqual([5, 9]);
  });

  test('x0 is never written', () => {
    expect(runAll([csrrwi(0, MSCRATCH, 9), csrrs(0, MSCRATCH, 0)]).registers[0]).toBe(0);
  });

  test('a read-only register can be read by setting or clearing nothing, and any write to it is illegal', () => {
    for (const number of [0xf11, 0xf12, 0xf13, 0xf14, 0xf15, 0xc00, 0xc02, 0xc80, 0xc82]) {
      expect(isIllegal(csrrs(2, number, 0))).toBe(false);
      expect(isIllegal(csrrc(2, number, 0))).toBe(false);
      expect(isIllegal(csrrsi(2, number, 0))).toBe(false);
      expect(isIllegal(csrrci(2, number, 0))).toBe(false);
      expect(isIllegal(csrrw(2, number, 0))).toBe(true);
      expect(isIllegal(csrrwi(2, number, 0))).toBe(true);
      // The register form writes even when the register holds zero (chapter on Zicsr).
      expect(isIllegal(csrrs(2, number, 1))).toBe(true);
      expect(isIllegal(csrrc(2, number, 1))).toBe(true);
    }
  });

  test('registers that do not exist are illegal: supervisor, floating point, delegation, resumable interrupts, debug mode', () => {
    const missing = [0x000, 0x001, 0x100, 0x105, 0x180, 0x302, 0x303, 0x320, 0x3a4, 0x3c0, 0x744, 0x7a4, 0x7b0, 0xc03, 0xfff];
    for (const number of missing) {
      expect(isIllegal(csrrs(2, number, 0)), number.toString(16)).toBe(true);
      expect(boot([NOP]).csr(number)).toBeUndefined();
    }
  });

  test('an illegal access leaves the destination alone', () => {
    expect(runToTrap([li(2, 7), csrrs(2, 0x180, 0)]).machine.registers[2]).toBe(7);
  });
});

describe('fields (privileged architecture, section 3.1)', () => {
  test('misa says RV32IMA with user mode and cannot be changed', () => {
    expect(written(0x301, 0)).toBe(0x40101101);
    expect(written(0x301, 0xffffffff)).toBe(0x40101101);
  });

  test('mstatus holds MIE, MPIE, MPRV and TW; MPP is machine or user mode, and anything else becomes user mode', () => {
    expect(written(0x300, 0)).toBe(0);
    expect(written(0x300, 0xffffffff)).toBe(0x221888);
    for (const mode of [0, 1, 2]) expect(written(0x300, (mode << 11) | 0x8)).toBe(0x8);
    expect(written(0x300, 0x1808)).toBe(0x1808);
  });

  test('mcounteren has a bit for each counter of Zicntr, menvcfg has FIOM', () => {
    expect(written(0x306, 0xffffffff)).toBe(7);
    expect(written(0x30a, 0xffffffff)).toBe(1);
    expect(written(0x31a, 0xffffffff)).toBe(0);
  });

  test('there are no triggers, which tselect and the data registers say by reading as zero', () => {
    for (const number of [0x7a0, 0x7a1, 0x7a2, 0x7a3]) expect(written(number, 0xffffffff)).toBe(0);
  });

  test('mie holds the three machine interrupts; mip follows the devices and ignores writes', () => {
    expect(written(0x304, 0xffffffff)).toBe(0x888);
    expect(written(0x344, 0xffffffff)).toBe(0);
  });

  test('mtvec keeps a base that is a multiple of four, in direct or vectored mode', () => {
    expect(written(0x305, 0x80000100)).toBe(0x80000100);
    expect(written(0x305, 0x80000101)).toBe(0x80000101);
    expect(written(0x305, 0x80000102)).toBe(0x80000100);
    expect(written(0x305, 0x80000103)).toBe(0x80000101);
  });

  test('mepc is a multiple of four; mscratch, mcause and mtval hold any value', () => {
    expect(written(0x341, 0xffffffff)).toBe(0xfffffffc);
    for (const number of [0x340, 0x342, 0x343]) expect(written(number, 0x89abcdef)).toBe(0x89abcdef);
  });

  test('registers that only identify the machine are zero, as are mstatush and the unused counters', () => {
    const machine = boot([NOP]);
    for (const number of [0xf11, 0xf12, 0xf13, 0xf14, 0xf15, 0x310, 0xb03, 0xb1f, 0xb83, 0xb9f, 0x323, 0x33f])
      expect(machine.csr(number)).toBe(0);
    expect(written(0xb03, 5)).toBe(0);
    expect(written(0x323, 5)).toBe(0);
  });
});

describe('counters (section 3.1.10)', () => {
  test('mcycle counts attempts, minstret those that retired, each read before the present instruction', () => {
    const machine = runAll([NOP, csrrs(1, 0xb00, 0), csrrs(2, 0xb02, 0), csrrs(3, 0xc00, 0), csrrs(4, 0xc02, 0)]);
    expect(Array.from(machine.registers.slice(1, 5))).toEqual([1, 2, 3, 4]);
    const trapped = runToTrap([NOP, ECALL]).machine;
    expect(trapped.csr(0xb00)! - trapped.csr(0xb02)!).toBe(1);
  });

  test('a written value is what the next instruction reads', () => {
    for (const counter of [0xb00, 0xb02]) {
      const machine = runAll([li(1, 100), csrrw(0, counter, 1), csrrs(2, counter, 0), NOP, csrrs(3, counter, 0)]);
      expect([machine.registers[2], machine.registers[3]]).toEqual([100, 102]);
    }
  });

  test('the halves are one 64-bit counter, which carries and wraps', () => {
    for (const [low, high] of [
      [0xb00, 0xb80],
      [0xb02, 0xb82],
    ] as const) {
      const set = [li(1, 6), li(2, -1), csrrw(0, high, 1), csrrw(0, low, 2)];
      const machine = runAll([...set, csrrs(3, low, 0), csrrs(4, high, 0), csrrs(5, low, 0)]);
      expect(Array.from(machine.registers.slice(3, 6))).toEqual([0xffffffff, 7, 1]);
      const wrapped = runAll([li(2, -1), csrrw(0, high, 2), csrrw(0, low, 2), NOP, csrrs(3, low, 0), csrrs(4, high, 0)]);
      expect(Array.from(wrapped.registers.slice(3, 5))).toEqual([0, 0]);
    }
  });

  test('a write to the upper half counts as a write to the counter: the lower half does not go up with it', () => {
    for (const [low, high] of [
      [0xb00, 0xb80],
      [0xb02, 0xb82],
    ] as const) {
      const machine = runAll([li(2, -1), csrrw(0, low, 2), csrrw(0, high, 2), csrrs(3, low, 0), csrrs(4, low, 0), csrrs(5, high, 0)]);
      expect(Array.from(machine.registers.slice(3, 6))).toEqual([0xffffffff, 0, 0]);
    }
  });

  test('writing one half keeps the other', () => {
    const machine = runAll([li(1, 0x1234), csrrw(0, 0xb80, 1), li(2, 0x10), csrrw(0, 0xb00, 2), csrrs(3, 0xb80, 0), csrrs(4, 0xb00, 0)]);
    expect([machine.registers[3], machine.registers[4]]).toEqual([0x1234, 0x11]);
  });

  test('a write to a counter does not move the position', () => {
    const machine = boot([li(1, 0), csrrw(0, 0xb00, 1), csrrw(0, 0xb02, 1), addi(1, 0, 1), SPIN]);
    machine.run(20);
    expect(machine.position).toBe(20);
  });
});
