import { describe, expect, test } from 'vitest';
import { boot, CLINT, li, lw, MTIME, MTIMECMP, NOP, runAll, SPIN, sw, csrrsi, csrrw, RAM } from '../assembler.ts';

const ALL_ONES = (1n << 64n) - 1n;

describe('mtime (VMware FT, section 2.1: a clock read is logged)', () => {
  const readBoth = [li(1, MTIME), lw(2, 1, 0), lw(3, 1, 4), SPIN];

  test('every load stops for a value before it is attempted', () => {
    const machine = boot(readBoth);
    expect(machine.run(100)).toEqual({ reason: 'clock' });
    expect(machine.position).toBe(2);
    machine.provideClock(0x1111_2222_3333_4444n);
    expect(machine.run(100)).toEqual({ reason: 'clock' });
    expect(machine.position).toBe(3);
    machine.provideClock(0x5555_6666_7777_8888n);
    expect(machine.run(100)).toEqual({ reason: 'position' });
    expect([machine.registers[2], machine.registers[3]]).toEqual([0x33334444, 0x55556666]);
  });

  test('running on without a value stops again and changes nothing', () => {
    const machine = boot(readBoth);
    machine.run(100);
    const hash = machine.stateHash();
    expect(machine.run(100)).toEqual({ reason: 'clock' });
    expect([machine.position, machine.stateHash()]).toEqual([2, hash]);
  });

  test('the value may be given as soon as the position is reached', () => {
    const machine = boot(readBoth);
    expect(machine.run(2)).toEqual({ reason: 'position' });
    machine.provideClock(7n);
    expect(machine.run(3)).toEqual({ reason: 'position' });
    expect(machine.registers[2]).toBe(7);
  });

  test('a value is for the attempt at its position only', () => {
    const early = boot(readBoth);
    early.run(1);
    early.provideClock(7n);
    expect(early.run(100)).toEqual({ reason: 'clock' });
    const interrupted = boot([
      li(1, MTIME),
      li(2, RAM + 32),
      csrrw(0, 0x305, 2),
      csrrsi(0, 0x304, 8),
      csrrsi(0, 0x300, 8),
      lw(3, 1, 0),
      SPIN,
    ]);
    expect(interrupted.run(100)).toEqual({ reason: 'clock' });
    interrupted.provideClock(7n);
    interrupted.interrupt(3);
    interrupted.run(interrupted.position + 1);
    expect(interrupted.csr(0x342)).toBe(0x80000003);
    expect(interrupted.registers[3]).toBe(0);
  });

  test('a value given and not yet used is in snapshot and state hash; one that is out of date is not', () => {
    const machine = boot(readBoth);
    const twin = boot(readBoth);
    machine.run(2);
    twin.run(2);
    machine.provideClock(7n);
    expect(machine.stateHash()).not.toBe(twin.stateHash());
    const copy = boot([NOP]);
    copy.restore(machine.snapshot());
    copy.run(3);
    expect(copy.registers[2]).toBe(7);
    twin.provideClock(8n);
    twin.provideClock(7n);
    expect(twin.stateHash()).toBe(machine.stateHash());
    const [stale, fresh] = [boot([NOP, NOP]), boot([NOP, NOP])];
    stale.provideClock(9n);
    stale.run(1);
    fresh.run(1);
    expect(stale.stateHash()).toBe(fresh.stateHash());
  });

  test('a store to mtime is legal and does nothing', () => {
    const machine = runAll([li(1, MTIME), sw(1, 1, 0), sw(1, 1, 4)]);
    expect(machine.csr(0x342)).toBe(0);
  });
});

describe('mtimecmp', () => {
  test('it starts at its highest value, and each half can be written and read', () => {
    expect(boot([NOP]).interruptTimer).toBe(ALL_ONES);
    const machine = runAll([li(1, MTIMECMP), li(2, 0x89abcdef), sw(2, 1, 0), li(3, 0x01234567), sw(3, 1, 4), lw(4, 1, 0), lw(5, 1, 4)]);
    expect(machine.interruptTimer).toBe(0x0123_4567_89ab_cdefn);
    expect([machine.registers[4], machine.registers[5]]).toEqual([0x89abcdef, 0x01234567]);
  });

  test('no comparison ever raises the timer: only the caller does', () => {
    const machine = boot([li(1, MTIMECMP), sw(0, 1, 0), sw(0, 1, 4), li(1, MTIME), lw(2, 1, 0), SPIN]);
    machine.run(100);
    machine.provideClock(ALL_ONES);
    machine.run(100);
    expect(machine.csr(0x344)).toBe(0);
    machine.interrupt(7);
    expect(machine.csr(0x344)).toBe(0x80);
  });
});

test('msip has one bit', () => {
  const machine = runAll([li(1, CLINT), li(2, -1), sw(2, 1, 0), lw(3, 1, 0), sw(0, 1, 0), lw(4, 1, 0)]);
  expect([machine.registers[3], machine.registers[4]]).toEqual([1, 0]);
});
