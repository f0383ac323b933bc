/**
 * Builtins that charge for what they do: without them one step could fill an array of a million items. Walk two, step 3.
 * Installed before lockdown, into the realm that part and world share; while no part runs they only pass their call on.
 */
import {
  BIGINT_BITS_MAX,
  BYTES_PER_STEP,
  ITEMS_PER_STEP,
  SPREAD_ARGUMENTS_MAX,
  STEPS_PER_COLLECTION,
  STEPS_PER_ERROR,
  STRING_LENGTH_MAX,
} from './meter.ts';
import type { Meter } from './meter.ts';
import { mergeSort } from './merge-sort.ts';

type Method = (this: any, ...inputs: any[]) => any;

/** What a builtin does while a part runs: charges, refuses, or answers in its own way by `original`. */
type Metered = (meter: Meter, original: Method, self: any, inputs: any[]) => unknown;

const { apply, construct, ownKeys } = Reflect;
const TypedArray = Object.getPrototypeOf(Uint8Array) as { prototype: Uint8Array; from: unknown };
const typedArrayByteLength = Object.getOwnPropertyDescriptor(TypedArray.prototype, 'byteLength')!.get!;
const { isArray } = Array;
const { isView } = ArrayBuffer;
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size')!.get!;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size')!.get!;

/** Methods of Array.prototype and of typed arrays whose cost grows with the length. */
const arrayMethods =
  'concat copyWithin every fill filter find findIndex findLast findLastIndex flatMap forEach includes indexOf lastIndexOf map reduce ' +
  'reduceRight reverse shift slice some splice toReversed toSpliced unshift with';

/** Methods of String.prototype whose cost or result grows with the length. */
const stringMethods =
  'anchor big blink bold concat endsWith fixed fontcolor fontsize includes indexOf italics lastIndexOf link localeCompare normalize padEnd ' +
  'padStart small split startsWith strike sub sup toLocaleLowerCase toLocaleUpperCase toLowerCase toUpperCase trim trimEnd trimStart ' +
  'isWellFormed toWellFormed';

const objectFunctions = 'assign freeze getOwnPropertyNames getOwnPropertySymbols isFrozen isSealed keys preventExtensions seal values';

/** Functions of Object that make or read one more object for each property. */
const propertyFunctions = 'entries getOwnPropertyDescriptors defineProperties create';

const errorClasses = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError];

/** Replaces the builtins of this realm. Precondition: lockdown has not been called. */
export function meterBuiltins(meter: Meter): void {
  replaceFunctions(meter);
  const replace = (holder: any, names: string, metered: Metered): void => {
    for (const name of names.split(' ')) replaceOne(meter, holder, name, metered);
  };
  meterArrays(replace);
  meterStrings(replace);
  meterObjects(replace);
  meterNumbers(replace);
  guardConstructors(meter);
}

type Replace = (holder: any, names: string, metered: Metered) => void;

function replaceOne(meter: Meter, holder: any, name: string, metered: Metered): void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  // Engines differ in how new they are; what one lacks, no part can call.
  if (descriptor === undefined || typeof descriptor.value !== 'function') return;
  const original: Method = descriptor.value;
  // A concise method has no `prototype`, as builtins have none.
  const replacement = {
    [name](this: unknown, ...inputs: unknown[]): unknown {
      if (!meter.isRunning()) return apply(original, this, inputs);
      // A builtin may call the part, and that the builtin again: it fills the stack as a function does.
      meter.descend();
      try {
        return metered(meter, original, this, inputs);
      } finally {
        meter.instruments.leave();
      }
    },
  }[name]!;
  Object.defineProperty(replacement, 'length', { value: original.length });
  Object.defineProperty(holder, name, { ...descriptor, value: replacement });
}

