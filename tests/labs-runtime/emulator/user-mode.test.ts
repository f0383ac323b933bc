/** User mode: how it is entered and left, and what it may not do. Privileged architecture, sections 2.1, 3.1.6, 3.1.10 and 3.3. */
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { Code } from './assembler.ts';
import {
  addi,
  atomics,
  boot,
  csrrc,
  csrrs,
  csrrsi,
  csrrw,
  csrrwi,
  EBREAK,
  ECALL,
  FENCE,
  FENCE_I,
  HANDLER,
  jalr,
  li,
  loads,
  MRET,
  NOP,
  PROLOGUE,
  RAM,
  runToTrap,
  SPIN,
  stores,
  typeR,
  WFI,
  withHandler,
  wordAt,
} from './assembler.ts';
import { bootUser, CAUSE, CSR, MACHINE, MIE, MPIE, MPP, MPRV, runToUserTrap, set, TW, USER } from './modes.ts';

const DATA = RAM + 0x800;

const privilegeOf = (machine: Machine) => machine.hart(0).privilege;
const step = (machine: Machine, attempts = 1) => machine.run(machine.position + attempts);

describe('entering and leaving user mode (section 3.1.6.1)', () => {
  test('a hart starts in machine mode', () => {
    expect(privilegeOf(boot([NOP]))).toBe(MACHINE);
  });

  /** Privilege and mstatus after an MRET that found the given mstatus. */
  const afterMret = (mstatus: number) => {
    const machine = boot([set(CSR.mstatus, mstatus), set(CSR.mepc, RAM + 0x40), MRET]);
    machine.run(7);
    expect(machine.pc).toBe(RAM + 0x40);
    return [privilegeOf(machine), machine.csr(CSR.mstatus)];
  };

  test('mret goes to the mode in MPP, moves MPIE to MIE, sets MPIE and makes MPP user mode', () => {
    expect(afterMret(0)).toEqual([USER, MPIE]);
    expect(afterMret(MPIE)).toEqual([USER, MPIE | MIE]);
    expect(afterMret(MIE)).toEqual([USER, MPIE]);
    expect(afterMret(MPP)).toEqual([MACHINE, MPIE]);
    expect(afterMret(MPP | MPIE)).toEqual([MACHINE, MPIE | MIE]);
  });

  test('mret to user mode clears MPRV, to machine mode it does not; TW stays', () => {
    expect(afterMret(MPRV | TW)).toEqual([USER, MPIE | TW]);
    expect(afterMret(MPP | MPRV | TW)).toEqual([MACHINE, MPIE | MPRV | TW]);
  });

  test('a trap from user mode leaves that mode in MPP and the interrupt enable in MPIE', () => {
    for (const [before, after] of [
      [0, 0],
      [MPIE, MPIE],
      [MPIE | TW, MPIE | TW],
    ] as const) {
      const { machine } = runToUserTrap([ECALL], { mstatus: before });
      expect([privilegeOf(machine), machine.csr(CSR.mstatus)]).toEqual([MACHINE, after]);
    }
  });

  test('a trap within the handler leaves machine mode in MPP, and two mrets find the way back', () => {
    const inner = [csrrs(22, CSR.mstatus, 0), csrrs(30, CSR.mepc, 0), addi(30, 30, 4), csrrw(0, CSR.mepc, 30), MRET];
    const outer = [
      csrrs(20, CSR.mepc, 0),
      csrrs(21, CSR.mstatus, 0),
      set(CSR.mtvec, HANDLER + 4 * 32),
      csrrsi(0, CSR.mstatus, MIE),
      ECALL,
      csrrs(23, CSR.mstatus, 0),
      addi(20, 20, 4),
      csrrw(0, CSR.mepc, 20),
      csrrw(0, CSR.mstatus, 21),
      MRET,
    ].flat();
    const padding = Array.from({ length: 32 - outer.length }, () => NOP);
    const machine = bootUser([ECALL, addi(5, 0, 1), SPIN], { mstatus: MPIE, handler: [outer, padding, inner] });
    const { pc } = machine;
    step(machine, 1 + outer.length + inner.length);
    expect([machine.pc, privilegeOf(machine)]).toEqual([pc + 4, USER]);
    const [, , inOuter, inInner, backInOuter] = machine.registers.slice(19, 24);
    expect(inOuter).toBe(MPIE);
    expect(inInner).toBe(MPP | MPIE);
    expect(backInOuter).toBe(MPIE | MIE);
    step(machine);
    expect(machine.registers[5]).toBe(1);
  });

  test('mret in user mode is illegal and changes nothing but what a trap does', () => {
    const { machine, ...trapped } = runToUserTrap([NOP, MRET], { mstatus: MPIE });
    expect(trapped).toMatchObject({ cause: CAUSE.illegal, value: MRET });
    expect(trapped.exceptionPc).toBe(machine.csr(CSR.mepc));
    expect(machine.csr(CSR.mstatus)).toBe(MPIE);
  });

  test('the mode is part of snapshot and state hash', () => {
    const machine = bootUser([NOP, ECALL]);
    const hash = machine.stateHash();
    const snapshot = machine.snapshot();
    const other = boot([NOP]);
    other.restore(snapshot);
    expect([privilegeOf(other), other.stateHash()]).toEqual([USER, hash]);
    const harts = [{ ...snapshot.core.harts[0]!, privilege: MACHINE }];
    other.restore({ ...snapshot, core: { ...snapshot.core, harts } });
    expect(other.stateHash()).not.toBe(hash);
  });
});

