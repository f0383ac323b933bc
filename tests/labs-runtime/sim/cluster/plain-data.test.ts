/** Copies of plain data share only what nobody writes to, and hashes tell values apart down to a single leaf. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Machine } from '../../../../labs-runtime/emulator/machine.ts';
import { GuestState } from '../../../../labs-runtime/ft/replica/guest-slot.ts';
import { copyPlain, hashOnce, hashPlain } from '../../../../labs-runtime/sim/cluster/plain-data.ts';

type Plain = number | string | boolean | null | undefined | bigint | Uint8Array | Plain[] | { [key: string]: Plain };

const leaves = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true }).map((value) => value + 0),
  fc.maxSafeInteger(),
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.constant(undefined),
  fc.bigInt(),
  fc.uint8Array({ maxLength: 40 }),
);
const values: fc.Arbitrary<Plain> = fc.letrec<{ value: Plain }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'plain' },
    leaves as fc.Arbitrary<Plain>,
    fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'plain' }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), tie('value'), { maxKeys: 4, depthIdentifier: 'plain', noNullPrototype: true }),
  ),
})).value;

/** Every place of a leaf, as the keys on the way to it. */
function placesOf(value: Plain, way: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [way];
  if (value instanceof Uint8Array) return [...value.keys()].map((index) => [...way, index]);
  return Object.entries(value).flatMap(([key, item]) => placesOf(item as Plain, [...way, Array.isArray(value) ? Number(key) : key]));
}

/** A deep copy in which the leaf at that place is something else. */
function changed(value: Plain, [key, ...rest]: (string | number)[]): Plain {
  if (key === undefined) return otherLeaf(value);
  if (value instanceof Uint8Array) return value.map((byte, index) => (index === key ? byte ^ 1 : byte));
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, Plain>;
  copy[key] = changed(copy[key], rest);
  return copy as Plain;
}

function otherLeaf(value: Plain): Plain {
  if (typeof value === 'number') return value === 7 ? 8 : 7;
  if (typeof value === 'string') return `${value}x`;
  if (typeof value === 'bigint') return value + 1n;
  if (typeof value === 'boolean') return !value;
  return value === null ? undefined : null;
}

describe('a copy of plain data', () => {
  it('is equal, and nothing in it that can change is the original’s', () => {
    fc.assert(
      fc.property(values, (value) => {
        const copy = copyPlain(value);
        expect(copy).toEqual(value);
        const shared = new Set<unknown>();
        collect(value, shared);
        const others = new Set<unknown>();
        collect(copy, others);
        for (const object of others) expect(shared.has(object)).toBe(false);
      }),
    );
  });

  it('leaves the original as it was, whatever becomes of it', () => {
    const original = { list: [1, [2, { deep: 'a' }]], object: { flag: true } };
    const copy = copyPlain(original);
    (copy.list[1] as [number, { deep: string }])[1].deep = 'b';
    copy.list.push(9);
    copy.object.flag = false;
    expect(original).toEqual({ list: [1, [2, { deep: 'a' }]], object: { flag: true } });
  });

  it('shares arrays of bytes, frozen objects and lists, and states of a guest', () => {
    const bytes = Uint8Array.of(1, 2);
    const options = Object.freeze({ size: 1 });
    const list = Object.freeze([1, 2]);
    const guest = new GuestState(new Machine({ ramBytes: 4096 }));
    const copy = copyPlain({ bytes, options, list, guest, all: [bytes, options, list, guest] });
    for (const each of [copy, copy.all])
      expect(
        Object.values(each)
          .slice(0, 4)
          .every((item, index) => item === [bytes, options, list, guest][index]),
      ).toBe(true);
  });
});

/** Everything in a value that could be written to, but bytes. */
function collect(value: unknown, into: Set<unknown>): void {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  into.add(value);
  for (const item of Object.values(value)) collect(item, into);
}