function meterArrays(replace: Replace): void {
  replace(Array.prototype, arrayMethods, (meter, original, self, inputs) => {
    meter.charge((arrayLength(meter, self) + lengthsOf(inputs)) / ITEMS_PER_STEP);
    return apply(original, self, inputs);
  });
  replace(Array.prototype, 'flat', (meter, original, self, inputs) => {
    arrayLength(meter, self);
    if (inputs[0] !== undefined && inputs[0] !== 1) meter.refuse('It flattened an array by more than one level: call flat() for each');
    for (const item of self) meter.charge(1 + (isArray(item) ? item.length / ITEMS_PER_STEP : 0));
    return apply(original, self, []);
  });
  replace(Array.prototype, 'sort toSorted', (meter, original, self, [compare]) => {
    // The engine's own order of comparisons is not the same everywhere, and so would the steps of a comparison function not be.
    const sorted = mergeSort([...arrayItems(meter, self)], compare, () => meter.charge(1));
    if (original.name === 'toSorted') return sorted;
    for (let index = 0; index < sorted.length; index += 1) self[index] = sorted[index];
    return self;
  });
  replace(Array.prototype, 'join', (meter, _, self, [separator]) => joined(meter, arrayItems(meter, self), separator));
  replace(TypedArray.prototype, 'join', (meter, _, self, [separator]) => joined(meter, arrayItems(meter, self), separator));
  replace(Array.prototype, 'toLocaleString', (meter, _, self) => joined(meter, arrayItems(meter, self), ','));
  replace(TypedArray.prototype, 'toLocaleString', (meter, _, self) => joined(meter, arrayItems(meter, self), ','));
  replace(TypedArray.prototype, `${arrayMethods} sort toSorted set`, (meter, original, self, inputs) => {
    meter.charge((apply(typedArrayByteLength, self, []) as number) / BYTES_PER_STEP + arraysOnly(meter, inputs) / ITEMS_PER_STEP);
    return apply(original, self, inputs);
  });
  replace(Array, 'from', (meter, original, self, [source, ...rest]) => apply(original, self, [itemsOf(meter, source), ...rest]));
  replace(TypedArray, 'from', (meter, original, self, [source, ...rest]) => apply(original, self, [itemsOf(meter, source), ...rest]));
  replace(ArrayBuffer.prototype, 'slice', (meter, original, self, inputs) => {
    meter.charge(self.byteLength / BYTES_PER_STEP);
    return apply(original, self, inputs);
  });
  replace(ArrayBuffer.prototype, 'resize transfer transferToFixedLength', (meter) => meter.refuse('It resized a buffer: make a new Uint8Array'));
  // Replaced for the depth alone: a resumed generator is a call like any other.
  replace(Object.getPrototypeOf(Object.getPrototypeOf((function* () {})())), 'next return throw', (_, original, self, inputs) => apply(original, self, inputs));
}

function meterStrings(replace: Replace): void {
  replace(String.prototype, stringMethods, (meter, original, self, inputs) => {
    const text = String(self);
    // Only padding makes more of less; the rest is bounded by what goes in.
    if ((original.name === 'padStart' || original.name === 'padEnd') && Number(inputs[0]) > STRING_LENGTH_MAX) tooLong(meter);
    meter.charge((text.length + lengthsOf(inputs)) / BYTES_PER_STEP);
    const result = apply(original, text, inputs);
    if (isArray(result)) meter.charge(result.length / ITEMS_PER_STEP);
    meter.checkGrown(result);
    return result;
  });
  replace(String.prototype, 'repeat', (meter, original, self, [count]) => {
    const text = String(self);
    const times = Number(count);
    if (text.length * times > STRING_LENGTH_MAX) tooLong(meter);
    meter.charge((text.length * times) / BYTES_PER_STEP);
    return apply(original, text, [times]);
  });
  replace(String.prototype, 'replace replaceAll', (meter, original, self, [pattern, replacement]) => {
    const text = String(self);
    const sought = String(pattern);
    if (typeof replacement === 'function') meter.refuse('It called replace with a function: use indexOf and slice');
    const inserted = String(replacement);
    if (inserted.includes('$')) meter.refuse('It called replace with a text that holds $: use indexOf and slice');
    const places = sought === '' ? text.length + 1 : Math.floor(text.length / sought.length);
    if (text.length + (original.name === 'replaceAll' ? places : 1) * inserted.length > STRING_LENGTH_MAX) tooLong(meter);
    meter.charge((text.length + sought.length) / BYTES_PER_STEP);
    return apply(original, text, [sought, inserted]);
  });
  replace(String.prototype, 'match matchAll search', (meter, original) =>
    meter.refuse(`It called ${original.name}, which takes a regular expression: use indexOf, includes or startsWith`),
  );
  replace(String, 'raw', (meter) => meter.refuse('It called String.raw: use a template literal'));
  replace(Error.prototype, 'toString', (meter, original, self) => {
    const text = apply(original, self, []);
    meter.checkGrown(text);
    return text;
  });
}