describe('exceptions of user mode go to machine mode (section 3.1.8: nothing to delegate to)', () => {
  const first = bootUser([NOP]).pc;
  const cases: [name: string, code: Code, cause: number, value: number][] = [
    ['ecall has cause 8 and mtval zero', [NOP, ECALL], CAUSE.ecallFromUser, 0],
    ['ebreak has cause 3', [NOP, EBREAK], CAUSE.breakpoint, first + 4],
    ['an illegal instruction', [NOP, 0], CAUSE.illegal, 0],
    ['an illegal operation', [NOP, typeR(0x33, 0, 2, 1, 1, 1)], CAUSE.illegal, typeR(0x33, 0, 2, 1, 1, 1)],
    ['a misaligned jump', [li(1, RAM + 2), jalr(0, 1, 0)], CAUSE.instructionMisaligned, RAM + 2],
    ['a load from nowhere', [li(1, 0x40000000), loads.lw(2, 1, 0)], CAUSE.loadAccess, 0x40000000],
    ['a store to nowhere', [li(1, 0x40000000), stores.sw(2, 1, 0)], CAUSE.storeAccess, 0x40000000],
    ['a misaligned lr', [li(1, RAM + 2), atomics.lr(2, 1, 0)], CAUSE.loadMisaligned, RAM + 2],
    ['a misaligned amo', [li(1, RAM + 2), atomics.amoadd(2, 1, 0)], CAUSE.storeMisaligned, RAM + 2],
  ];
  test.each(cases)('%s', (_name, code, cause, value) => {
    const { machine, ...trapped } = runToUserTrap(code);
    expect(trapped).toEqual({ cause, value, exceptionPc: first + 4 * (code.flat().length - 1) });
    expect([privilegeOf(machine), machine.csr(CSR.mstatus)]).toEqual([MACHINE, 0]);
  });

  test('ecall from machine mode still has cause 11', () => {
    expect(runToTrap([ECALL]).cause).toBe(CAUSE.ecallFromMachine);
  });

  test('a jump to nothing faults at the fetch', () => {
    const machine = bootUser([li(1, 0x1000), jalr(0, 1, 0)]);
    step(machine, 3);
    expect([machine.pc, privilegeOf(machine)]).toEqual([0x1000, USER]);
    step(machine);
    expect([machine.pc, machine.csr(CSR.mcause), machine.csr(CSR.mepc), machine.csr(CSR.mtval)]).toEqual([
      HANDLER,
      CAUSE.instructionAccess,
      0x1000,
      0x1000,
    ]);
  });

  test('what needs no privilege works as in machine mode, fences included', () => {
    const machine = bootUser([li(1, DATA), li(2, 7), stores.sw(2, 1, 0), FENCE, FENCE_I, atomics.amoadd(3, 1, 2), loads.lw(4, 1, 0)]);
    step(machine, 9);
    expect([machine.registers[3], machine.registers[4], privilegeOf(machine)]).toEqual([7, 14, USER]);
  });
});

