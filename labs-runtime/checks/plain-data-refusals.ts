/**
 * Why a value is not plain data, where in it, and what to use instead. Part of the boundary (walk two, step 3): asked when a copy has
 * failed, and now and then of a value that could be copied, for a copy drops what it cannot see. Runs nothing of the part's.
 */

/** How deep objects and arrays may be nested in each other. */
export const NESTING_MAX = 64;

/** Characters of a property's name, and of a whole path, that are shown: a transcript holds no longer text. */
const NAME_LENGTH_MAX = 100;
const PATH_LENGTH_MAX = 1000;

/** A value that is not plain data: says where it was found and what it is. The text is ours, but for property names. */
export class PlainDataError extends Error {
  constructor(explanation: string) {
    super(explanation);
    this.name = 'PlainDataError';
  }
}

const { apply, getPrototypeOf, ownKeys, getOwnPropertyDescriptor } = Reflect;
const typedArrayTag = Object.getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype)!, Symbol.toStringTag)!.get!;

/** True for a Uint8Array itself, of no derived class; asks the engine, not the object. */
export function isBytes(value: object): value is Uint8Array {
  return getPrototypeOf(value) === Uint8Array.prototype && apply(typedArrayTag, value, []) === 'Uint8Array';
}

/** Throws a `PlainDataError` for the first thing in a value that is not plain data. `root` is what the value is called. */
export function refuseUnlessPlain(value: unknown, root: string): void {
  new Inspector(root).inspect(value);
}

class Inspector {
  private readonly root: string;
  /** The properties on the way from the root to the value at hand, and the objects they are of. */
  private readonly path: (string | number)[] = [];
  private readonly parents: object[] = [];
  /** What has been looked at: an object that many others share would be walked through once for each way to it. */
  private readonly done = new Set<object>();

  constructor(root: string) {
    this.root = root;
  }

  inspect(value: unknown): void {
    if (typeof value === 'function') this.refuse('is a function: keep plain data there, and functions beside `step`');
    if (typeof value === 'symbol') this.refuse('is a symbol: use a string');
    if (typeof value !== 'object' || value === null || isBytes(value)) return;
    if (this.done.has(value)) return;
    if (this.parents.includes(value)) this.refuse('contains itself: use numbers or names to refer to other objects');
    if (this.parents.length >= NESTING_MAX) this.refuse(`is nested more than ${NESTING_MAX} deep: use an array, not a linked list`);
    this.parents.push(value);
    if (Array.isArray(value)) this.inspectArray(value);
    else this.inspectRecord(value);
    this.parents.pop();
    this.done.add(value);
  }

  private inspectArray(value: unknown[]): void {
    if (getPrototypeOf(value) !== Array.prototype) this.refuse('is of a class derived from Array: use a plain array');
    const names = ownKeys(value);
    // An array of this many names besides `length` has no holes and nothing else of its own.
    if (names.length < value.length + 1) this.refuse('is an array with holes in it: use `push`, or an object with numbers as its keys');
    if (names.length > value.length + 1) this.refuse('is an array with other properties than its items: use an object');
    for (let index = 0; index < value.length; index += 1) this.inspectProperty(value, index);
  }

  private inspectRecord(value: object): void {
    const prototype = getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) this.refuse(describeExotic(value));
    for (const key of ownKeys(value)) {
      if (typeof key === 'symbol') return this.refuse('has a property whose name is a symbol: use a string');
      this.inspectProperty(value, key);
    }
  }

  private inspectProperty(value: object, key: string | number): void {
    this.path.push(key);
    const descriptor = getOwnPropertyDescriptor(value, key);
    if (descriptor === undefined || !('value' in descriptor)) return this.refuse('is a getter or setter: store the value itself');
    if (!descriptor.enumerable) this.refuse('is a property that is not enumerable: assign it');
    if (key === '__proto__') this.refuse('has a name that is not available: use another');
    this.inspect(descriptor.value);
    this.path.pop();
  }

  private refuse(explanation: string): never {
    throw new PlainDataError(`${pathText(this.root, this.path)} ${explanation}`);
  }
}

/** What an object is that is neither a plain object nor an array, and what to write instead. */
function describeExotic(value: object): string {
  const prototype = getPrototypeOf(value);
  if (prototype === Map.prototype) return 'is a Map: use a plain object, or an array of pairs';
  if (prototype === Set.prototype) return 'is a Set: use an array';
  if (prototype === Date.prototype) return 'is a Date: use a number of milliseconds';
  if (prototype === ArrayBuffer.prototype) return 'is an ArrayBuffer: use a Uint8Array';
  if (ArrayBuffer.isView(value)) return 'is a view that is not a Uint8Array: use a Uint8Array or an array of numbers';
  if (Error.prototype.isPrototypeOf(value)) return 'is an Error: use a string';
  return 'is an instance of a class: use a plain object, and functions that take it';
}

/** `effects`, 2, `bytes` as `effects[2].bytes`. */
function pathText(root: string, path: (string | number)[]): string {
  let text = root;
  for (const key of path) {
    const name = typeof key === 'number' ? '' : key.slice(0, NAME_LENGTH_MAX);
    if (typeof key === 'number') text += `[${key}]`;
    else text += /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  }
  return text.length <= PATH_LENGTH_MAX ? text : `${text.slice(0, PATH_LENGTH_MAX)}…`;
}
