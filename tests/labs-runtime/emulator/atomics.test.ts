import { describe, expect, test } from 'vitest';
import { atomics, boot, ECALL, li, NOP, PROLOGUE, RAM, runAll, runToTrap, stores, UART, withHandler, wordAt } from './assembler.ts';

const DATA = RAM + 0x800;

/** Result register and memory after `amo rd, rs2, (address)`. */
function run(name: keyof typeof atomics, memory: number, register: number): [result: number, memory: number] {
  const machine = runAll([li(1, DATA), li(2, memory), stores.sw(2, 1, 0), li(3, register), atomics[name](4, 1, 3)]);
  return [machine.registers[4]!, wordAt(machine, DATA)];
}

describe('AMOs (unprivileged ISA, A extension)', () => {
  test('each returns the old word and stores the combined one', () => {
    expect(run('amoswap', 1, 2)).toEqual([1, 2]);
    expect(run('amoadd', 0x7fffffff, 1)).toEqual([0x7fffffff, 0x80000000]);
    expect(run('amoadd', 0xffffffff, 2)).toEqual([0xffffffff, 1]);
    expect(run('amoxor', 0xff00, 0x0ff0)).toEqual([0xff00, 0xf0f0]);
    expect(run('amoand', 0xff00, 0x0ff0)).toEqual([0xff00, 0x0f00]);
    expect(run('amoor', 0xff00, 0x0ff0)).toEqual([0xff00, 0xfff0]);
  });

  test('minimum and maximum compare signed or unsigned', () => {
    expect(run('amomin', 0x80000000, 1)[1]).toBe(0x80000000);
    expect(run('amomin', 1, 0x80000000)[1]).toBe(0x80000000);
    expect(run('amomax', 0x80000000, 1)[1]).toBe(1);
    expect(run('amominu', 0x80000000, 1)[1]).toBe(1);
    expect(run('amomaxu', 0x80000000, 1)[1]).toBe(0x80000000);
    expect(run('amomaxu', 1, 0xffffffff)).toEqual([1, 0xffffffff]);
  });

  test('rd may be the source, the address or x0', () => {
    const start = [li(1, DATA), li(2, 10), stores.sw(2, 1, 0), li(3, 5)];
    const sameSource = runAll([...start, atomics.amoadd(3, 1, 3)]);
    expect([sameSource.registers[3], wordAt(sameSource, DATA)]).toEqual([10, 15]);
    const sameAddress = runAll([...start, atomics.amoadd(1, 1, 3)]);
    expect([sameAddress.registers[1], wordAt(sameAddress, DATA)]).toEqual([10, 15]);
    const none = runAll([...start, atomics.amoadd(0, 1, 3)]);
    expect([none.registers[0], wordAt(none, DATA)]).toEqual([0, 15]);
  });

  test('the ordering bits are accepted', () => {
    for (const bits of [1 << 25, 2 << 25, 3 << 25]) {
      const machine = runAll([li(1, DATA), li(3, 5), (atomics.amoadd(4, 1, 3) | bits) >>> 0]);
      expect(wordAt(machine, DATA)).toBe(5);
    }
  });

  test('an AMO to code is seen by the next fetch', () => {
    const target = RAM + 4 * 6;
    const machine = runAll([li(1, target), li(3, 0x00700293), atomics.amoswap(4, 1, 3), NOP, NOP]);
    expect([machine.registers[4], machine.registers[5]]).toEqual([NOP, 7]);
  });
});

