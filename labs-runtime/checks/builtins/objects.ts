/** Functions of objects, collections, JSON, functions and numbers whose cost grows with what they get. Part of the metered builtins (walk two, step 3). */
import { chargeForProperties, checkGrown, refuseLongChain } from '../instruments.ts';
import { BIGINT_BITS_MAX, BYTES_PER_STEP, ITEMS_PER_STEP, SPREAD_ARGUMENTS_MAX } from '../meter.ts';
import type { ConstructorGuard } from '../instruments.ts';
import type { Meter } from '../meter.ts';
import { arrayItems, itemsOf } from './metering.ts';
import type { Anything, Method, Replace } from './metering.ts';

const { apply, ownKeys } = Reflect;
const { isArray } = Array;
const { propertyIsEnumerable } = Object.prototype;
const mapSize = Object.getOwnPropertyDescriptor(Map.prototype, 'size')!.get!;
const setSize = Object.getOwnPropertyDescriptor(Set.prototype, 'size')!.get!;
const { values: setValues } = Set.prototype;

const objectFunctions = 'freeze getOwnPropertyNames getOwnPropertySymbols isFrozen isSealed keys preventExtensions seal values';

/** Functions of Object that make or read one more object for each property. */
const propertyFunctions = 'entries getOwnPropertyDescriptors';

const accessorElsewhere = 'It defined a getter or setter: store the value itself';

/** Replaces the functions of Object. */
export function meterObjects(replace: Replace): void {
  replace(Object, objectFunctions, (meter, original, self, inputs) => {
    for (const input of inputs) chargeForProperties(meter, input, ITEMS_PER_STEP);
    return apply(original, self, inputs);
  });
  replace(Object, propertyFunctions, (meter, original, self, inputs) => {
    for (const input of inputs) chargeForProperties(meter, input, 1);
    return apply(original, self, inputs);
  });
  meterDefinitions(replace);
  replace(Object, 'fromEntries groupBy', (meter, original, self, [items, ...rest]) =>
    apply(original, self, [itemsOf(meter, items), ...rest]),
  );
  replace(Object, 'setPrototypeOf', (meter) => meter.refuse('It changed the prototype of an object: use plain objects'));
  replace(Object.prototype, '__defineGetter__ __defineSetter__', (meter) => meter.refuse(accessorElsewhere));
}

/** Replaces the functions of Object that give an object properties by any name. */
function meterDefinitions(replace: Replace): void {
  const chargeForTarget = (meter: Meter, { name }: Method, inputs: Anything[]): void => {
    // A length or a far item of an array, or the prototype of a function, would get past those who look at assignments.
    if (isArray(inputs[0]) || typeof inputs[0] === 'function')
      meter.refuse(`It called ${name} on an array or a function: assign its items or properties`);
    for (const input of inputs) chargeForProperties(meter, input, 1);
  };
  replace(Object, 'assign', (meter, original, self, inputs) => {
    chargeForTarget(meter, original, inputs);
    return apply(original, self, inputs);
  });
  replace(Object, 'defineProperty', (meter, original, self, inputs) => {
    chargeForTarget(meter, original, inputs);
    return apply(original, self, [inputs[0], inputs[1], valueDescriptor(meter, inputs[2])]);
  });
  replace(Object, 'defineProperties', (meter, original, self, inputs) => {
    chargeForTarget(meter, original, inputs);
    return apply(original, self, [inputs[0], valueDescriptors(meter, inputs[1])]);
  });
  replace(Object, 'create', (meter, original, self, [prototype, descriptors]) => {
    refuseLongChain(meter, prototype);
    chargeForProperties(meter, descriptors, 1);
    return apply(original, self, descriptors === undefined ? [prototype] : [prototype, valueDescriptors(meter, descriptors)]);
  });
}

/**
 * A descriptor, read once, that describes a value. A getter need not be code of the part's, which takes a step: a builtin as a getter would run when
 * the part's answer is copied, where nothing is charged for.
 */
function valueDescriptor(meter: Meter, descriptor: Anything): unknown {
  if (typeof descriptor !== 'object' || descriptor === null) return descriptor;
  if ('get' in descriptor || 'set' in descriptor) meter.refuse(accessorElsewhere);
  const copy: Record<string, unknown> = {};
  for (const field of ['value', 'writable', 'enumerable', 'configurable']) {
    if (field in descriptor) copy[field] = descriptor[field];
  }
  return copy;
}

function valueDescriptors(meter: Meter, descriptors: Anything): unknown {
  if (typeof descriptors !== 'object' || descriptors === null) return descriptors;
  const copies: Record<PropertyKey, unknown> = Object.create(null);
  for (const name of ownKeys(descriptors)) {
    if (apply(propertyIsEnumerable, descriptors, [name])) copies[name] = valueDescriptor(meter, descriptors[name]);
  }
  return copies;
}