describe('CSRs in user mode (section 2.1: bits 8 and 9 of the number are the lowest privilege)', () => {
  test('of all 4,096 numbers, user mode can read the counters alone', () => {
    const readable: number[] = [];
    const machine = bootUser([addi(1, 0, 7), NOP], { setup: [set(CSR.mcounteren, 7)] });
    step(machine);
    const snapshot = machine.snapshot();
    const page = Math.floor((machine.pc - RAM) / 4096);
    const offset = (machine.pc - RAM) % 4096;
    for (let number = 0; number < 4096; number++) {
      const content = snapshot.pages[page]!.slice();
      new DataView(content.buffer).setUint32(offset, csrrs(1, number, 0), true);
      machine.restore({ ...snapshot, pages: snapshot.pages.with(page, content) });
      if (step(machine).reason === 'clock' || machine.pc !== HANDLER) readable.push(number);
      else {
        expect([machine.csr(CSR.mcause), machine.csr(CSR.mtval)]).toEqual([CAUSE.illegal, csrrs(1, number, 0)]);
        expect(machine.registers[1]).toBe(7);
      }
    }
    expect(readable).toEqual([CSR.cycle, CSR.time, CSR.instret, CSR.cycleh, CSR.timeh, CSR.instreth]);
  });

  test('what user mode may not read it cannot write either', () => {
    for (const write of [csrrw(0, CSR.mscratch, 1), csrrs(0, CSR.mscratch, 1), csrrc(0, CSR.mscratch, 1), csrrwi(0, CSR.mscratch, 5)]) {
      const { machine, cause } = runToUserTrap([li(1, 0xff), write], { setup: [set(CSR.mscratch, 0x155)] });
      expect([cause, machine.csr(CSR.mscratch)]).toEqual([CAUSE.illegal, 0x155]);
    }
  });

  test('counters are read-only whatever mcounteren says', () => {
    for (const number of [CSR.cycle, CSR.time, CSR.instret, CSR.cycleh, CSR.timeh, CSR.instreth]) {
      const options = { setup: [set(CSR.mcounteren, 7)] };
      expect(runToUserTrap([csrrw(1, number, 0)], options).cause).toBe(CAUSE.illegal);
      expect(runToUserTrap([csrrs(1, number, 2)], options).cause).toBe(CAUSE.illegal);
    }
  });

  test('each bit of mcounteren opens its own counter, both halves, and no other (section 3.1.11)', () => {
    const counters = [
      [CSR.cycle, CSR.cycleh],
      [CSR.time, CSR.timeh],
      [CSR.instret, CSR.instreth],
    ];
    for (let enabled = 0; enabled < 8; enabled++) {
      counters.forEach((halves, bit) => {
        for (const number of halves) {
          const machine = bootUser([csrrs(1, number, 0), NOP], { setup: [set(CSR.mcounteren, enabled)] });
          const { position } = machine;
          const stop = machine.run(position + 1);
          const isOpen = ((enabled >> bit) & 1) === 1;
          const isClock = number === CSR.time || number === CSR.timeh;
          expect(stop.reason).toBe(isOpen && isClock ? 'clock' : 'position');
          expect(machine.pc === HANDLER).toBe(!isOpen);
        }
      });
    }
  });

  test('an open counter reads as in machine mode', () => {
    const low = bootUser([csrrs(1, CSR.cycle, 0), csrrs(2, CSR.instret, 0)], { setup: [set(CSR.mcounteren, 5)] });
    const { position } = low;
    step(low, 2);
    expect(Array.from(low.registers.slice(1, 3))).toEqual([position, position + 1]);
    const high = bootUser([csrrs(1, CSR.cycleh, 0), csrrs(2, CSR.instreth, 0)], {
      setup: [set(CSR.mcounteren, 5), set(CSR.mcycleh, 8), set(CSR.minstreth, 9)],
    });
    step(high, 2);
    expect(Array.from(high.registers.slice(1, 3))).toEqual([8, 9]);
  });

  test('mcounteren does not bind machine mode', () => {
    const machine = boot([set(CSR.mcounteren, 0), csrrs(1, CSR.cycle, 0), csrrs(2, CSR.instret, 0)]);
    machine.run(5);
    expect([machine.registers[1], machine.registers[2]]).toEqual([3, 4]);
  });
});

