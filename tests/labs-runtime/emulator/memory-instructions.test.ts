import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boot, CLINT, li, loads, NOP, RAM, runAll, runToTrap, stores, SYSCON, UART, wordAt } from './assembler.ts';

const DATA = RAM + 0x800;
const CAUSE_LOAD_ACCESS = 5;
const CAUSE_STORE_ACCESS = 7;

/** Loads from DATA + distance, after the word at DATA and the next one were set. */
function load(name: keyof typeof loads, distance: number, first: number, second = 0): number {
  const code = [li(1, DATA), li(2, first), li(3, second), stores.sw(2, 1, 0), stores.sw(3, 1, 4), loads[name](4, 1, distance)];
  return runAll(code).registers[4]!;
}

describe('loads', () => {
  test('lb and lh sign-extend, lbu and lhu zero-extend', () => {
    expect(load('lb', 0, 0x80)).toBe(0xffffff80);
    expect(load('lbu', 0, 0x80)).toBe(0x80);
    expect(load('lh', 0, 0x8001)).toBe(0xffff8001);
    expect(load('lhu', 0, 0x8001)).toBe(0x8001);
    expect(load('lb', 0, 0x7f)).toBe(0x7f);
    expect(load('lh', 0, 0x7fff)).toBe(0x7fff);
  });

  test('memory is little-endian', () => {
    expect([0, 1, 2, 3].map((distance) => load('lbu', distance, 0x44332211))).toEqual([0x11, 0x22, 0x33, 0x44]);
    expect(load('lhu', 2, 0x44332211)).toBe(0x4433);
    expect(load('lw', 0, 0x44332211)).toBe(0x44332211);
  });

  test('offsets reach -2048 to 2047', () => {
    const code = (distance: number) => [li(1, DATA - distance), li(2, 0xcafe), li(3, DATA), stores.sw(2, 3, 0), loads.lw(4, 1, distance)];
    for (const distance of [-2048, -1024, -1, 0, 1, 1023, 2047]) expect(runAll(code(distance)).registers[4]).toBe(0xcafe);
  });

  test('a load into x0 still makes the access', () => {
    expect(runToTrap([li(1, 0x40000000), loads.lw(0, 1, 0)]).cause).toBe(CAUSE_LOAD_ACCESS);
  });
});

describe('stores', () => {
  test('each size writes its own bytes and no others', () => {
    const result = (name: keyof typeof stores, distance: number) => {
      const code = [li(1, DATA), li(2, 0x11111111), stores.sw(2, 1, 0), li(3, 0xaabbccdd), stores[name](3, 1, distance)];
      return wordAt(runAll(code), DATA);
    };
    expect([0, 1, 2, 3].map((distance) => result('sb', distance))).toEqual([0x111111dd, 0x1111dd11, 0x11dd1111, 0xdd111111]);
    expect([0, 2].map((distance) => result('sh', distance))).toEqual([0x1111ccdd, 0xccdd1111]);
    expect(result('sw', 0)).toBe(0xaabbccdd);
  });

  test('offsets reach -2048 to 2047', () => {
    for (const distance of [-2048, -1024, -32, -4, 0, 4, 32, 1024, 2044]) {
      expect(wordAt(runAll([li(1, DATA - distance), li(2, 0xcafe), stores.sw(2, 1, distance)]), DATA)).toBe(0xcafe);
    }
  });
});

describe('misaligned accesses to RAM work as if they were made of bytes', () => {
  const bytes = fc.uint8Array({ minLength: 8, maxLength: 8 });
  const littleEndian = (content: Uint8Array, start: number, size: number) =>
    content.slice(start, start + size).reduce((sum, byte, index) => sum + byte * 2 ** (8 * index), 0);
  const word = (content: Uint8Array, start: number) => littleEndian(content, start, 4);

  test('loads at every distance', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 0, max: 4 }), (content, distance) => {
        expect(load('lw', distance, word(content, 0), word(content, 4))).toBe(word(content, distance));
        expect(load('lhu', distance, word(content, 0), word(content, 4))).toBe(littleEndian(content, distance, 2));
        expect(load('lh', distance, word(content, 0), word(content, 4))).toBe(((littleEndian(content, distance, 2) << 16) >> 16) >>> 0);
      }),
      { numRuns: 100 },
    );
  });

  test('stores at every distance', () => {
    for (const [name, size] of [
      ['sh', 2],
      ['sw', 4],
    ] as const) {
      for (let distance = 0; distance <= 4; distance++) {
        const machine = runAll([li(1, DATA), li(2, 0xaabbccdd), stores[name](2, 1, distance)]);
        const expected = new Uint8Array(8);
        expected.set([0xdd, 0xcc, 0xbb, 0xaa].slice(0, size), distance);
        expect(machine.readRam(DATA, 8)).toEqual(expected);
      }
    }
  });

  test('a store over the border of two pages shows in the state hash as the same bytes do', () => {
    const border = RAM + 0x2000;
    const whole = boot([li(1, border - 2), li(2, 0xaabbccdd), stores.sw(2, 1, 0), NOP, NOP, NOP]);
    const before = whole.stateHash();
    whole.run(5);
    expect(whole.readRam(border - 2, 4)).toEqual(new Uint8Array([0xdd, 0xcc, 0xbb, 0xaa]));
    const afterStore = whole.snapshot();
    const other = boot([NOP]);
    other.restore(afterStore);
    expect(whole.stateHash()).not.toBe(before);
    expect(other.stateHash()).toBe(whole.stateHash());
  });
});