function meterObjects(replace: Replace): void {
  replace(Object, objectFunctions, (meter, original, self, inputs) => {
    for (const input of inputs) meter.charge(sizeOf(input) / ITEMS_PER_STEP);
    return apply(original, self, inputs);
  });
  replace(Object, propertyFunctions, (meter, original, self, inputs) => {
    for (const input of inputs) meter.charge(sizeOf(input));
    return apply(original, self, inputs);
  });
  replace(Object, 'fromEntries groupBy', (meter, original, self, [items, ...rest]) => apply(original, self, [itemsOf(meter, items), ...rest]));
  replace(Object, 'setPrototypeOf', (meter) => meter.refuse('It changed the prototype of an object: use plain objects'));
  replace(Object.prototype, '__defineGetter__ __defineSetter__', (meter) => meter.refuse('It defined a getter or setter: store the value itself'));
  replace(Object, 'defineProperty', (meter, original, self, inputs) => {
    if (isArray(inputs[0]) && inputs[1] === 'length') meter.refuse('It defined the length of an array');
    return apply(original, self, inputs);
  });
  replace(Map.prototype, 'forEach', (meter, original, self, inputs) => {
    meter.charge(apply(mapSize, self, []) as number);
    return apply(original, self, inputs);
  });
  replace(Map, 'groupBy', (meter, original, self, [items, by]) => apply(original, self, [itemsOf(meter, items), by]));
  replace(Set.prototype, 'difference forEach intersection isDisjointFrom isSubsetOf isSupersetOf symmetricDifference union', (meter, original, self, inputs) => {
    meter.charge((apply(setSize, self, []) as number) + (inputs[0] instanceof Set ? (apply(setSize, inputs[0], []) as number) : 0));
    return apply(original, self, inputs);
  });
  replace(JSON, 'stringify', (meter, original, self, [value, ...rest]) => {
    meter.charge(countForJson(meter, value, 0));
    const text = apply(original, self, [value, ...rest]);
    meter.checkGrown(text);
    return text;
  });
  replace(JSON, 'parse', (meter, original, self, [text, ...rest]) => {
    const source = String(text);
    meter.charge(source.length / ITEMS_PER_STEP);
    return apply(original, self, [source, ...rest]);
  });
  replace(Function.prototype, 'apply', (meter, original, self, [receiver, inputs]) => {
    const given = inputs === undefined || inputs === null ? [] : arrayItems(meter, inputs);
    if (given.length > SPREAD_ARGUMENTS_MAX) meter.refuse(`It passed more than ${SPREAD_ARGUMENTS_MAX} values to one call: use a loop`);
    return apply(original, self, [receiver, given]);
  });
  replace(Function.prototype, 'bind', (meter, original, self, inputs) => {
    if (typeof self === 'function' && String(self.name).startsWith('bound ')) meter.refuse('It bound a function twice: write an arrow function');
    return apply(original, self, inputs);
  });
}

function meterNumbers(replace: Replace): void {
  replace(BigInt, 'asIntN asUintN', (meter, original, self, inputs) => {
    if (Number(inputs[0]) > BIGINT_BITS_MAX) meter.refuse(`It asked for a bigint of more than ${BIGINT_BITS_MAX} bits`);
    return apply(original, self, [Number(inputs[0]), inputs[1]]);
  });
  replace(BigInt.prototype, 'toString toLocaleString', (meter, original, self, inputs) => {
    meter.charge(BIGINT_BITS_MAX / BYTES_PER_STEP);
    return apply(original, self, inputs);
  });
}

/**
 * Array and BigInt can be called without `new`, from wherever they are found: the realm gets others in their place.
 * `species` is undefined so that the engine makes the results of `map` and `slice` itself, and nobody finds the original.
 */