describe('MPRV: loads and stores of machine mode as in the mode of MPP (section 3.1.6.3)', () => {
  /** Runs code in machine mode with mstatus set and no entry of memory protection on, so that user mode may touch nothing. */
  const run = (mstatus: number, code: Code) => {
    const machine = boot([li(31, HANDLER), csrrw(0, CSR.mtvec, 31), li(1, DATA), li(2, 0x1234), set(CSR.mstatus, mstatus), code].flat());
    machine.run(10 + code.flat().length);
    return { machine, trap: machine.pc === RAM + 40 + 4 * code.flat().length ? undefined : machine.csr(CSR.mcause) };
  };

  test('loads, stores and atomics are refused as in user mode', () => {
    expect(run(MPRV, [loads.lw(3, 1, 0)]).trap).toBe(CAUSE.loadAccess);
    expect(run(MPRV, [loads.lbu(3, 1, 1)]).trap).toBe(CAUSE.loadAccess);
    expect(run(MPRV, [stores.sw(2, 1, 0)]).trap).toBe(CAUSE.storeAccess);
    expect(run(MPRV, [stores.sb(2, 1, 3)]).trap).toBe(CAUSE.storeAccess);
    expect(run(MPRV, [atomics.lr(3, 1, 0)]).trap).toBe(CAUSE.loadAccess);
    expect(run(MPRV, [atomics.sc(3, 1, 2)]).trap).toBe(CAUSE.storeAccess);
    expect(run(MPRV, [atomics.amoadd(3, 1, 2)]).trap).toBe(CAUSE.storeAccess);
  });

  test('device registers too', () => {
    expect(run(MPRV, [li(1, 0x11000000), loads.lw(3, 1, 0)]).trap).toBe(CAUSE.loadAccess);
    expect(run(MPRV, [li(1, 0x11000000), stores.sw(3, 1, 0)]).trap).toBe(CAUSE.storeAccess);
  });

  test('without MPRV, or with machine mode in MPP, they are not', () => {
    for (const mstatus of [0, MPP, MPP | MPRV]) {
      const { machine, trap } = run(mstatus, [stores.sw(2, 1, 0), loads.lw(3, 1, 0), atomics.amoadd(4, 1, 2)]);
      expect(trap).toBeUndefined();
      expect([machine.registers[3], wordAt(machine, DATA)]).toEqual([0x1234, 0x2468]);
    }
  });

  test('fetches are not concerned', () => {
    const { machine, trap } = run(MPRV, [addi(3, 0, 1), addi(3, 3, 1), addi(3, 3, 1)]);
    expect([trap, machine.registers[3]]).toEqual([undefined, 3]);
  });

  test('it counts from the very next access on, and no longer after it is cleared', () => {
    const open = [stores.sw(2, 1, 0), csrrs(0, CSR.mstatus, 5), NOP, csrrc(0, CSR.mstatus, 5), loads.lw(3, 1, 0)];
    const { machine, trap } = run(0, [li(5, MPRV), ...open]);
    expect([trap, machine.registers[3]]).toEqual([undefined, 0x1234]);
    expect(run(0, [li(5, MPRV), stores.sw(2, 1, 0), csrrs(0, CSR.mstatus, 5), loads.lw(3, 1, 0)]).trap).toBe(CAUSE.loadAccess);
  });

  test('a trap makes MPP machine mode and so lifts it, though the bit stays', () => {
    const { machine } = run(MPRV, [loads.lw(3, 1, 0)]);
    expect(machine.csr(CSR.mstatus)).toBe(MPRV | MPP);
    const handled = boot(
      [
        li(31, RAM + 4 * 12),
        csrrw(0, CSR.mtvec, 31),
        li(1, DATA),
        set(CSR.mstatus, MPRV),
        loads.lw(3, 1, 0),
        NOP,
        NOP,
        NOP,
        loads.lw(4, 1, 0),
      ].flat(),
    );
    handled.run(9 + 1);
    expect([handled.csr(CSR.mcause), handled.pc]).toEqual([CAUSE.loadAccess, RAM + 4 * 13]);
  });
});