describe('load-reserved and store-conditional', () => {
  const { lr, sc } = atomics;

  test('a pair succeeds, returns the word, then zero, and stores', () => {
    const machine = runAll([li(1, DATA), li(2, 9), stores.sw(2, 1, 0), lr(3, 1, 0), li(4, 10), sc(5, 1, 4)]);
    expect([machine.registers[3], machine.registers[5], wordAt(machine, DATA)]).toEqual([9, 0, 10]);
  });

  test('without a reservation a store-conditional fails with 1 and stores nothing', () => {
    const machine = runAll([li(1, DATA), li(4, 10), sc(5, 1, 4)]);
    expect([machine.registers[5], wordAt(machine, DATA)]).toEqual([1, 0]);
  });

  test('a reservation serves one store-conditional only, whether it succeeds or fails', () => {
    const twice = runAll([li(1, DATA), li(4, 10), lr(3, 1, 0), sc(5, 1, 4), sc(6, 1, 4)]);
    expect([twice.registers[5], twice.registers[6]]).toEqual([0, 1]);
    const elsewhere = runAll([li(1, DATA), li(2, DATA + 4), lr(3, 1, 0), sc(5, 2, 4), sc(6, 1, 4)]);
    expect([elsewhere.registers[5], elsewhere.registers[6]]).toEqual([1, 1]);
  });

  test('the latest load-reserved holds', () => {
    const machine = runAll([li(1, DATA), li(2, DATA + 4), lr(3, 1, 0), lr(3, 2, 0), sc(5, 1, 4), lr(3, 2, 0), sc(6, 2, 4)]);
    expect([machine.registers[5], machine.registers[6]]).toEqual([1, 0]);
  });

  test('the reservation is part of snapshot and state hash', () => {
    const code = [li(1, DATA), li(4, 10), lr(3, 1, 0), sc(5, 1, 4)];
    const machine = boot(code);
    machine.run(5);
    const other = boot([NOP]);
    other.restore(machine.snapshot());
    other.run(6);
    expect(other.registers[5]).toBe(0);
    const snapshot = machine.snapshot();
    other.restore({ ...snapshot, core: { ...snapshot.core, reservations: [-1] } });
    expect(other.stateHash()).not.toBe(machine.stateHash());
  });

  test('any store to the word ends the reservation, of whatever size; a store beside it does not', () => {
    const other = li(7, 5);
    for (const store of [stores.sb(7, 1, 3), stores.sh(7, 1, 2), stores.sw(7, 1, 0), atomics.amoadd(0, 1, 7)]) {
      const machine = runAll([li(1, DATA), other, lr(3, 1, 0), store, sc(5, 1, 4)]);
      expect(machine.registers[5], store.toString(16)).toBe(1);
    }
    for (const store of [stores.sb(7, 1, 4), stores.sh(7, 1, -2), stores.sw(7, 1, 8)]) {
      const machine = runAll([li(1, DATA), other, lr(3, 1, 0), store, sc(5, 1, 4)]);
      expect(machine.registers[5], store.toString(16)).toBe(0);
    }
  });

  test('a store that wrote the same value back ends it too', () => {
    const machine = runAll([li(1, DATA), lr(3, 1, 0), stores.sw(3, 1, 0), sc(5, 1, 4)]);
    expect(machine.registers[5]).toBe(1);
  });

  test('a counter built on a retry loop counts', () => {
    const loop = [lr(3, 1, 0), 0x00118193, sc(5, 1, 3), 0xfe029ae3];
    const machine = runAll([li(1, DATA), ...loop, ...loop, ...loop]);
    expect(wordAt(machine, DATA)).toBe(3);
  });
});

describe('atomics that trap', () => {
  test('a misaligned address traps: as a load for lr, as a store for the others', () => {
    for (const distance of [1, 2, 3]) {
      const code = (name: keyof typeof atomics, source: number) => [li(1, DATA + distance), atomics[name](4, 1, source)];
      expect(runToTrap(code('lr', 0))).toMatchObject({ cause: 4, value: DATA + distance });
      expect(runToTrap(code('sc', 2))).toMatchObject({ cause: 6, value: DATA + distance });
      expect(runToTrap(code('amoadd', 2))).toMatchObject({ cause: 6, value: DATA + distance });
    }
  });

  test('an address outside RAM is an access fault, devices included', () => {
    for (const address of [0, UART, RAM + 65536]) {
      expect(runToTrap([li(1, address), atomics.lr(4, 1, 0)])).toMatchObject({ cause: 5, value: address });
      expect(runToTrap([li(1, address), atomics.sc(4, 1, 2)])).toMatchObject({ cause: 7, value: address });
      expect(runToTrap([li(1, address), atomics.amoswap(4, 1, 2)])).toMatchObject({ cause: 7, value: address });
    }
  });

  test('a trap between the two leaves the reservation', () => {
    const machine = boot(withHandler([li(1, DATA), atomics.lr(3, 1, 0), ECALL]));
    machine.run(PROLOGUE + 4);
    expect(machine.snapshot().core.reservations).toEqual([0x800 / 4]);
  });
});
