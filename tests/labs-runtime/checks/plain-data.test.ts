import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../labs-runtime/checks/canonical-json.ts';
import { CodecError, decodePlainData, encodePlainData } from '../../../labs-runtime/checks/plain-data-codec.ts';
import { copyPlainData } from '../../../labs-runtime/checks/plain-data.ts';
import { DIGEST_START, digestBytes } from '../../../labs-runtime/checks/digest.ts';
import { plainDataBytes } from '../../../labs-runtime/ft/part.ts';

const options = { root: 'state', valuesMax: 100_000 };

/** Any plain data. */
const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer(),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.boolean(),
    fc.constantFrom(null, undefined, NaN, -0, '\ud800'),
    fc.bigInt(),
    fc.uint8Array(),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
    ),
  ),
})).value;

describe('a copy of plain data', () => {
  test('is equal, shares nothing, and knows its size', () => {
    fc.assert(
      fc.property(plain, (value) => {
        const copy = copyPlainData(value, options);
        expect(copy.value).toEqual(value);
        expect(copy.bytes).toBe(plainDataBytes(value));
        if (typeof value === 'object' && value !== null) expect(copy.value).not.toBe(value);
        expect(copyPlainData(value, { ...options, thorough: true })).toEqual(copy);
      }),
    );
  });

  test('is of what was there when it was read', () => {
    const value = { list: [1], bytes: Uint8Array.of(1) };
    const copy = copyPlainData(value, options).value;
    value.list.push(2);
    value.bytes[0] = 9;
    expect(copy).toEqual({ list: [1], bytes: Uint8Array.of(1) });
  });

  test('counts every value, and long ones by their length', () => {
    const count = (value: unknown) => copyPlainData(value, options).values;
    expect([count(1), count('ab'), count([1, 2]), count({ a: [{}] })]).toEqual([1, 1, 3, 3]);
    expect([count('a'.repeat(640)), count(new Uint8Array(640))]).toEqual([11, 11]);
    expect(() => copyPlainData([1, 2, 3], { root: 'state', valuesMax: 3 })).toThrow('state holds more than 3 values');
    expect(copyPlainData([1, 2], { root: 'state', valuesMax: 3 }).values).toBe(3);
    expect(() => copyPlainData(new Array(1e9), options)).toThrow('more than');
  });

  test('of something shared is two, and so is bounded', () => {
    let bomb: unknown = [1];
    for (let turn = 0; turn < 40; turn += 1) bomb = [bomb, bomb];
    expect(() => copyPlainData(bomb, options)).toThrow('state holds more than 100000 values');
  });

  test('of something nested too deep is refused, with or without an end', () => {
    let list: unknown = null;
    for (let turn = 0; turn < 100; turn += 1) list = { next: list };
    expect(() => copyPlainData(list, options)).toThrow(/next\.next is nested more than 64 deep|next is nested more than 64 deep/);
    const circle: Record<string, unknown> = {};
    circle['self'] = { circle };
    expect(() => copyPlainData(circle, options)).toThrow('state.self.circle contains itself');
  });
});

describe('what is not plain data is refused with its place', () => {
  class Point {
    x = 1;
  }
  class List extends Array {}
  test.each([
    [{ f() {} }, 'state.f is a function'],
    [[{ 'a b': () => 1 }], 'state[0]["a b"] is a function'],
    [{ s: Symbol('s') }, 'state.s is a symbol'],
    [{ at: new Date(0) }, 'state.at is a Date'],
    [{ m: new Map() }, 'state.m is a Map'],
    [{ p: new Point() }, 'state.p is an instance of a class'],
    [{ l: List.from([1]) }, 'state.l is of a class derived from Array'],
    [{ e: new TypeError('x') }, 'state.e is an Error'],
    [{ b: new ArrayBuffer(1) }, 'state.b is an ArrayBuffer'],
    [{ v: new Uint16Array(1) }, 'state.v is a view that is not a Uint8Array'],
    [{ o: Object.create(Uint8Array.prototype) }, 'state.o is an instance of a class'],
    [JSON.parse('{"__proto__": 1}'), 'state.__proto__ has a name that is not available'],
  ])('%#: %s', (value, message) => {
    expect(() => copyPlainData(value, options)).toThrow(message);
  });

  test.each([
    [Object.defineProperty({}, 'g', { get: () => 1, enumerable: true }), 'state.g is a getter or setter'],
    [Object.defineProperty({}, 'h', { value: 1 }), 'state.h is a property that is not enumerable'],
    [{ [Symbol('s')]: 1 }, 'state has a property whose name is a symbol'],
    [[1, , 3], 'state is an array with holes'],
    [Object.assign([1], { extra: 1 }), 'state is an array with other properties than its items: use an object'],
  ])('where only a thorough look finds it, %#', (value, message) => {
    expect(() => copyPlainData(value, { ...options, thorough: true })).toThrow(message);
  });

  test('and a getter is not run by the look that finds it', () => {
    let runs = 0;
    const trap = { get x() { return (runs += 1); } }; // prettier-ignore
    expect(() => copyPlainData(trap, { ...options, thorough: true })).toThrow('getter');
    expect(runs).toBe(0);
  });
});

describe('the encoding', () => {
  test('gives back every value', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(decodePlainData(encodePlainData(value))).toEqual(value);
      }),
    );
  });

  test('of equal values is equal, and of others is not', () => {
    const different = [0, -0, 1, '1', 1n, true, null, undefined, [], {}, [1], { 1: 1 }, Uint8Array.of(1), NaN, '', [[]], [undefined]];
    const texts = different.map((value) => encodePlainData(value).join());
    expect(new Set(texts).size).toBe(different.length);
    expect(encodePlainData({ a: 1, b: [2] })).toEqual(encodePlainData({ a: 1, b: [2] }));
  });

  test('of any other bytes is refused by a CodecError and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodePlainData(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(CodecError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

test('a digest depends on every byte and on their order', () => {
  const digest = (...bytes: number[]) => digestBytes(DIGEST_START, Uint8Array.of(...bytes));
  expect(new Set([digest(), digest(0), digest(1), digest(0, 0), digest(1, 2), digest(2, 1)]).size).toBe(6);
  expect(digest(0x61)).toBe(0xe40c292c); // FNV-1a of "a", from its authors' test vectors
});

test('canonical JSON sorts keys, and writes bigints in decimal and bytes in hex', () => {
  expect(canonicalJson({ b: 10n ** 20n, a: { d: Uint8Array.of(0, 255), c: [undefined, 'é'] }, left: undefined })).toBe(
    '{\n  "a": {\n    "c": [\n      null,\n      "é"\n    ],\n    "d": "00ff"\n  },\n  "b": "100000000000000000000"\n}\n',
  );
});