/** Replaces the setter of `__proto__`. */
export function meterPrototypes(meter: Meter): void {
  const descriptor = Object.getOwnPropertyDescriptor(Object.prototype, '__proto__')!;
  const { set } = Object.getOwnPropertyDescriptor(
    {
      set __proto(value: unknown) {
        if (meter.running) meter.refuse('It changed the prototype of an object: use plain objects');
        apply(descriptor.set!, this, [value]);
      },
    },
    '__proto',
  )!;
  Object.defineProperty(Object.prototype, '__proto__', { ...descriptor, set });
}

/** Replaces the methods of maps and sets. */
export function meterCollections(replace: Replace): void {
  replace(Map.prototype, 'forEach', (meter, original, self, inputs) => {
    meter.charge(apply(mapSize, self, []) as number);
    return apply(original, self, inputs);
  });
  replace(Map, 'groupBy', (meter, original, self, [items, by]) => apply(original, self, [itemsOf(meter, items), by]));
  replace(
    Set.prototype,
    'difference forEach intersection isDisjointFrom isSubsetOf isSupersetOf symmetricDifference union',
    (meter, original, self, [other, ...rest]) => {
      meter.charge(apply(setSize, self, []) as number);
      if (original.name === 'forEach') return apply(original, self, [other, ...rest]);
      meter.charge(apply(setSize, other, []) as number);
      // A copy of the other set: its own methods might be the part's, and without an end.
      return apply(original, self, [new Set(apply(setValues, other, []) as Iterable<unknown>)]);
    },
  );
}

/** Replaces the functions of JSON, and those that call a function with a list. */
export function meterCalls(replace: Replace, { standIns, closed }: ConstructorGuard): void {
  replace(JSON, 'stringify', (meter, original, self, [value, replacer, space]) => {
    const names: unknown[] | undefined = isArray(replacer) ? [...arrayItems(meter, replacer)] : undefined;
    meter.charge(countForJson(meter, value, names?.length ?? 0, 0));
    const text = apply(original, self, [value, names ?? counted(meter, replacer), space]);
    checkGrown(meter, text);
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
    if (standIns.has(self) || closed.has(self)) meter.refuse('It bound a builtin class: write an arrow function');
    if (typeof self === 'function' && String(self.name).startsWith('bound '))
      meter.refuse('It bound a function twice: write an arrow function');
    return apply(original, self, inputs);
  });
}

/** Replaces the methods of numbers and bigints. */
export function meterNumbers(replace: Replace): void {
  replace(Number.prototype, 'toExponential toFixed toPrecision toString', (meter, original, self, inputs) => {
    const text = apply(original, self, inputs) as string;
    meter.charge(text.length / ITEMS_PER_STEP);
    return text;
  });
  replace(BigInt, 'asIntN asUintN', (meter, original, self, inputs) => {
    if (Number(inputs[0]) > BIGINT_BITS_MAX) meter.refuse(`It asked for a bigint of more than ${BIGINT_BITS_MAX} bits`);
    return apply(original, self, [Number(inputs[0]), inputs[1]]);
  });
  replace(BigInt.prototype, 'toString toLocaleString', (meter, original, self, inputs) => {
    meter.charge(BIGINT_BITS_MAX / BYTES_PER_STEP);
    return apply(original, self, inputs);
  });
}

/** What JSON.stringify is given to replace values by: it need not be code of the part's, which takes a step, and may make more of less. */
function counted(meter: Meter, replacer: Anything): unknown {
  if (typeof replacer !== 'function') return replacer;
  return function (this: unknown, key: string, value: unknown): unknown {
    const made: unknown = apply(replacer, this, [key, value]);
    meter.charge(1 + (typeof made === 'string' ? made.length / BYTES_PER_STEP : 0));
    return made;
  };
}

/** Values that JSON.stringify will visit. It runs no code of the part's, so that it counts what is there. `names` are asked of each object. */
function countForJson(meter: Meter, value: Anything, names: number, nesting: number): number {
  if (typeof value === 'string') return 1 + value.length / BYTES_PER_STEP;
  if (typeof value !== 'object' || value === null) return 1;
  if (nesting > 64) meter.refuse('It gave JSON.stringify objects nested more than 64 deep');
  let count = 1;
  chargeForProperties(meter, value, ITEMS_PER_STEP);
  meter.charge(names / ITEMS_PER_STEP);
  for (const key of ownKeys(value)) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key)!;
    if (!('value' in descriptor)) meter.refuse('It gave JSON.stringify an object with a getter: store the value itself');
    const size = countForJson(meter, descriptor.value, names, nesting + 1);
    meter.charge(size / ITEMS_PER_STEP);
    count += 1;
  }
  if (typeof value.toJSON === 'function') meter.refuse('It gave JSON.stringify an object with a method toJSON: store the value itself');
  return count;
}