describe('accesses outside the map', () => {
  const outside = [0, 4, 0x40000000, RAM - 4, RAM + 65536, 0xfffffffc, UART - 4, UART + 8, CLINT + 0xc000, SYSCON + 4];
  for (const address of outside) {
    test(`an access to 0x${address.toString(16)} is an access fault with that address in mtval`, () => {
      const pc = RAM + 4 * (3 + 4);
      const code = [li(1, address), li(2, 7)];
      expect(runToTrap([...code, loads.lw(2, 1, 0)])).toMatchObject({ cause: CAUSE_LOAD_ACCESS, value: address, exceptionPc: pc });
      expect(runToTrap([...code, stores.sw(2, 1, 0)])).toMatchObject({ cause: CAUSE_STORE_ACCESS, value: address, exceptionPc: pc });
      expect(runToTrap([...code, loads.lb(2, 1, 0)]).machine.registers[2]).toBe(7);
    });
  }

  test('an access that is only partly in RAM is an access fault and writes nothing', () => {
    for (const distance of [1, 2, 3]) {
      const address = RAM + 65536 - distance;
      const { machine, cause, value } = runToTrap([li(1, address), li(2, -1), stores.sw(2, 1, 0)]);
      expect([cause, value]).toEqual([CAUSE_STORE_ACCESS, address]);
      expect(machine.readRam(RAM + 65536 - 4, 4)).toEqual(new Uint8Array(4));
      expect(runToTrap([li(1, address), loads.lw(2, 1, 0)])).toMatchObject({ cause: CAUSE_LOAD_ACCESS, value: address });
    }
  });

  test('the last word of RAM can be used, with each size', () => {
    const machine = runAll([
      li(1, RAM + 65532),
      li(2, 0x80abcdef),
      stores.sw(2, 1, 0),
      loads.lw(3, 1, 0),
      loads.lh(4, 1, 2),
      loads.lb(5, 1, 3),
    ]);
    expect(Array.from(machine.registers.slice(3, 6))).toEqual([0x80abcdef, 0xffff80ab, 0xffffff80]);
  });

  test('addresses wrap around at 2^32', () => {
    expect(runToTrap([li(1, 0xffffffff), loads.lw(2, 1, 9)])).toMatchObject({ cause: CAUSE_LOAD_ACCESS, value: 8 });
  });
});

describe('device registers have one width', () => {
  test('another width, or a misaligned access, is an access fault', () => {
    const faults = (address: number, name: keyof typeof loads) => runToTrap([li(1, address), loads[name](2, 1, 0)]).cause;
    expect(faults(UART, 'lw')).toBe(CAUSE_LOAD_ACCESS);
    expect(faults(UART + 4, 'lh')).toBe(CAUSE_LOAD_ACCESS);
    expect(faults(CLINT, 'lb')).toBe(CAUSE_LOAD_ACCESS);
    expect(faults(CLINT + 0x4002, 'lw')).toBe(CAUSE_LOAD_ACCESS);
    expect(faults(CLINT + 0x4, 'lw')).toBe(CAUSE_LOAD_ACCESS);
    expect(faults(SYSCON, 'lbu')).toBe(CAUSE_LOAD_ACCESS);
    expect(runToTrap([li(1, SYSCON), stores.sh(0, 1, 0)]).cause).toBe(CAUSE_STORE_ACCESS);
    expect(runToTrap([li(1, CLINT), stores.sb(0, 1, 0)]).cause).toBe(CAUSE_STORE_ACCESS);
    expect(runToTrap([li(1, CLINT + 8), stores.sw(0, 1, 0)]).cause).toBe(CAUSE_STORE_ACCESS);
    expect(runToTrap([li(1, UART), stores.sw(0, 1, 0)]).cause).toBe(CAUSE_STORE_ACCESS);
  });
});
