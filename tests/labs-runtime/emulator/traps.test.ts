import { describe, expect, test } from 'vitest';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import {
  addi,
  arithmetic,
  beq,
  boot,
  bytesOf,
  csrrs,
  csrrw,
  EBREAK,
  ECALL,
  HANDLER,
  jal,
  jalr,
  li,
  MRET,
  NOP,
  PROLOGUE,
  RAM,
  runToTrap,
  SPIN,
  typeB,
  typeI,
  typeR,
  typeS,
  withHandler,
} from './assembler.ts';

const MSTATUS = 0x300;
const MTVEC = 0x305;
const MEPC = 0x341;
const MCAUSE = 0x342;
const MTVAL = 0x343;

const MISALIGNED_INSTRUCTION = 0;
const INSTRUCTION_ACCESS = 1;
const ILLEGAL = 2;
const BREAKPOINT = 3;
const ECALL_FROM_MACHINE = 11;

/** Address of the first instruction after the prologue of `withHandler`. */
const FIRST = RAM + 4 * PROLOGUE;

describe('exceptions (privileged architecture, section 3.1.15)', () => {
  test('ecall from machine mode has cause 11, mtval zero and its own address in mepc', () => {
    expect(runToTrap([NOP, ECALL])).toMatchObject({ cause: ECALL_FROM_MACHINE, value: 0, exceptionPc: FIRST + 4 });
  });

  test('ebreak has cause 3 and its own address in mepc and mtval', () => {
    expect(runToTrap([NOP, EBREAK])).toMatchObject({ cause: BREAKPOINT, value: FIRST + 4, exceptionPc: FIRST + 4 });
  });

  const illegal: [name: string, instruction: number][] = [
    ['all zeros', 0],
    ['all ones', 0xffffffff],
    ['a compressed instruction', 0x00008082],
    ['a load with funct3 3', typeI(0x03, 3, 1, 0, 0)],
    ['a load with funct3 6', typeI(0x03, 6, 1, 0, 0)],
    ['a load with funct3 7', typeI(0x03, 7, 1, 0, 0)],
    ['a store with funct3 3', typeS(3, 1, 0, 0)],
    ['a store with funct3 4', typeS(4, 1, 0, 0)],
    ['a store with funct3 7', typeS(7, 1, 0, 0)],
    ['a branch with funct3 2', typeB(2, 0, 0, 8)],
    ['a branch with funct3 3', typeB(3, 0, 0, 8)],
    ['jalr with funct3 1', typeI(0x67, 1, 1, 0, 0)],
    ['slli with bit 5 of the amount (RV64 only)', typeI(0x13, 1, 1, 1, 0x20)],
    ['srli with bit 5 of the amount', typeI(0x13, 5, 1, 1, 0x20)],
    ['srai with bit 5 of the amount', typeI(0x13, 5, 1, 1, 0x420)],
    ['slli with bit 30', typeI(0x13, 1, 1, 1, 0x401)],
    ['add with funct7 2', typeR(0x33, 0, 2, 1, 1, 1)],
    ['sll with funct7 0x20', typeR(0x33, 1, 0x20, 1, 1, 1)],
    ['and with funct7 0x20', typeR(0x33, 7, 0x20, 1, 1, 1)],
    ['a reserved shift that would write x0', typeI(0x13, 1, 0, 1, 0x20)],
    ['a reserved operation that would write x0', typeR(0x33, 0, 2, 0, 1, 1)],
    ['a reserved load into x0', typeI(0x03, 3, 0, 1, 0)],
    ['fence with funct3 2', typeI(0x0f, 2, 0, 0, 0)],
    ['an amo of doubleword size', typeR(0x2f, 3, 0, 1, 1, 1)],
    ['an amo with funct5 5', typeR(0x2f, 2, 5 << 2, 1, 1, 1)],
    ['lr with a second source', typeR(0x2f, 2, 2 << 2, 1, 1, 1)],
    ['sret without supervisor mode', 0x10200073],
    ['uret', 0x00200073],
    ['sfence.vma', 0x12000073],
    ['ecall with rd', 0x000000f3],
    ['mret with rs1', 0x30208073],
    ['wfi with rd', 0x105000f3],
    ['a system instruction with funct3 4', typeI(0x73, 4, 1, 0, 0x300)],
    ['a floating-point load', typeI(0x07, 2, 1, 1, 0)],
    ['an RV64 word operation', typeR(0x3b, 0, 0, 1, 1, 1)],
  ];
  for (const [name, instruction] of illegal) {
    test(`${name} is illegal, with the instruction's bits in mtval`, () => {
      expect(runToTrap([li(1, RAM + 0x800), instruction])).toMatchObject({ cause: ILLEGAL, value: instruction, exceptionPc: FIRST + 8 });
    });
  }

  test('an illegal instruction writes no register', () => {
    expect(runToTrap([li(1, 7), typeI(0x13, 1, 1, 1, 0x20)]).machine.registers[1]).toBe(7);
  });
});