function replaceFunctions(meter: Meter): void {
  const originalArray = Array;
  replaceGlobal('Array', originalArray, function array(this: unknown, ...inputs: any[]): unknown[] {
    if (inputs.length === 1 && typeof inputs[0] === 'number') meter.charge(inputs[0] / ITEMS_PER_STEP);
    return new.target === undefined || new.target === (globalThis as any).Array
      ? construct(originalArray, inputs)
      : construct(originalArray, inputs, new.target);
  });
  Object.defineProperty(Array, Symbol.species, { get: () => undefined, configurable: true });
  for (const name of ['from', 'of', 'fromAsync']) {
    const statics = Array as unknown as Record<string, Method>;
    const original = statics[name];
    if (original === undefined) continue;
    const replacement = { [name](this: unknown, ...inputs: unknown[]): unknown {
      return apply(original, this === Array ? originalArray : this, inputs);
    } }[name]!; // prettier-ignore
    Object.defineProperty(replacement, 'length', { value: original.length });
    Object.defineProperty(Array, name, { value: replacement, writable: true, configurable: true });
  }
  const originalBigInt = BigInt;
  replaceGlobal('BigInt', originalBigInt, function bigInt(value: any): bigint {
    if (new.target !== undefined) throw new TypeError('BigInt is not a constructor');
    if (meter.isRunning() && typeof value === 'string' && value.length > BIGINT_BITS_MAX) meter.refuse(`It made a bigint of more than ${BIGINT_BITS_MAX} bits`);
    const result = originalBigInt(value);
    if (meter.isRunning()) meter.checkGrown(result);
    return result;
  });
}

/** Puts a function in the place of a global one, with everything that hangs on it. */
function replaceGlobal(name: string, original: any, replacement: any): void {
  Object.defineProperties(replacement, {
    ...Object.getOwnPropertyDescriptors(original),
    prototype: { value: original.prototype, writable: false },
  });
  Object.defineProperty(original.prototype, 'constructor', { value: replacement, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(globalThis, name, { value: replacement, writable: true, enumerable: false, configurable: true });
}

/** Stand-ins for constructors that take memory, and the classes nothing may be derived from. */
function guardConstructors(meter: Meter): void {
  const standIns = new Map<unknown, unknown>();
  const closed = new Set<unknown>([Array, ArrayBuffer, DataView, Map, Set, WeakMap, WeakSet, Promise, Function, String, Object, Number, Boolean]);
  const standIn = (original: any, prepare: (inputs: any[]) => any[]): void => {
    const replacement = function (...inputs: any[]): object {
      meter.charge(STEPS_PER_COLLECTION);
      return construct(original, prepare(inputs));
    };
    standIns.set(original, replacement);
  };
  for (const original of typedArrayClasses()) {
    closed.add(original);
    standIn(original, (inputs) => typedArrayInputs(meter, original, inputs));
  }
  standIn(ArrayBuffer, ([length]) => {
    meter.charge(Number(length) / BYTES_PER_STEP);
    return [Number(length)];
  });
  for (const original of [Map, Set, WeakMap, WeakSet]) {
    standIn(original, ([items]) => (items === undefined || items === null ? [] : [itemsOf(meter, items)]));
  }
  for (const original of errorClasses) {
    standIn(original, (inputs) => {
      meter.charge(STEPS_PER_ERROR);
      return inputs;
    });
  }
  meter.guard(standIns, closed);
}

function typedArrayClasses(): any[] {
  const classes: any[] = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array];
  classes.push(Float32Array, Float64Array, BigInt64Array, BigUint64Array);
  const half = (globalThis as Record<string, unknown>)['Float16Array'];
  return half === undefined ? classes : [...classes, half];
}

function typedArrayInputs(meter: Meter, original: any, inputs: any[]): any[] {
  const [source, ...rest] = inputs;
  if (typeof source === 'object' && source !== null) {
    if (source instanceof ArrayBuffer) return inputs;
    if (isView(source)) {
      meter.charge(source.byteLength / BYTES_PER_STEP);
      return inputs;
    }
    return [itemsOf(meter, source)];
  }
  const length = Number(source ?? 0);
  meter.charge((length * original.BYTES_PER_ELEMENT) / BYTES_PER_STEP);
  return [length, ...rest];
}

/** `join`, piece by piece, so that it ends where the text is too long. */
function joined(meter: Meter, items: ArrayLike<unknown>, separator: unknown): string {
  const between = separator === undefined ? ',' : String(separator);
  let text = '';
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    text += `${index === 0 ? '' : between}${item === undefined || item === null ? '' : String(item)}`;
    if (text.length > STRING_LENGTH_MAX) tooLong(meter);
  }
  meter.charge(text.length / BYTES_PER_STEP);
  return text;
}

