/**
 * Plain data at the boundary between a part and its world: the copy that makes it true. Walk two, step 3.
 * Whatever a part returns is read once into fresh objects, so that what the checks see can neither change later nor answer twice in two
 * ways. This runs at every step of a part, so it is written for speed; what to say about other values is in plain-data-refusals.ts.
 */
import { NESTING_MAX, PlainDataError, isBytes, refuseUnlessPlain } from './plain-data-refusals.ts';

/** Bytes of a Uint8Array, or characters of a string, that count as one value. */
export const BYTES_PER_VALUE = 64;

/** What one copy produced. */
export interface PlainCopy {
  value: unknown;
  /** Values taken of the limit. */
  values: number;
  /** Size by the rule of `plainDataBytes`. */
  bytes: number;
}

export interface CopyOptions {
  /** What the value is called in messages, e.g. `effects`. */
  root: string;
  /** The most values it may hold. */
  valuesMax: number;
  /** Look at every property for what a copy would silently drop, such as names that are symbols. Slower by far. */
  thorough?: boolean;
}

/** Thrown inside a copy, where the value is not plain; `refuseUnlessPlain` then finds the words. */
const notPlain = new Error('not plain data');

const { getPrototypeOf } = Reflect;
const { isArray } = Array;

let valuesLeft = 0;
let bytes = 0;

/**
 * Copies plain data. Refuses everything else with a `PlainDataError` that says where it is and what to use instead. A getter of a part
 * cannot run here: its first step fails, for no part is running.
 */
export function copyPlainData(value: unknown, { root, valuesMax, thorough = false }: CopyOptions): PlainCopy {
  if (thorough) refuseUnlessPlain(value, root);
  valuesLeft = valuesMax;
  bytes = 0;
  try {
    const copy = copyValue(value, 0);
    return { value: copy, values: valuesMax - valuesLeft, bytes };
  } catch {
    if (valuesLeft < 0) throw tooMany(root, valuesMax);
    refuseUnlessPlain(value, root);
    throw new PlainDataError(`${root} is not plain data`);
  }
}

/** A copy of what is plain already, such as a copy. */
export function copyOf<Value>(value: Value): Value {
  return copyPlainData(value, { root: 'value', valuesMax: Number.MAX_SAFE_INTEGER }).value as Value;
}

function copyValue(value: unknown, nesting: number): unknown {
  take(1);
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      bytes += 8;
      return value;
    case 'string':
      take(Math.floor(value.length / BYTES_PER_VALUE));
      bytes += 2 * value.length;
      return value;
    case 'bigint':
      bytes += 16;
      return value;
    case 'object':
      if (value === null) {
        bytes += 8;
        return null;
      }
      return copyObject(value, nesting);
    default:
      throw notPlain;
  }
}

function copyObject(value: object, nesting: number): unknown {
  if (nesting >= NESTING_MAX) throw notPlain;
  bytes += 16;
  const prototype = getPrototypeOf(value);
  if (isArray(value)) {
    if (prototype !== Array.prototype) throw notPlain;
    return copyArray(value, nesting);
  }
  if (prototype === Object.prototype || prototype === null) return copyRecord(value as Record<string, unknown>, nesting);
  if (!isBytes(value)) throw notPlain;
  const copy = new Uint8Array(value);
  take(Math.floor(copy.length / BYTES_PER_VALUE));
  bytes += copy.length;
  return copy;
}

function copyArray(value: unknown[], nesting: number): unknown[] {
  const { length } = value;
  // Before the walk: an array can be long without holding anything.
  if (length > valuesLeft) take(length);
  const copy: unknown[] = [];
  for (let index = 0; index < length; index += 1) copy.push(copyValue(value[index], nesting + 1));
  return copy;
}

function copyRecord(value: Record<string, unknown>, nesting: number): object {
  const copy: Record<string, unknown> = {};
  // Engines go through names faster this way than through a list of them; what is inherited has none to go through.
  for (const key in value) {
    if (key === '__proto__') throw notPlain;
    bytes += 2 * key.length;
    copy[key] = copyValue(value[key], nesting + 1);
  }
  return copy;
}

function take(values: number): void {
  valuesLeft -= values;
  if (valuesLeft < 0) throw notPlain;
}

function tooMany(root: string, valuesMax: number): PlainDataError {
  return new PlainDataError(
    `${root} holds more than ${valuesMax} values: drop what is no longer needed (a number, string, object or array item is one value)`,
  );
}