describe('misaligned instruction addresses (unprivileged ISA, section on control transfer; IALIGN is 32)', () => {
  test('jal to a target that is not a multiple of four traps at the jump, names the target and does not link', () => {
    const { machine, ...trapped } = runToTrap([li(1, 7), jal(1, 6)]);
    expect(trapped).toMatchObject({ cause: MISALIGNED_INSTRUCTION, value: FIRST + 8 + 6, exceptionPc: FIRST + 8 });
    expect(machine.registers[1]).toBe(7);
  });

  test('jalr likewise, after clearing the lowest bit', () => {
    const { machine, ...trapped } = runToTrap([li(1, 7), li(2, RAM + 0x100), jalr(1, 2, 3)]);
    expect(trapped).toMatchObject({ cause: MISALIGNED_INSTRUCTION, value: RAM + 0x102, exceptionPc: FIRST + 16 });
    expect(machine.registers[1]).toBe(7);
    expect(runToTrap([li(2, 0x40000000), jalr(1, 2, 2)])).toMatchObject({ cause: MISALIGNED_INSTRUCTION, value: 0x40000002 });
  });

  test('a branch traps only if it is taken', () => {
    expect(runToTrap([beq(0, 0, 10)])).toMatchObject({ cause: MISALIGNED_INSTRUCTION, value: FIRST + 10, exceptionPc: FIRST });
    const notTaken = boot(withHandler([li(1, 1), beq(0, 1, 10), NOP]));
    notTaken.run(PROLOGUE + 4);
    expect(notTaken.pc).toBe(FIRST + 16);
  });
});

describe('fetching outside RAM', () => {
  test('a jump out of RAM links, and the fetch faults at the target', () => {
    for (const target of [0, 0x40000000, 0x10000000, RAM - 4, RAM + 65536]) {
      const code = withHandler([li(2, target), jalr(1, 2, 0)]);
      const machine = boot(code);
      machine.run(PROLOGUE + 3);
      expect(machine.pc).toBe(target);
      expect(machine.registers[1]).toBe(FIRST + 12);
      machine.run(PROLOGUE + 4);
      expect([machine.pc, machine.csr(MCAUSE), machine.csr(MEPC), machine.csr(MTVAL)]).toEqual([
        HANDLER,
        INSTRUCTION_ACCESS,
        target,
        target,
      ]);
    }
  });

  test('jal and branches out of RAM fault at their targets too', () => {
    for (const jump of [jal(0, -0x100), beq(0, 0, -0x100)]) {
      const machine = boot(withHandler([jump]));
      machine.run(PROLOGUE + 2);
      expect([machine.pc, machine.csr(MCAUSE), machine.csr(MEPC)]).toEqual([HANDLER, INSTRUCTION_ACCESS, FIRST - 0x100]);
    }
  });

  test('running off the end of RAM faults just past it', () => {
    const machine = boot(withHandler([li(2, RAM + 65532), li(3, NOP), 0x00312023, jalr(0, 2, 0)]));
    machine.run(PROLOGUE + 7);
    expect(machine.pc).toBe(RAM + 65536);
    machine.run(PROLOGUE + 8);
    expect([machine.pc, machine.csr(MCAUSE), machine.csr(MTVAL)]).toEqual([HANDLER, INSTRUCTION_ACCESS, RAM + 65536]);
  });

  test('a handler outside RAM traps at every attempt, and positions still count them', () => {
    const machine = boot([ECALL]);
    expect(machine.run(1000)).toEqual({ reason: 'position' });
    expect([machine.position, machine.pc, machine.csr(MEPC), machine.csr(MCAUSE)]).toEqual([1000, 0, 0, INSTRUCTION_ACCESS]);
  });
});

