import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../labs-runtime/emulator/machine.ts';
import {
  addi,
  boot,
  CLINT,
  csrrs,
  csrrsi,
  csrrw,
  csrrwi,
  HANDLER,
  li,
  MRET,
  MTIMECMP,
  NOP,
  RAM,
  sb,
  SPIN,
  sw,
  UART,
  WFI,
} from './assembler.ts';

const MSTATUS = 0x300;
const MIE = 0x304;
const MTVEC = 0x305;
const MEPC = 0x341;
const MCAUSE = 0x342;
const MIP = 0x344;

const SOFTWARE = 3;
const TIMER = 7;
const EXTERNAL = 11;
const ALL = 0x888;

/** Enables interrupts in the UART, in `enabled`, and with mstatus.MIE if `on`; then `code`; spins at the end. */
function prepare(enabled: number, on: boolean, code: (number | number[])[] = [], mode = 0): Machine {
  const prologue = [
    ...li(31, HANDLER | mode),
    csrrw(0, MTVEC, 31),
    ...li(30, UART),
    addi(29, 0, 1),
    sb(29, 30, 1),
    ...li(30, enabled),
    csrrw(0, MIE, 30),
    csrrwi(0, MSTATUS, on ? 8 : 0),
  ];
  const all = [...prologue, ...code.flat(), SPIN];
  while (all.length < 0x100) all.push(NOP);
  for (let entry = 0; entry < 16; entry++) all.push(SPIN);
  const machine = boot(all);
  machine.run(prologue.length);
  return machine;
}

function raiseAll(machine: Machine): void {
  machine.interrupt(TIMER);
  machine.interrupt(SOFTWARE);
  machine.receive(0x41);
}

const cause = (machine: Machine) => machine.csr(MCAUSE)!;
const interruptCause = (code: number) => 0x80000000 + code;

describe('taking interrupts (privileged architecture, sections 3.1.6.1 and 3.1.9)', () => {
  test('an enabled interrupt is taken before the next attempt, which then is the first of the handler', () => {
    const machine = prepare(ALL, true, [NOP, NOP]);
    const { position, pc } = machine;
    machine.interrupt(SOFTWARE);
    expect(machine.run(position)).toEqual({ reason: 'position' });
    expect(machine.pc).toBe(pc);
    machine.run(position + 1);
    expect([machine.position, machine.pc, machine.csr(MEPC)]).toEqual([position + 1, HANDLER, pc]);
    expect([cause(machine), machine.csr(0x343)]).toEqual([interruptCause(SOFTWARE), 0]);
    expect(machine.csr(MSTATUS)).toBe(0x1880);
  });

  test('entering an interrupt counts neither as an attempt nor as a trap of one', () => {
    const machine = prepare(ALL, true, [NOP, NOP]);
    const retired = machine.csr(0xb02)!;
    machine.interrupt(SOFTWARE);
    machine.run(machine.position + 5);
    expect(machine.csr(0xb02)).toBe(retired + 5);
  });

  test('external comes before software, software before timer', () => {
    for (const [enabled, expected] of [
      [ALL, EXTERNAL],
      [0x088, SOFTWARE],
      [0x880, EXTERNAL],
      [0x080, TIMER],
      [0x008, SOFTWARE],
    ] as const) {
      const machine = prepare(enabled, true);
      raiseAll(machine);
      machine.run(machine.position + 1);
      expect(cause(machine)).toBe(interruptCause(expected));
    }
  });

  test('without mstatus.MIE, or without the bit in mie, it stays pending', () => {
    for (const machine of [prepare(ALL, false), prepare(0, true)]) {
      raiseAll(machine);
      machine.run(machine.position + 100);
      expect(cause(machine)).toBe(0);
      expect(machine.csr(MIP)).toBe(ALL);
    }
  });

  test('in vectored mode each cause has its own entry', () => {
    for (const [bits, code] of [
      [0x008, SOFTWARE],
      [0x080, TIMER],
      [0x800, EXTERNAL],
    ] as const) {
      const machine = prepare(bits, true, [], 1);
      raiseAll(machine);
      machine.run(machine.position + 1);
      expect(machine.pc).toBe(HANDLER + 4 * code);
    }
  });

  test('an interrupt that an instruction enables is taken right after it', () => {
    const byMstatus = prepare(ALL, false, [csrrsi(0, MSTATUS, 8), NOP]);
    const byMie = prepare(0, true, [csrrsi(0, MIE, 8), NOP]);
    const byDevice = prepare(ALL, true, [li(1, CLINT), addi(2, 0, 1), sw(2, 1, 0), NOP]);
    for (const [machine, attempts] of [
      [byMstatus, 1],
      [byMie, 1],
    ] as const) {
      machine.interrupt(SOFTWARE);
      const { pc, position } = machine;
      machine.run(position + attempts + 1);
      expect([machine.pc, machine.csr(MEPC)]).toEqual([HANDLER, pc + 4]);
    }
    const { pc, position } = byDevice;
    byDevice.run(position + 5);
    expect([byDevice.pc, byDevice.csr(MEPC)]).toEqual([HANDLER, pc + 16]);
  });

  test('mret returns to where the interrupt was taken, and a second one is taken at once', () => {
    const machine = prepare(ALL, false, [
      li(1, RAM + 0x200),
      csrrw(0, MEPC, 1),
      csrrwi(0, MSTATUS, 0),
      li(2, 0x80),
      csrrs(0, MSTATUS, 2),
      MRET,
    ]);
    machine.interrupt(SOFTWARE);
    machine.run(machine.position + 8);
    expect([machine.pc, machine.csr(MEPC)]).toEqual([RAM + 0x200, RAM + 0x200]);
    machine.run(machine.position + 1);
    expect([machine.pc, machine.csr(MEPC), cause(machine)]).toEqual([HANDLER, RAM + 0x200, interruptCause(SOFTWARE)]);
  });
});

