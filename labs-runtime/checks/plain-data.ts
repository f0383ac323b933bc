/**
 * Plain data at the boundary between a part and its world: what may cross, and the copy that makes it true.
 * Walk two, step 3: whatever a part returns is read once, property by property, into fresh objects, so that what the checks see
 * can neither change later nor answer twice in two ways.
 */

/** How deep objects and arrays may be nested in each other. */
export const NESTING_MAX = 64;

/** Bytes of a Uint8Array, or characters of a string, that count as one value. */
export const BYTES_PER_VALUE = 64;

/** A value that is not plain data: says where it was found and what it is. The text is ours, but for property names. */
export class PlainDataError extends Error {
  constructor(explanation: string) {
    super(explanation);
    this.name = 'PlainDataError';
  }
}

/** What one copy produced: the copy itself, and how many values it took of the limit. */
export interface PlainCopy {
  value: unknown;
  values: number;
}

const typedArrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!;
const typedArrayLength = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')!.get!;
const setBytes = Uint8Array.prototype.set;
const { apply, getPrototypeOf, ownKeys, getOwnPropertyDescriptor } = Reflect;
const { isArray } = Array;

/**
 * Copies plain data by its own data properties. Refuses everything else with a `PlainDataError`.
 * @param root what the value is called in messages, e.g. `effects`
 * @param valuesMax the most values it may hold
 */
export function copyPlainData(value: unknown, root: string, valuesMax: number): PlainCopy {
  const copier = new Copier(root, valuesMax);
  return { value: copier.copy(value), values: copier.values };
}

class Copier {
  values = 0;
  private readonly root: string;
  private readonly valuesMax: number;
  /** The properties on the way from the root to the value at hand; also bounds the nesting, so that a cycle ends. */
  private readonly path: (string | number)[] = [];
  private readonly parents: object[] = [];

  constructor(root: string, valuesMax: number) {
    this.root = root;
    this.valuesMax = valuesMax;
  }

  copy(value: unknown): unknown {
    this.count(1);
    switch (typeof value) {
      case 'number':
      case 'boolean':
      case 'undefined':
        return value;
      case 'string':
        this.count(Math.floor(value.length / BYTES_PER_VALUE));
        return value;
      case 'bigint':
        return value;
      case 'object':
        return value === null ? null : this.copyObject(value);
      case 'function':
        return this.refuse('is a function: keep plain data in it, and functions beside `step`');
      default:
        return this.refuse('is a symbol: use a string');
    }
  }

  private copyObject(value: object): unknown {
    if (this.parents.includes(value)) this.refuse('contains itself: use numbers or names to refer to other objects');
    if (this.parents.length >= NESTING_MAX) this.refuse(`is nested more than ${NESTING_MAX} deep: use an array, not a linked list`);
    if (isBytes(value)) return this.copyBytes(value);
    this.parents.push(value);
    const copy = isArray(value) ? this.copyArray(value) : this.copyRecord(value);
    this.parents.pop();
    return copy;
  }

  private copyBytes(value: Uint8Array): Uint8Array {
    const length = apply(typedArrayLength, value, []) as number;
    this.count(Math.floor(length / BYTES_PER_VALUE));
    const copy = new Uint8Array(length);
    apply(setBytes, copy, [value]);
    return copy;
  }

  private copyArray(value: unknown[]): unknown[] {
    if (getPrototypeOf(value) !== Array.prototype) this.refuse('is of a class derived from Array: use a plain array');
    const length = value.length;
    // Counted before the walk: an array can be long without holding anything.
    this.count(length);
    const copy: unknown[] = [];
    for (let index = 0; index < length; index += 1) {
      this.path.push(index);
      copy.push(this.copy(this.read(value, index)));
      this.values -= 1;
      this.path.pop();
    }
    if (ownKeys(value).length !== length + 1) this.refuse('is an array with properties of its own besides its items: use an object');
    return copy;
  }

  private copyRecord(value: object): object {
    const prototype = getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) this.refuse(describeExotic(value));
    const copy: Record<string, unknown> = {};
    for (const key of ownKeys(value)) {
      if (typeof key === 'symbol') return this.refuse('has a property whose name is a symbol: use a string');
      this.path.push(key);
      if (key === '__proto__') this.refuse('has a name that is not available: use another');
      copy[key] = this.copy(this.read(value, key));
      this.path.pop();
    }
    return copy;
  }

  /** Reads an own data property without running anything of the part's. */
  private read(value: object, key: string | number): unknown {
    const descriptor = getOwnPropertyDescriptor(value, key);
    if (descriptor === undefined) return this.refuse('is a hole in an array: give every item a value');
    if (!('value' in descriptor)) this.refuse('is a getter or setter: store the value itself');
    return descriptor.value;
  }

  private count(values: number): void {
    this.values += values;
    if (this.values > this.valuesMax) {
      throw new PlainDataError(
        `${this.root} holds more than ${this.valuesMax} values: drop what is no longer needed (each number, string, object and array item is one value)`,
      );
    }
  }

  private refuse(explanation: string): never {
    throw new PlainDataError(`${pathText(this.root, this.path)} ${explanation}`);
  }
}

/** True for a Uint8Array itself, of no derived class; asks the engine, not the object. */
function isBytes(value: object): value is Uint8Array {
  return getPrototypeOf(value) === Uint8Array.prototype && apply(typedArrayTag, value, []) === 'Uint8Array';
}

/** What an object is that is neither a plain object nor an array, and what to write instead. */
function describeExotic(value: object): string {
  const prototype = getPrototypeOf(value);
  if (prototype === Map.prototype) return 'is a Map: use a plain object, or an array of pairs';
  if (prototype === Set.prototype) return 'is a Set: use an array';
  if (prototype === Date.prototype) return 'is a Date: use a number of milliseconds';
  if (prototype === Promise.prototype) return 'is a Promise: a step returns at once, without await';
  if (prototype === ArrayBuffer.prototype) return 'is an ArrayBuffer: use a Uint8Array';
  if (ArrayBuffer.isView(value)) return 'is a view that is not a Uint8Array: use a Uint8Array or an array of numbers';
  if (Error.prototype.isPrototypeOf(value)) return 'is an Error: use a string';
  return 'is an instance of a class: use a plain object, and functions that take it';
}

/** `effects`, 2, `bytes` as `effects[2].bytes`. */
function pathText(root: string, path: (string | number)[]): string {
  let text = root;
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  }
  return text;
}
