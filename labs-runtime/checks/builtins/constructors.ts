/**
 * Constructors that take memory: those that can be called are replaced in the realm, the others are stood in for where a part writes
 * `new`. Part of the metered builtins (walk two, step 3).
 */
import { checkGrown } from '../instruments.ts';
import type { ConstructorGuard } from '../instruments.ts';
import { BIGINT_BITS_MAX, BYTES_PER_STEP, ITEMS_PER_STEP, STEPS_PER_COLLECTION, STEPS_PER_ERROR } from '../meter.ts';
import type { Meter } from '../meter.ts';
import { itemsOf } from './metering.ts';
import type { Anything, Method } from './metering.ts';

const { apply, construct } = Reflect;
const { isView } = ArrayBuffer;

const errorClasses = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError];
const otherClasses = [DataView, Promise, Function, String, Object, Number, Boolean];

/**
 * Puts another Array in the place of the realm's: it can be called without `new`, from wherever it is found.
 * `species` is undefined so that the engine makes the results of `map` and `slice` itself, and nobody finds the original.
 */
export function replaceArray(meter: Meter): void {
  const original = Array;
  function metered(this: unknown, ...inputs: Anything[]): unknown[] {
    if (inputs.length === 1 && typeof inputs[0] === 'number') meter.charge(inputs[0] / ITEMS_PER_STEP);
    const isOwn = new.target === undefined || new.target === metered;
    return construct(original, inputs, isOwn ? original : new.target);
  }
  replaceGlobal('Array', original, metered);
  Object.defineProperty(Array, Symbol.species, { get: () => undefined, configurable: true });
  for (const name of ['from', 'of', 'fromAsync']) {
    const found = Object.getOwnPropertyDescriptor(original, name)?.value as Method | undefined;
    if (found === undefined) continue;
    // Called on the original, for engines are fast with that one only.
    const onOriginal = {
      [name](this: unknown, ...inputs: unknown[]): unknown {
        return apply(found, this === metered ? original : this, inputs);
      },
    }[name]!;
    Object.defineProperty(onOriginal, 'length', { value: found.length });
    Object.defineProperty(metered, name, { value: onOriginal, writable: true, configurable: true });
  }
}

/** Puts another BigInt in the place of the realm's: it bounds what it makes of text. */
export function replaceBigInt(meter: Meter): void {
  const original = BigInt;
  replaceGlobal('BigInt', original, function metered(value: Anything): bigint {
    if (new.target !== undefined) throw new TypeError('BigInt is not a constructor');
    if (!meter.running) return original(value);
    if (typeof value === 'string' && value.length > BIGINT_BITS_MAX) meter.refuse(`It made a bigint of more than ${BIGINT_BITS_MAX} bits`);
    const result = original(value);
    checkGrown(meter, result);
    return result;
  });
}

/** Puts a function in the place of a global one, with everything that hangs on it. */
function replaceGlobal(name: string, original: Anything, replacement: Anything): void {
  Object.defineProperties(replacement, {
    ...Object.getOwnPropertyDescriptors(original),
    prototype: { value: original.prototype, writable: false },
  });
  const hidden = { value: replacement, writable: true, enumerable: false, configurable: true };
  Object.defineProperty(original.prototype, 'constructor', hidden);
  Object.defineProperty(globalThis, name, hidden);
}

/** Stand-ins for what takes memory by `new`, and the classes nothing may be derived from, for `super` has no stand-in. */
export function guardConstructors(meter: Meter): ConstructorGuard {
  const standIns = new Map<unknown, unknown>();
  const collections = [Map, Set, WeakMap, WeakSet];
  const buffers = [...typedArrayClasses(), ArrayBuffer];
  const standIn = (original: Anything, prepare: (inputs: Anything[]) => Anything[]): void => {
    standIns.set(original, function (...inputs: Anything[]): object {
      meter.charge(STEPS_PER_COLLECTION);
      return construct(original, prepare(inputs));
    });
  };
  for (const original of typedArrayClasses()) standIn(original, (inputs) => typedArrayInputs(meter, original, inputs));
  standIn(ArrayBuffer, ([length]) => {
    meter.charge(Number(length) / BYTES_PER_STEP);
    return [Number(length)];
  });
  for (const original of collections) {
    standIn(original, ([items]) => (items === undefined || items === null ? [] : [itemsOf(meter, items)]));
  }
  for (const original of errorClasses) {
    standIn(original, (inputs) => {
      meter.charge(STEPS_PER_ERROR);
      return inputs;
    });
  }
  return { standIns, closed: new Set<unknown>([Array, ...buffers, ...collections, ...otherClasses]) };
}

/** Those that a part can have; SES leaves it none with floating-point items. */
function typedArrayClasses(): Anything[] {
  const classes: Anything[] = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array];
  return [...classes, BigInt64Array, BigUint64Array];
}

function typedArrayInputs(meter: Meter, original: Anything, inputs: Anything[]): Anything[] {
  const [source, ...rest] = inputs;
  if (typeof source === 'object' && source !== null) {
    if (source instanceof ArrayBuffer) return inputs;
    if (!isView(source)) return [itemsOf(meter, source)];
    meter.charge(source.byteLength / BYTES_PER_STEP);
    return inputs;
  }
  const length = Number(source ?? 0);
  meter.charge((length * original.BYTES_PER_ELEMENT) / BYTES_PER_STEP);
  return [length, ...rest];
}
