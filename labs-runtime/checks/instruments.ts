/**
 * What instrumented code calls: the other side of the fuel transform (walk two, steps 2 and 3).
 * `tick` runs at every statement of a part and has to stay small enough for engines to inline.
 */
import type { Meter } from './meter.ts';
import { BIGINT_BITS_MAX, BYTES_PER_STEP, ITEMS_PER_STEP, SPREAD_ARGUMENTS_MAX, STRING_LENGTH_MAX } from './meter.ts';

/** The calls by their names in the code, without the prefix. A `site` is a number in the program's table of sites. */
export interface Instruments {
  /** A statement, or a turn of a loop. */
  tick(site: number): void;
  /** More steps, for a statement that makes many values. */
  charge(steps: number): void;
  /** The entry of a function, and its end, however it ends. */
  enter(site: number): void;
  leave(): void;
  /** The end of an initialiser that `enter` began; returns its value. */
  left<Value>(value: Value): Value;
  /** The beginning of a catch clause. */
  caught(error: unknown): void;
  /** An error on its way through a `finally`. */
  passing(error: unknown): void;
  /** The result of an operation that can make more of less; returns it if it is not too large. */
  grown<Value>(value: Value): Value;
  /** By how much to shift, or to which power to raise: asked before it is done. */
  amount<Value>(value: Value): Value;
  /** What is spread into a new array, or into the arguments of a call; returns an array of it. */
  spread(value: unknown): unknown;
  spreadArguments(value: unknown): unknown;
  /** Something all of whose properties or items are about to be copied; returns it. */
  properties(value: unknown): unknown;
  /** A computed name of a property that is assigned to, and what it is a property of; returns the name. */
  key(target: unknown, value: unknown): unknown;
  /** What stands after `new`; returns what to construct. */
  constructible(value: unknown): unknown;
  /** What stands after `extends`. */
  extendable(value: unknown): unknown;
}

/** Constructors with a price, and classes that nothing may be derived from. */
export interface ConstructorGuard {
  /** By the builtin constructor, the function that charges and constructs in its place. */
  standIns: Map<unknown, unknown>;
  closed: ReadonlySet<unknown>;
}

const bigintLimit = 1n << BigInt(BIGINT_BITS_MAX);

/** The instruments of one realm. */
export function createInstruments(meter: Meter, guard: ConstructorGuard): Instruments {
  return {
    ...countingInstruments(meter),
    grown(value) {
      if (typeof value !== 'number') checkGrown(meter, value);
      return value;
    },
    amount(value) {
      if (typeof value === 'bigint' && (value > BIGINT_BITS_MAX || value < -BIGINT_BITS_MAX)) {
        meter.refuse(`It shifted or raised a bigint by more than ${BIGINT_BITS_MAX}`);
      }
      return value;
    },
    spread: (value) => itemsOf(meter, value, Infinity),
    spreadArguments: (value) => itemsOf(meter, value, SPREAD_ARGUMENTS_MAX),
    properties(value) {
      // Each character becomes a property.
      chargeForProperties(meter, value, typeof value === 'string' ? 1 : ITEMS_PER_STEP);
      return value;
    },
    key(target, value) {
      // An object as a name is turned into one here, once, so that it cannot be another at its second reading.
      const name = typeof value === 'object' || typeof value === 'function' ? String(value) : value;
      if (name === 'length') meter.refuse('It set the length of an array by a computed name: use `push`, `pop` or `splice`');
      if (name === 'prototype') meter.refuse('It set a prototype by a computed name: use classes');
      if (Array.isArray(target) && typeof name !== 'symbol') {
        const itemsAdded = Number(name) - target.length;
        if (itemsAdded > 0) meter.charge(itemsAdded / ITEMS_PER_STEP);
      }
      return name;
    },
    constructible: (value) => guard.standIns.get(value) ?? value,
    extendable(value) {
      if (guard.closed.has(value)) {
        meter.refuse('It derived a class from a builtin one: only Error and classes of your own can be derived from');
      }
      refuseLongChain(meter, value);
      return value;
    },
  };
}