describe('WFI and TW (sections 3.1.6.6 and 3.3.3)', () => {
  test('in user mode it retires and waits as in machine mode', () => {
    const machine = bootUser([WFI, addi(1, 0, 1)]);
    const { pc, position } = machine;
    expect(machine.run(position + 10)).toEqual({ reason: 'wait' });
    expect([machine.pc, machine.position, privilegeOf(machine)]).toEqual([pc + 4, position + 1, USER]);
    step(machine);
    expect(machine.registers[1]).toBe(1);
  });

  test('with TW it is illegal in user mode, at once, also when an interrupt is pending', () => {
    expect(runToUserTrap([NOP, WFI], { mstatus: TW })).toMatchObject({ cause: CAUSE.illegal, value: WFI });
    const pending = bootUser([WFI], { mstatus: TW });
    pending.interrupt(3);
    step(pending);
    expect(pending.csr(CSR.mcause)).toBe(CAUSE.illegal);
  });

  test('TW does not bind machine mode', () => {
    const machine = boot([set(CSR.mstatus, TW), WFI]);
    expect(machine.run(10)).toEqual({ reason: 'wait' });
    expect(machine.position).toBe(4);
  });
});

describe('interrupts in user mode (section 3.1.6.1: enabled whatever MIE says)', () => {
  const enabled = [set(CSR.mie, 0x888)];
  const interruptCause = (code: number) => 0x80000000 + code;

  test('one is taken before the next attempt with MIE clear, and comes back to that attempt', () => {
    for (const [line, code] of [
      [3, 3],
      [7, 7],
    ] as const) {
      const machine = bootUser([addi(1, 0, 1), SPIN], { setup: enabled, mstatus: 0, handler: [NOP] });
      const { pc } = machine;
      expect(machine.csr(CSR.mstatus)! & MIE).toBe(0);
      machine.interrupt(line);
      step(machine);
      expect([machine.pc, privilegeOf(machine)]).toEqual([HANDLER + 4, MACHINE]);
      expect([machine.csr(CSR.mcause), machine.csr(CSR.mepc), machine.csr(CSR.mtval)]).toEqual([interruptCause(code), pc, 0]);
      expect(machine.csr(CSR.mstatus)).toBe(0);
    }
  });

  test('MPIE is what MIE was', () => {
    const machine = bootUser([NOP, SPIN], { setup: enabled, mstatus: MPIE });
    expect(machine.csr(CSR.mstatus)).toBe(MPIE | MIE);
    machine.interrupt(3);
    step(machine);
    expect(machine.csr(CSR.mstatus)).toBe(MPIE);
  });

  test('mie still decides which', () => {
    const machine = bootUser([NOP, SPIN], { setup: [set(CSR.mie, 0x80)] });
    machine.interrupt(3);
    step(machine, 20);
    expect(privilegeOf(machine)).toBe(USER);
    machine.interrupt(7);
    step(machine);
    expect([privilegeOf(machine), machine.csr(CSR.mcause)]).toEqual([MACHINE, interruptCause(7)]);
  });

  test('one that was pending in machine mode is taken at the first attempt of user mode', () => {
    const code = [set(CSR.mie, 0x8), set(CSR.mstatus, 0), set(CSR.mepc, RAM + 0x80), MRET].flat();
    const machine = boot(withHandler(code));
    machine.interrupt(3);
    machine.run(PROLOGUE + code.length);
    expect([machine.pc, privilegeOf(machine), machine.csr(CSR.mcause)]).toEqual([RAM + 0x80, USER, 0]);
    step(machine);
    expect([machine.pc, machine.csr(CSR.mepc), machine.csr(CSR.mcause)]).toEqual([HANDLER, RAM + 0x80, interruptCause(3)]);
  });

  test('user mode cannot keep one away: it is taken within a loop that never leaves the fast path', () => {
    const machine = bootUser([SPIN], { setup: enabled });
    step(machine, 10_000);
    expect(privilegeOf(machine)).toBe(USER);
    machine.interrupt(7);
    step(machine);
    expect(machine.csr(CSR.mcause)).toBe(interruptCause(7));
  });
});
