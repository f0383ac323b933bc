import { describe, expect, test } from 'vitest';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { Snapshot } from '../../../labs-runtime/emulator/machine.ts';
import { addi, boot, bytesOf, li, NOP, RAM, SPIN, sw, wordAt } from './assembler.ts';

/** Stores 1, 2, 3... into the word at 0x80004000, one every three attempts. */
const counter = [li(1, RAM + 0x4000), addi(2, 2, 1), sw(2, 1, 0), 0xff9ff06f];

describe('snapshots', () => {
  test('are not changed by running on', () => {
    const machine = boot(counter);
    machine.run(10);
    const snapshot = machine.snapshot();
    const copy = structuredClone(snapshot);
    machine.run(100);
    machine.receive(5);
    machine.interrupt(7);
    expect(snapshot.core).toEqual(copy.core);
    expect(snapshot.pages.every((page, index) => page.every((byte, place) => byte === copy.pages[index]![place]))).toBe(true);
  });

  test('are not changed by what a driver writes after them, here or in a machine that has restored them', () => {
    const [ACKNOWLEDGE, QUEUE_SIZE, STATUS] = [1, 0x38, 0x70];
    const machine = boot([li(1, 0x10001000), addi(2, 0, ACKNOWLEDGE), sw(2, 1, QUEUE_SIZE), sw(2, 1, STATUS), SPIN]);
    machine.run(3);
    const snapshot = machine.snapshot();
    const copy = structuredClone(snapshot.core);
    const other = new Machine();
    other.restore(snapshot);
    for (const each of [machine, other]) {
      each.run(5);
      expect(each.snapshot().core.net).toMatchObject({ status: ACKNOWLEDGE, queues: [{ size: ACKNOWLEDGE }, {}] });
      expect(snapshot.core).toEqual(copy);
    }
    machine.restore(snapshot);
    expect(machine.snapshot().core).toEqual(copy);
  });

  test('share the pages that did not change between them', () => {
    const machine = boot(counter);
    machine.run(10);
    const [first, second] = [machine.snapshot(), machine.snapshot()];
    expect(second.pages.every((page, index) => page === first.pages[index])).toBe(true);
    machine.run(100);
    const third = machine.snapshot();
    expect(third.pages.map((page, index) => page === first.pages[index])).toEqual(Array.from({ length: 16 }, (_, index) => index !== 4));
  });

  test('can be restored in any order, with RAM, decoded code and hash following', () => {
    const machine = boot(counter);
    const saved: [Snapshot, string, number][] = [];
    for (let until = 10; until <= 100; until += 10) {
      machine.run(until);
      saved.push([machine.snapshot(), machine.stateHash(), wordAt(machine, RAM + 0x4000)]);
    }
    for (const index of [3, 3, 9, 0, 5, 5, 4, 9]) {
      const [snapshot, hash, word] = saved[index]!;
      machine.restore(snapshot);
      expect([machine.stateHash(), wordAt(machine, RAM + 0x4000)]).toEqual([hash, word]);
      if (index === 5) machine.run(machine.position + 17);
    }
  });

  test('a restored machine does not run code that it had decoded before', () => {
    const machine = boot([addi(1, 0, 1), SPIN]);
    machine.run(1);
    const other = boot([addi(1, 0, 2), SPIN]);
    machine.restore(other.snapshot());
    machine.run(1);
    expect(machine.registers[1]).toBe(2);
  });

  test('nor where a single instruction differs, alone or run together with its neighbour', () => {
    const program = [addi(1, 0, 1), addi(2, 1, 1), addi(3, 2, 1), addi(4, 3, 1), addi(5, 4, 1), 0xfedff06f];
    for (let word = 0; word < 5; word++) {
      const machine = boot(program);
      const beginning = machine.snapshot();
      const page = beginning.pages[0]!.slice();
      page.set(bytesOf([addi(word + 1, word, 7)]), 4 * word);
      const changed = { ...beginning, pages: beginning.pages.with(0, page) };
      for (const snapshot of [changed, beginning, changed]) {
        machine.run(machine.position + 20);
        machine.restore(snapshot);
        const fresh = new Machine();
        fresh.restore(snapshot);
        for (const each of [machine, fresh]) each.run(each.position + 20);
        expect([word, machine.registers, machine.stateHash()]).toEqual([word, fresh.registers, fresh.stateHash()]);
      }
    }
  });

  test('after a reset too', () => {
    const machine = boot(counter);
    machine.run(50);
    const snapshot = machine.snapshot();
    const hash = machine.stateHash();
    machine.reset();
    machine.restore(snapshot);
    expect(machine.stateHash()).toBe(hash);
  });

  test('fit only a machine with as much RAM', () => {
    expect(() => new Machine({ ramBytes: 4096 }).restore(boot([NOP]).snapshot())).toThrow(/65536 bytes of RAM, this machine 4096/);
  });
});