describe('interrupt lines', () => {
  test('the timer stays pending until mtimecmp is written, either half', () => {
    for (const half of [0, 4]) {
      const machine = prepare(0, false, [li(1, MTIMECMP), sw(0, 1, half)]);
      machine.interrupt(TIMER);
      machine.run(machine.position + 2);
      expect(machine.csr(MIP)).toBe(0x80);
      machine.run(machine.position + 1);
      expect(machine.csr(MIP)).toBe(0);
    }
  });

  test('msip is set by the caller or by the guest, and cleared by the guest', () => {
    const machine = prepare(0, false, [li(1, CLINT), sw(0, 1, 0), addi(2, 0, 1), sw(2, 1, 0)]);
    machine.interrupt(SOFTWARE);
    expect(machine.csr(MIP)).toBe(8);
    machine.run(machine.position + 3);
    expect(machine.csr(MIP)).toBe(0);
    machine.run(machine.position + 2);
    expect(machine.csr(MIP)).toBe(8);
  });

  test('mip.MEIP follows the UART, and cannot be cleared through the register', () => {
    const machine = prepare(0, false, [csrrw(0, MIP, 0), li(1, UART), 0x0000c103]);
    machine.receive(1);
    machine.run(machine.position + 3);
    expect(machine.csr(MIP)).toBe(0x800);
    machine.run(machine.position + 1);
    expect(machine.csr(MIP)).toBe(0);
  });
});

describe('WFI (section 3.3.3)', () => {
  test('it retires and hands over when nothing enabled is pending', () => {
    const machine = prepare(ALL, true, [WFI, addi(1, 0, 1)]);
    const { position, pc } = machine;
    expect(machine.run(position + 100)).toEqual({ reason: 'wait' });
    expect([machine.position, machine.pc]).toEqual([position + 1, pc + 4]);
    machine.run(position + 2);
    expect(machine.registers[1]).toBe(1);
  });

  test('an interrupt that is pending and enabled in mie ends the wait even while mstatus.MIE is clear', () => {
    const machine = prepare(0x8, false, [WFI, NOP, NOP]);
    machine.interrupt(SOFTWARE);
    expect(machine.run(machine.position + 3)).toEqual({ reason: 'position' });
  });

  test('one that is pending but not enabled in mie does not', () => {
    const machine = prepare(0x80, true, [WFI, NOP, NOP]);
    machine.interrupt(SOFTWARE);
    expect(machine.run(machine.position + 3)).toEqual({ reason: 'wait' });
  });

  test('an interrupt given at the wait is taken with mepc after the WFI', () => {
    const machine = prepare(ALL, true, [WFI, NOP]);
    const { pc } = machine;
    machine.run(machine.position + 100);
    machine.interrupt(TIMER);
    machine.run(machine.position + 1);
    expect([machine.pc, machine.csr(MEPC), cause(machine)]).toEqual([HANDLER, pc + 4, interruptCause(TIMER)]);
  });

  test('a wait at the position asked for is still reported, and the run goes on from there', () => {
    const machine = prepare(ALL, true, [WFI, NOP]);
    const until = machine.position + 1;
    expect(machine.run(until)).toEqual({ reason: 'wait' });
    expect(machine.run(until)).toEqual({ reason: 'position' });
  });
});
