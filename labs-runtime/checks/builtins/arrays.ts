/** Methods of arrays, typed arrays and buffers whose cost grows with their length. Part of the metered builtins (walk two, step 3). */
import { BYTES_PER_STEP, ITEMS_PER_STEP, STRING_LENGTH_MAX } from '../meter.ts';
import type { Meter } from '../meter.ts';
import { mergeSort } from '../merge-sort.ts';
import { arrayItems, arrayLength, arraysOnly, itemsOf, lengthsOf, tooLong } from './metering.ts';
import type { Replace } from './metering.ts';

const { apply } = Reflect;
const { isArray } = Array;
const TypedArray = Object.getPrototypeOf(Uint8Array) as { prototype: Uint8Array; from: unknown };
const typedArrayByteLength = Object.getOwnPropertyDescriptor(TypedArray.prototype, 'byteLength')!.get!;

/** Methods of Array.prototype and of typed arrays whose cost grows with the length. */
const arrayMethods =
  'concat copyWithin every fill filter find findIndex findLast findLastIndex forEach includes indexOf lastIndexOf map reduce ' +
  'reduceRight reverse shift slice some splice toReversed toSpliced unshift with';

/** Replaces the methods of arrays and of what is like them. */
export function meterArrays(replace: Replace): void {
  replace(Array.prototype, arrayMethods, (meter, original, self, inputs) => {
    if (original.name === 'concat') refuseSpreadable(meter, inputs);
    meter.charge((arrayLength(meter, self) + lengthsOf(inputs)) / ITEMS_PER_STEP);
    return apply(original, self, inputs);
  });
  replace(Array.prototype, 'flat', (meter, original, self, inputs) => {
    arrayLength(meter, self);
    if (inputs[0] !== undefined && inputs[0] !== 1) meter.refuse('It flattened an array by more than one level: call flat() for each');
    for (const item of self) meter.charge(1 + (isArray(item) ? item.length / ITEMS_PER_STEP : 0));
    return apply(original, self, []);
  });
  replace(Array.prototype, 'flatMap', (meter, original, self, [callback, receiver]) => {
    meter.charge(arrayLength(meter, self) / ITEMS_PER_STEP);
    if (typeof callback !== 'function') return apply(original, self, [callback]);
    return apply(original, self, [
      (...inputs: unknown[]) => {
        const made: unknown = apply(callback, receiver, inputs);
        // All of its items are copied.
        if (isArray(made) && made.length > ITEMS_PER_STEP) meter.charge(made.length / ITEMS_PER_STEP);
        return made;
      },
    ]);
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
  replace(TypedArray.prototype, `${arrayMethods} set`, (meter, original, self, inputs) => {
    meter.charge((apply(typedArrayByteLength, self, []) as number) / BYTES_PER_STEP + arraysOnly(meter, inputs) / ITEMS_PER_STEP);
    return apply(original, self, inputs);
  });
  replace(TypedArray.prototype, 'sort toSorted', (meter, original, self, inputs) => {
    const bytes = apply(typedArrayByteLength, self, []) as number;
    // What compares need not be code of the part's, which takes a step.
    meter.charge(inputs[0] === undefined ? bytes / BYTES_PER_STEP : (self.length * Math.ceil(Math.log2(self.length + 1))) / ITEMS_PER_STEP);
    return apply(original, self, inputs);
  });
  replace(Array, 'from', (meter, original, self, [source, ...rest]) => apply(original, self, [itemsOf(meter, source), ...rest]));
  replace(TypedArray, 'from', (meter, original, self, [source, ...rest]) => apply(original, self, [itemsOf(meter, source), ...rest]));
  // It waits, and what waits could go on when the part's call has returned.
  replace(Array, 'fromAsync', (meter) => meter.refuse('It called Array.fromAsync: a part cannot wait, so use Array.from'));
  replace(ArrayBuffer.prototype, 'slice', (meter, original, self, inputs) => {
    meter.charge(self.byteLength / BYTES_PER_STEP);
    return apply(original, self, inputs);
  });
  replace(ArrayBuffer.prototype, 'resize transfer transferToFixedLength', (meter) =>
    meter.refuse('It resized a buffer: make a new Uint8Array'),
  );
  const iteratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));
  replace(iteratorPrototype, 'drop every filter find flatMap forEach map reduce some take toArray', (meter, original) =>
    meter.refuse(`It called ${original.name} of an iterator, whose end nobody knows: make an array of it first, as in [...map.values()]`),
  );
  // Replaced for the depth alone: a resumed generator is a call like any other.
  replace(Object.getPrototypeOf(Object.getPrototypeOf((function* () {})())), 'next return throw', (_, original, self, inputs) =>
    apply(original, self, inputs),
  );
}

/** `concat` takes what says so for an array, of whatever length it says. */
function refuseSpreadable(meter: Meter, inputs: unknown[]): void {
  for (const input of inputs) {
    if (typeof input === 'object' && input !== null && Symbol.isConcatSpreadable in input)
      meter.refuse('It gave concat an object that says it is an array: use an array');
  }
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