/** Each boolean, number, bigint and string in plain data by its path, with a copy of the whole in which it alone is another. */
function* changedItems<Data>(data: Data, path = ''): Generator<[string, Data]> {
  if (typeof data === 'object' && data !== null) {
    for (const [key, item] of Object.entries(data)) {
      for (const [place, changed] of changedItems(item, path === '' ? key : `${path}.${key}`)) {
        const copy = (Array.isArray(data) ? data.slice() : { ...data }) as Record<string, unknown>;
        copy[key] = changed;
        yield [place, copy as Data];
      }
    }
    return;
  }
  yield [path, anotherThan(data) as Data];
}

function anotherThan(data: unknown): unknown {
  if (typeof data === 'boolean') return !data;
  if (typeof data === 'bigint') return data - 12345n;
  return typeof data === 'string' ? `${data} ` : (data as number) + 1;
}

describe('the state hash', () => {
  const withAll = new Machine({ diskSectors: 8, harts: 2 });
  withAll.load(bytesOf([NOP]));
  const base = withAll.snapshot();
  const hashOf = (snapshot: Snapshot) => {
    const machine = new Machine({ diskSectors: snapshot.core.block.sectors, harts: snapshot.core.harts.length });
    machine.restore(snapshot);
    return machine.stateHash();
  };

  test('has 16 hexadecimal digits and stays the same when asked again', () => {
    const machine = boot(counter);
    expect(machine.stateHash()).toMatch(/^[0-9a-f]{16}$/);
    expect(machine.stateHash()).toBe(machine.stateHash());
    expect(boot(counter).stateHash()).toBe(machine.stateHash());
  });

  test('changes with every item of hart and devices', () => {
    const seen = new Map([[hashOf(base), 'unchanged']]);
    const check = (name: string, snapshot: Snapshot) => {
      const hash = hashOf(snapshot);
      expect(seen.get(hash), `${name} and this have one hash`).toBeUndefined();
      seen.set(hash, name);
    };
    for (const [name, value] of Object.entries(base.core.uart)) {
      if (!Array.isArray(value)) continue;
      for (const length of [0, 1, 2]) {
        const longer = [...value, ...Array.from({ length }, () => 0), 77];
        check(`uart.${name} ${length}`, { ...base, core: { ...base.core, uart: { ...base.core.uart, [name]: longer } } });
      }
    }
    const pending = [{ id: 1, kind: 'read' as const, sector: 2, head: 3, data: [{ offset: 4, length: 512 }], status: 5 }];
    for (const [path, core] of changedItems({ ...base.core, block: { ...base.core.block, pending } })) {
      // What the machine is built of; a clock value, which is in the hash only where it counts (see the CLINT's tests); off, not `on `.
      if (path === 'block.sectors' || path.startsWith('clint.clock') || path === 'power') continue;
      check(path, { ...base, core });
    }
    expect(seen.size).toBeGreaterThan(150);
  });

  test('changes with every byte of a page and tells pages apart', () => {
    const seen = new Set<string>([hashOf(base)]);
    for (const page of [0, 1, 15]) {
      for (const byte of [0, 1, 2, 3, 4, 2047, 4095]) {
        for (const bit of [0, 7]) {
          const content = base.pages[page]!.slice();
          content[byte]! ^= 1 << bit;
          seen.add(hashOf({ ...base, pages: base.pages.with(page, content) }));
        }
      }
    }
    expect(seen.size).toBe(1 + 3 * 7 * 2);
    const swapped = base.pages.with(0, base.pages[1]!).with(1, base.pages[0]!);
    expect(seen.has(hashOf({ ...base, pages: swapped }))).toBe(false);
  });

  test('follows every kind of store', () => {
    for (const store of [0x00208023, 0x00209023, 0x0020a023, 0x0020a0a3, 0x0820a02f, 0x0020a02f, 0x4020a02f]) {
      const machine = boot([li(1, RAM + 0x3000), li(2, 0x5a5a5a5a), 0x1000a1af, store]);
      machine.run(5);
      machine.stateHash();
      machine.run(6);
      const { core } = machine.snapshot();
      const untouched = boot([li(1, RAM + 0x3000), li(2, 0x5a5a5a5a), 0x1000a1af, store]).snapshot();
      expect(machine.stateHash()).not.toBe(hashOf({ ...untouched, core }));
      expect(machine.stateHash()).toBe(hashOf({ ...machine.snapshot() }));
    }
  });
});