describe('the hash of plain data', () => {
  it('is a safe integer that is the same for a copy', () => {
    fc.assert(
      fc.property(values, (value) => {
        const hash = hashPlain(value);
        expect(Number.isSafeInteger(hash) && hash >= 0).toBe(true);
        expect(hashPlain(copyPlain(value))).toBe(hash);
        expect(hashPlain(value)).toBe(hash);
      }),
      { numRuns: 500 },
    );
  });

  it('differs wherever a single leaf does', () => {
    let compared = 0;
    fc.assert(
      fc.property(values, fc.nat(), (value, choice) => {
        const places = placesOf(value);
        if (places.length === 0) return;
        const other = changed(value, places[choice % places.length]!);
        compared += 1;
        expect(hashPlain(other)).not.toBe(hashPlain(value));
      }),
      { numRuns: 3000 },
    );
    expect(compared).toBeGreaterThan(2000);
  });

  it.each<[string, unknown, unknown]>([
    ['an empty list and an empty object', [], {}],
    ['an item more', [0], [0, 0]],
    ['items in another order', [1, 2], [2, 1]],
    ['lists nested differently', [[1], 2], [1, [2]]],
    ['objects nested differently', { a: { b: 1 }, c: 2 }, { a: { b: 1, c: 2 } }],
    ['nothing and null', undefined, null],
    ['zero and false', 0, false],
    ['one and true', 1, true],
    ['a number and its text', 12, '12'],
    ['numbers that have the same low 32 bits', 1, 1 + 2 ** 32],
    ['numbers that differ in the fraction', 1.25, 1.5],
    ['a large number and its negative', 2 ** 40, -(2 ** 40)],
    ['strings of which one is the start of the other', 'ab', 'abc'],
    ['two strings, cut elsewhere', ['ab', 'c'], ['a', 'bc']],
    ['bytes and a list of them', Uint8Array.of(1, 2), [1, 2]],
    ['bytes with a zero more', Uint8Array.of(1), Uint8Array.of(1, 0)],
    ['infinity and the number that stands for it in 32 bits', Infinity, 0],
  ])('tells apart %s', (_, left, right) => {
    expect(hashPlain(left)).not.toBe(hashPlain(right));
  });

  it('does not collide over ten thousand small values', () => {
    const hashes = new Set<number>();
    for (let a = 0; a < 100; a++) for (let b = 0; b < 100; b++) hashes.add(hashPlain({ a, b }));
    expect(hashes.size).toBe(10_000);
  });

  it('has both halves depend on every word', () => {
    const [low, high] = [new Set<number>(), new Set<number>()];
    for (let value = 0; value < 4096; value++) {
      const hash = hashPlain([value, 7]);
      low.add(hash % 2 ** 32);
      high.add(Math.floor(hash / 2 ** 32));
    }
    // 32 bits and 21: by chance, 4096 numbers fall on 4092 of the 2^21 and on all of the 2^32.
    expect(low.size).toBe(4096);
    expect(high.size).toBeGreaterThan(4080);
  });

  it('goes by the content of pages and frozen objects, which it hashes once', () => {
    const page = new Uint8Array(4096).fill(7);
    expect(hashPlain([page])).toBe(hashPlain([page.slice()]));
    expect(hashPlain([page])).not.toBe(hashPlain([page.slice().fill(8, 4095)]));
    const frozen = Object.freeze({ a: 1, b: [2] });
    expect(hashPlain({ frozen })).toBe(hashPlain({ frozen: Object.freeze({ a: 1, b: [2] }) }));
    expect(hashPlain({ frozen })).not.toBe(hashPlain({ frozen: Object.freeze({ a: 1, b: [3] }) }));
    // Made in the middle of another hash, and found in the middle of one: neither changes what is around it.
    const list = () => [1, new Uint8Array(4096).fill(9), Object.freeze({ x: 1 }), 2];
    const known = list();
    const first = hashPlain(known);
    expect([hashPlain(known), hashPlain(list())]).toEqual([first, first]);
    expect(hashPlain([1, known[1], known[2], 3])).not.toBe(first);
  });

  it('goes by the hash of a guest’s state', () => {
    const machines = [1, 2, 1].map((byte) => {
      const machine = new Machine({ ramBytes: 4096 });
      machine.load(Uint8Array.of(byte));
      return machine;
    });
    const hashes = machines.map((machine) => hashPlain({ guest: new GuestState(machine) }));
    expect(hashes[0]).toBe(hashes[2]);
    expect(hashes[0]).not.toBe(hashes[1]);
    expect(hashes[0]).toBe(hashPlain({ guest: machines[0]!.stateHash() }));
  });

  it('refuses what is no plain data', () => {
    expect(() => hashPlain([() => 1])).toThrow(TypeError);
    expect(() => hashPlain({ symbol: Symbol('x') })).toThrow('the hash does not cover a symbol');
  });
});

describe('a hash that is kept', () => {
  it('is that of the value, and is not looked at again', () => {
    const value = { a: [1, 2], b: 'x' };
    const hash = hashOnce(value);
    expect(hash).toBe(hashPlain({ a: [1, 2], b: 'x' }));
    value.b = 'y';
    expect(hashOnce(value)).toBe(hash);
    expect(hashPlain(value)).not.toBe(hash);
  });

  it('is not taken along by a copy, and shows in no comparison', () => {
    const value: { a: number } = { a: 1 };
    const hash = hashOnce(value);
    const copy = copyPlain(value);
    copy.a = 2;
    expect(hashOnce(copy)).not.toBe(hash);
    expect(Object.keys(value)).toEqual(['a']);
    expect(hashPlain(value)).toBe(hash);
    expect(hashOnce([value])).toBe(hashPlain([{ a: 1 }]));
  });
});