describe('a guest that jumps to nothing and has no handler', () => {
  const nothing = [0, 0x1000, 0x10000000, 0x11000000, RAM - 4, RAM + 65536, 0xfffffffc];

  test('traps at every attempt from then on, at mtvec as it was after the reset, and the run still ends where it was told to', () => {
    for (const target of nothing) {
      const machine = boot([li(2, target), jalr(1, 2, 0)]);
      expect(machine.run(3)).toEqual({ reason: 'position' });
      expect(machine.pc).toBe(target);
      for (const until of [4, 5, 4096, 4100, 100_000]) {
        expect(machine.run(until)).toEqual({ reason: 'position' });
        const first = until === 4 ? target : 0;
        expect([machine.position, machine.pc, machine.csr(MEPC), machine.csr(MCAUSE), machine.csr(MTVAL)]).toEqual([
          until,
          0,
          first,
          INSTRUCTION_ACCESS,
          first,
        ]);
      }
      expect([machine.csr(0xb00), machine.csr(0xb02)]).toEqual([100_000, 3]);
    }
  });

  test('wherever else the handler is missing: in a device, in vectored mode, with interrupts pending', () => {
    for (const vector of [0x10000000, 0x11000001, 0x40000001, RAM - 4, 0xfffffffd]) {
      const machine = boot([li(2, vector), csrrw(0, MTVEC, 2), li(3, 0x888), csrrw(0, 0x304, 3), li(4, 8), csrrw(0, MSTATUS, 4), SPIN]);
      machine.run(20);
      machine.interrupt(3);
      machine.interrupt(7);
      expect(machine.run(10_000)).toEqual({ reason: 'position' });
      const base = (vector & ~3) >>> 0;
      expect([machine.position, machine.pc, machine.csr(MEPC), machine.csr(MCAUSE)]).toEqual([10_000, base, base, INSTRUCTION_ACCESS]);
    }
  });

  test('also in user mode, where an interrupt cannot end it either', () => {
    // No entry of memory protection is on: the first fetch of user mode faults.
    const machine = boot([csrrw(0, MSTATUS, 0), li(2, RAM + 0x40), csrrw(0, MEPC, 2), MRET]);
    machine.run(5);
    machine.interrupt(7);
    expect(machine.run(6)).toEqual({ reason: 'position' });
    expect([machine.pc, machine.csr(MEPC), machine.csr(MCAUSE), machine.csr(MSTATUS)]).toEqual([0, RAM + 0x40, INSTRUCTION_ACCESS, 0]);
    expect(machine.run(5000)).toEqual({ reason: 'position' });
    expect([machine.position, machine.hart(0).privilege, machine.csr(MSTATUS)]).toEqual([5000, 3, 0x1800]);
  });

  test('beside harts that go on with their work', () => {
    const machine = new Machine({ harts: 2, schedule: (turn) => ({ hart: turn % 2, attempts: 10 }) });
    machine.load(bytesOf([csrrs(5, 0xf14, 0), beq(5, 0, 12), addi(6, 6, 1), jal(0, -4), jalr(0, 0, 0)]));
    expect(machine.run(4000)).toEqual({ reason: 'position' });
    expect([machine.position, machine.hart(0).pc, machine.hart(0).csr(MCAUSE)]).toEqual([4000, 0, INSTRUCTION_ACCESS]);
    expect(machine.hart(1).registers[6]).toBe((2000 - 2) / 2);
  });
});

describe('entering and leaving a trap (section 3.1.6.1)', () => {
  const mstatusAfter = (before: number) => runToTrap([li(1, before), csrrw(0, MSTATUS, 1), ECALL]).machine.csr(MSTATUS);

  test('entry moves MIE to MPIE, clears MIE and sets MPP to machine mode', () => {
    expect(mstatusAfter(0x8)).toBe(0x1880);
    expect(mstatusAfter(0x80)).toBe(0x1800);
    expect(mstatusAfter(0x88)).toBe(0x1880);
    expect(mstatusAfter(0)).toBe(0x1800);
  });

  test('mret jumps to mepc, moves MPIE to MIE, sets MPIE and leaves user mode in MPP', () => {
    const run = (mstatus: number) => {
      const machine = boot([li(1, mstatus), csrrw(0, MSTATUS, 1), li(2, RAM + 0x40), csrrw(0, MEPC, 2), MRET]);
      machine.run(7);
      return [machine.pc, machine.csr(MSTATUS)];
    };
    expect(run(0x1880)).toEqual([RAM + 0x40, 0x88]);
    expect(run(0x1808)).toEqual([RAM + 0x40, 0x80]);
  });

  test('a handler that moves mepc on resumes after the trapping instruction', () => {
    const handler = [csrrs(5, MEPC, 0), addi(5, 5, 4), csrrw(0, MEPC, 5), MRET];
    const prologue = [jal(0, 4 * (handler.length + 1)), ...handler, li(6, RAM + 4), csrrw(0, MTVEC, 6)];
    const machine = new Machine();
    machine.load(bytesOf([prologue.flat(), addi(7, 7, 1), ECALL, addi(7, 7, 1), EBREAK, addi(7, 7, 1), SPIN]));
    machine.run(4 + 5 + 2 * 4);
    expect(machine.registers[7]).toBe(3);
  });

  test('in vectored mode exceptions still go to the base', () => {
    const machine = boot([li(1, HANDLER | 1), csrrw(0, MTVEC, 1), ECALL]);
    machine.run(4);
    expect(machine.pc).toBe(HANDLER);
  });

  test('a trap counts as an attempt but does not retire', () => {
    const { machine } = runToTrap([arithmetic.add(1, 2, 3), ECALL]);
    expect(machine.position).toBe(PROLOGUE + 2);
    expect(machine.csr(0xb00)).toBe(PROLOGUE + 2);
    expect(machine.csr(0xb02)).toBe(PROLOGUE + 1);
  });
});
