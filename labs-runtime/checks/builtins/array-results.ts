/**
 * `map`, `filter`, `slice` and `splice` of arrays, which make arrays: V8 takes ten times as long for them once something else stands in
 * `Array.prototype.constructor`, as `replaceArray` puts there, and everything in the realm uses them. They do what the engine's do to true arrays
 * (ECMA-262, section 23.1.3), and leave the rest to those. Part of the metered builtins (walk two, step 3).
 */
import type { Method } from './metering.ts';

const { apply } = Reflect;
const { isArray } = Array;
const { trunc, max, min } = Math;

/** Puts them in the place of the engine's. Precondition: nothing is metered yet. */
export function replaceArrayResults(): void {
  for (const [name, make] of Object.entries({ map, filter, slice, splice })) {
    const found = Object.getOwnPropertyDescriptor(Array.prototype, name)!;
    const original: Method = found.value;
    const replacement = {
      [name](this: unknown, ...inputs: unknown[]): unknown {
        return isArray(this) ? make(original, this, inputs) : apply(original, this, inputs);
      },
    }[name]!;
    Object.defineProperty(replacement, 'length', { value: original.length });
    Object.defineProperty(Array.prototype, name, { ...found, value: replacement });
  }
}

function map(original: Method, items: unknown[], inputs: unknown[]): unknown[] {
  const [callback, self] = inputs;
  if (typeof callback !== 'function') return apply(original, items, inputs);
  const { length } = items;
  const made: unknown[] = [];
  for (let index = 0; index < length; index += 1) {
    if (isHole(items, index)) made.length = index + 1;
    else made.push(answer(callback as Method, self, items, index));
  }
  return made;
}

function filter(original: Method, items: unknown[], inputs: unknown[]): unknown[] {
  const [callback, self] = inputs;
  if (typeof callback !== 'function') return apply(original, items, inputs);
  const { length } = items;
  const made: unknown[] = [];
  for (let index = 0; index < length; index += 1) {
    if (isHole(items, index)) continue;
    const item = items[index];
    if (answer(callback as Method, self, items, index)) made.push(item);
  }
  return made;
}

/** What a function says of an item. Called as it is where nothing is to be its `this`, which is much faster. */
function answer(callback: Method, self: unknown, items: unknown[], index: number): unknown {
  const item = items[index];
  return self === undefined ? callback(item, index, items) : apply(callback, self, [item, index, items]);
}

/** The engine is asked only of what may be one. */
function isHole(items: unknown[], index: number): boolean {
  return items[index] === undefined && !(index in items);
}

function slice(_: Method, items: unknown[], [from, to]: unknown[]): unknown[] {
  const { length } = items;
  const start = placeOf(from, length);
  return copied(items, start, to === undefined ? length : placeOf(to, length));
}

function splice(_: Method, items: unknown[], inputs: unknown[]): unknown[] {
  const { length } = items;
  const start = placeOf(inputs[0], length);
  const toRemove = inputs.length === 0 ? 0 : inputs.length === 1 ? length - start : countOf(inputs[1], length - start);
  const removed = copied(items, start, start + toRemove);
  const toAdd = max(inputs.length - 2, 0);
  if (toAdd < toRemove) for (let index = start + toRemove; index < length; index += 1) move(items, index, index + toAdd - toRemove);
  if (toAdd > toRemove) for (let index = length - 1; index >= start + toRemove; index -= 1) move(items, index, index + toAdd - toRemove);
  for (let index = 0; index < toAdd; index += 1) items[start + index] = inputs[2 + index];
  items.length = length + toAdd - toRemove;
  return removed;
}

/** Items from one place to before another; holes stay holes. */
function copied(items: unknown[], start: number, end: number): unknown[] {
  const made: unknown[] = [];
  for (let index = start; index < end; index += 1) {
    if (isHole(items, index)) made.length = index - start + 1;
    else made.push(items[index]);
  }
  return made;
}

function move(items: unknown[], from: number, to: number): void {
  if (isHole(items, from)) delete items[to];
  else items[to] = items[from];
}

/** An index that may count from the end, as one from 0 to `length`. */
function placeOf(value: unknown, length: number): number {
  const index = trunc(value as number) || 0;
  return index < 0 ? max(length + index, 0) : min(index, length);
}

function countOf(value: unknown, most: number): number {
  return min(max(trunc(value as number) || 0, 0), most);
}