function tooLong(meter: Meter): never {
  return meter.refuse(`It made a string longer than ${STRING_LENGTH_MAX} characters: keep bytes in a Uint8Array`);
}

/** Length of a true array: what only looks like one may say another length each time it is asked. */
function arrayLength(meter: Meter, value: any): number {
  if (!isArray(value)) return meter.refuse('It called an array method on something that is no array');
  return value.length;
}

/** The items of an array or typed array, charged for. */
function arrayItems(meter: Meter, value: any): any {
  if (isArray(value) || (isView(value) && !(value instanceof DataView))) {
    meter.charge((value as unknown as ArrayLike<unknown>).length / ITEMS_PER_STEP);
    return value;
  }
  return meter.refuse('It passed something that is no array where an array is needed');
}

/** An iterable, or something with a length, as an array: a step an item, each read once. */
function itemsOf(meter: Meter, source: any): unknown[] {
  if (source === undefined || source === null) throw new TypeError('undefined and null hold no items');
  if (isArray(source)) meter.charge(source.length / ITEMS_PER_STEP);
  else if (source[Symbol.iterator] === undefined) return indexedItems(meter, source);
  const items: unknown[] = [];
  for (const item of source) {
    meter.charge(isArray(source) ? 0 : 1);
    items.push(item);
  }
  return items;
}

/** `{ length: 3 }` as an array: what `Array.from({ length: 3 }, …)` is written for. */
function indexedItems(meter: Meter, source: any): unknown[] {
  const length = Math.max(0, Math.floor(Number(source.length ?? 0)) || 0);
  meter.charge(length / ITEMS_PER_STEP);
  const items: unknown[] = [];
  for (let index = 0; index < length; index += 1) items.push(source[index]);
  return items;
}

/** How long the arrays, typed arrays and strings among arguments are together. A loop, for `reduce` is metered itself. */
function lengthsOf(inputs: any[]): number {
  let sum = 0;
  for (const input of inputs) {
    if (isArray(input) || isView(input) || typeof input === 'string') sum += (input as unknown as ArrayLike<unknown>).length;
  }
  return sum;
}

/** The length of all arrays among arguments; refuses other objects that say they have a length. */
function arraysOnly(meter: Meter, inputs: any[]): number {
  for (const input of inputs) {
    if (typeof input === 'object' && input !== null && !isArray(input) && !isView(input)) {
      meter.refuse('It passed something that is no array where an array is needed');
    }
  }
  return lengthsOf(inputs);
}

function sizeOf(value: any): number {
  if (typeof value === 'string' || isArray(value)) return value.length;
  return (typeof value === 'object' && value !== null) || typeof value === 'function' ? ownKeys(value).length : 0;
}

/** Values that JSON.stringify will visit. It runs no code of the part's, so that it counts what is there. */
function countForJson(meter: Meter, value: any, nesting: number): number {
  if (typeof value === 'string') return 1 + value.length / BYTES_PER_STEP;
  if (typeof value !== 'object' || value === null) return 1;
  if (nesting > 64) meter.refuse('It gave JSON.stringify objects nested more than 64 deep');
  let count = 1;
  for (const key of ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)!;
    if (!('value' in descriptor)) meter.refuse('It gave JSON.stringify an object with a getter: store the value itself');
    const size = countForJson(meter, descriptor.value, nesting + 1);
    meter.charge(size / ITEMS_PER_STEP);
    count += 1;
  }
  if (typeof value.toJSON === 'function') meter.refuse('It gave JSON.stringify an object with a method toJSON: store the value itself');
  return count;
}
