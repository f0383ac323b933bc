/**
 * What the metered builtins share: how one is replaced, and how large what it is given is. Walk two, step 3.
 * Nothing here may call a method that is metered itself in a way that comes back here: loops stand where `reduce` would.
 */
import { ITEMS_PER_STEP, STRING_LENGTH_MAX } from '../meter.ts';
import type { Meter } from '../meter.ts';

/** A builtin takes and returns anything; what it makes of it is its own to check. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Anything = any;

export type Method = (this: Anything, ...inputs: Anything[]) => Anything;

/** What a builtin does while a part runs: charges, refuses, or answers in its own way by `original`. */
export type Metered = (meter: Meter, original: Method, self: Anything, inputs: Anything[]) => unknown;

/** Replaces functions of a holder; `names` are separated by spaces. */
export type Replace = (holder: Anything, names: string, metered: Metered) => void;

const { apply } = Reflect;
const { isArray } = Array;
const { hasOwn } = Object;
const { isView } = ArrayBuffer;

/** Returns what replaces builtins by metered ones. */
export function replacer(meter: Meter): Replace {
  return (holder, names, metered) => {
    for (const name of names.split(' ')) replaceOne(meter, holder, name, metered);
  };
}

function replaceOne(meter: Meter, holder: Anything, name: string, metered: Metered): void {
  const descriptor = Object.getOwnPropertyDescriptor(holder, name);
  // Engines differ in how new they are; what one lacks, no part can call.
  if (descriptor === undefined || typeof descriptor.value !== 'function') return;
  const original: Method = descriptor.value;
  // A builtin may call the part, and that the builtin again: it fills the stack as a function does.
  const enter: Method = function (...inputs) {
    meter.descend();
    try {
      return metered(meter, original, this, inputs);
    } finally {
      meter.ascend();
    }
  };
  // A concise method has no `prototype`, as builtins have none. Inputs that are only passed on are never made an array of.
  const replacement = {
    [name](this: unknown, ...inputs: unknown[]): unknown {
      return meter.running ? apply(enter, this, inputs) : apply(original, this, inputs);
    },
  }[name]!;
  Object.defineProperty(replacement, 'length', { value: original.length });
  Object.defineProperty(holder, name, { ...descriptor, value: replacement });
}

export function tooLong(meter: Meter): never {
  return meter.refuse(`It made a string longer than ${STRING_LENGTH_MAX} characters: keep bytes in a Uint8Array`);
}

/** Length of a true array: what only looks like one may say another length each time it is asked. */
export function arrayLength(meter: Meter, value: Anything): number {
  if (!isArray(value)) return meter.refuse('It called an array method on something that is no array');
  return value.length;
}

/** The items of an array or typed array, charged for. */
export function arrayItems(meter: Meter, value: Anything): Anything {
  if (isArray(value) || (isView(value) && !(value instanceof DataView))) {
    meter.charge((value as unknown as ArrayLike<unknown>).length / ITEMS_PER_STEP);
    return value;
  }
  return meter.refuse('It passed something that is no array where an array is needed');
}

/** An iterable, or something with a length, as an array: a step an item, each read once. */
export function itemsOf(meter: Meter, source: Anything): unknown[] {
  if (source === undefined || source === null) throw new TypeError('undefined and null hold no items');
  // An array may have been given another iterator.
  const isPlain = isArray(source) && !hasOwn(source, Symbol.iterator);
  if (isPlain) meter.charge(source.length / ITEMS_PER_STEP);
  else if (source[Symbol.iterator] === undefined) return indexedItems(meter, source);
  const items: unknown[] = [];
  for (const item of source) {
    if (!isPlain) meter.charge(1);
    items.push(item);
  }
  return items;
}

/** `{ length: 3 }` as an array: what `Array.from({ length: 3 }, …)` is written for. */
function indexedItems(meter: Meter, source: Anything): unknown[] {
  const length = Math.max(0, Math.floor(Number(source.length ?? 0)) || 0);
  meter.charge(length / ITEMS_PER_STEP);
  const items: unknown[] = [];
  for (let index = 0; index < length; index += 1) items.push(source[index]);
  return items;
}

/** How long the arrays, typed arrays and strings among arguments are together. A loop, for `reduce` is metered itself. */
export function lengthsOf(inputs: Anything[]): number {
  let sum = 0;
  for (const input of inputs) {
    if (isArray(input) || isView(input) || typeof input === 'string') sum += (input as unknown as ArrayLike<unknown>).length;
  }
  return sum;
}

/** The length of all arrays among arguments; refuses other objects that say they have a length. */
export function arraysOnly(meter: Meter, inputs: Anything[]): number {
  for (const input of inputs) {
    if (typeof input === 'object' && input !== null && !isArray(input) && !isView(input)) {
      meter.refuse('It passed something that is no array where an array is needed');
    }
  }
  return lengthsOf(inputs);
}
