import { describe, expect, test } from 'vitest';
import { Bus } from '../../../../labs-runtime/emulator/bus.ts';
import { Machine } from '../../../../labs-runtime/emulator/machine.ts';
import { boot, bytesOf, CLINT, li, lw, MTIME, MTIMECMP, NOP, runAll, SPIN, sw, csrrsi, csrrw, RAM, UART } from '../assembler.ts';

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
    expect(boot([NOP]).interruptTimer()).toBe(ALL_ONES);
    const machine = runAll([li(1, MTIMECMP), li(2, 0x89abcdef), sw(2, 1, 0), li(3, 0x01234567), sw(3, 1, 4), lw(4, 1, 0), lw(5, 1, 4)]);
    expect(machine.interruptTimer()).toBe(0x0123_4567_89ab_cdefn);
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

describe('with several harts', () => {
  const ALL_BITS = [0, 1, 2, 3];
  const clintOf = (harts: number) => new Bus({ ramBytes: 65536, harts, diskSectors: 0 });

  test('each has its msip, 4 bytes apart, and its mtimecmp, 8 bytes apart', () => {
    const bus = clintOf(4);
    for (const hart of ALL_BITS) {
      bus.store(CLINT + 4 * hart, 4, hart % 2);
      bus.store(MTIMECMP + 8 * hart, 4, 100 + hart);
      bus.store(MTIMECMP + 8 * hart + 4, 4, hart);
    }
    expect(ALL_BITS.map((hart) => bus.load(CLINT + 4 * hart, 4, 0))).toEqual([0, 1, 0, 1]);
    expect(ALL_BITS.map((hart) => bus.pendingInterrupts(hart))).toEqual([0, 8, 0, 8]);
    expect(bus.clint.harts.map(({ timerCompare }) => timerCompare)).toEqual(
      ALL_BITS.map((hart) => BigInt(hart) * 2n ** 32n + 100n + BigInt(hart)),
    );
    expect(ALL_BITS.map((hart) => [bus.load(MTIMECMP + 8 * hart, 4, 0), bus.load(MTIMECMP + 8 * hart + 4, 4, 0)])).toEqual(
      ALL_BITS.map((hart) => [100 + hart, hart]),
    );
  });

  test('registers of a hart that the machine has not are not there', () => {
    for (const harts of [1, 2, 3, 4]) {
      const bus = clintOf(harts);
      for (const address of [CLINT + 4 * harts, MTIMECMP + 8 * harts, MTIMECMP + 8 * harts + 4, CLINT + 0x3ffc, CLINT + 0xbff4]) {
        expect([bus.load(address, 4, 0), bus.store(address, 4, 1)]).toEqual(['access-fault', 'access-fault']);
      }
      expect([bus.store(CLINT + 4 * (harts - 1), 4, 1), bus.store(MTIMECMP + 8 * (harts - 1), 4, 1)]).toEqual(['stored', 'stored']);
    }
  });

  test('the caller raises a line of one hart, and writing its mtimecmp takes only its own timer down', () => {
    const machine = new Machine({ harts: 4 });
    machine.load(bytesOf([li(1, MTIMECMP + 16), sw(0, 1, 0), SPIN]));
    for (const hart of [1, 2, 3]) machine.interrupt(7, hart);
    machine.interrupt(3, 2);
    const pending = () => machine.snapshot().core.clint.harts.map(({ softwarePending, timerPending }) => [softwarePending, timerPending]);
    expect(pending()).toEqual([
      [false, false],
      [false, true],
      [true, true],
      [false, true],
    ]);
    machine.run(300);
    expect(pending()[2]).toEqual([true, false]);
    expect(pending()[3]).toEqual([false, true]);
    expect([machine.interruptTimer(2), machine.interruptTimer(3), machine.interruptTimer()]).toEqual([
      ALL_ONES - 0xffffffffn,
      ALL_ONES,
      ALL_ONES,
    ]);
  });

  test('a hart that the machine has not is an error of the caller', () => {
    const machine = new Machine({ harts: 2 });
    expect(machine.hartCount).toBe(2);
    expect(() => machine.interrupt(7, 2)).toThrow('There is no hart 2: the machine has 2.');
    expect(() => machine.interruptTimer(-1)).toThrow('There is no hart -1');
    for (const harts of [0, 5, 1.5]) expect(() => new Machine({ harts })).toThrow(`harts is ${harts}: a machine has 1 to 4.`);
  });

  test('the devices interrupt hart 0 alone', () => {
    const bus = clintOf(3);
    bus.store(UART + 1, 1, 1);
    bus.uart.receive(65);
    expect([0, 1, 2].map((hart) => bus.pendingInterrupts(hart))).toEqual([0x800, 0, 0]);
  });

  test('a snapshot fits only a machine with as many harts', () => {
    const snapshot = new Machine({ harts: 2 }).snapshot();
    expect(() => new Machine().restore(snapshot)).toThrow('The snapshot has 2 harts, this machine 1.');
  });
});

test('msip has one bit', () => {
  const machine = runAll([li(1, CLINT), li(2, -1), sw(2, 1, 0), lw(3, 1, 0), sw(0, 1, 0), lw(4, 1, 0)]);
  expect([machine.registers[3], machine.registers[4]]).toEqual([1, 0]);
});