type Counting = Pick<Instruments, 'tick' | 'charge' | 'enter' | 'leave' | 'left' | 'caught' | 'passing'>;

function countingInstruments(meter: Meter): Counting {
  return {
    tick(site) {
      meter.site = site;
      meter.steps += 1;
      if (meter.steps > meter.limit) meter.outOfSteps();
    },
    charge(steps) {
      meter.charge(steps);
    },
    enter(site) {
      meter.site = site;
      meter.steps += 1;
      if (meter.steps > meter.limit) meter.outOfSteps();
      meter.descend();
    },
    leave() {
      meter.ascend();
    },
    left(value) {
      meter.ascend();
      return value;
    },
    caught(error) {
      meter.caught(error);
    },
    passing(error) {
      meter.passing(error);
    },
  };
}

// Taken before builtins are metered.
const { getPrototypeOf, ownKeys } = Reflect;
const { keys } = Object;

/** Prototypes of one object: a look-up of what is not there walks along all of them in one step. */
const PROTOTYPES_MAX = 16;

/** Refuses to derive from what has many prototypes already. */
export function refuseLongChain(meter: Meter, value: unknown): void {
  let prototype = value;
  for (let count = 0; typeof prototype === 'object' || typeof prototype === 'function'; count += 1) {
    if (prototype === null) return;
    if (count > PROTOTYPES_MAX) meter.refuse(`It derived objects or classes from each other more than ${PROTOTYPES_MAX} deep`);
    prototype = getPrototypeOf(prototype);
  }
}

/** Charges for all properties of a value that can be copied or walked over, its own and those of prototypes of the part's making. */
export function chargeForProperties(meter: Meter, value: unknown, perStep: number): void {
  const length = lengthOf(value);
  // Before they are counted: a list of all names of a large view would itself take its memory.
  if (length > 0) meter.charge(length / perStep);
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return;
  // An array or a view can have properties besides its items, and an array's length is one.
  let others = ownKeys(value).length - length - (Array.isArray(value) ? 1 : 0);
  // Prototypes of the engine's have no names that are enumerable, and differ in the others.
  for (let each = getPrototypeOf(value); each !== null; each = getPrototypeOf(each)) others += keys(each).length;
  if (others > 0) meter.charge(others > FEW_PROPERTIES ? others : others / perStep);
}

/** More than these are a table to engines, which take ten times as long to list each. */
const FEW_PROPERTIES = 1024;

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return ArrayBuffer.isView(value) ? value.byteLength : 0;
}

/** Charges for a value that was made of others, and refuses one that is too large. */
export function checkGrown(meter: Meter, value: unknown): void {
  if (typeof value === 'string') {
    if (value.length > STRING_LENGTH_MAX) {
      meter.refuse(`It made a string longer than ${STRING_LENGTH_MAX} characters: keep bytes in a Uint8Array`);
    }
    if (value.length > BYTES_PER_STEP) meter.charge(value.length / BYTES_PER_STEP);
  } else if (typeof value === 'bigint' && (value >= bigintLimit || value <= -bigintLimit)) {
    meter.refuse(`It made a bigint of more than ${BIGINT_BITS_MAX} bits`);
  }
}

/** An iterable as an array, each item read once. */
function itemsOf(meter: Meter, value: unknown, itemsMax: number): unknown {
  let items: unknown[] = [];
  // An array may have been given another iterator.
  if (Array.isArray(value) && !Object.hasOwn(value, Symbol.iterator)) {
    meter.charge(value.length / ITEMS_PER_STEP);
    items = value;
  } else {
    for (const item of value as Iterable<unknown>) {
      meter.charge(1);
      items.push(item);
    }
  }
  if (items.length > itemsMax) meter.refuse(`It spread more than ${itemsMax} values into one call: use a loop`);
  return items;
}
