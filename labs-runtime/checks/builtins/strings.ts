/** Methods of strings: what grows is bounded, what would need a regular expression is refused. Part of the metered builtins (walk two, step 3). */
import { checkGrown } from '../instruments.ts';
import { BYTES_PER_STEP, ITEMS_PER_STEP, STRING_LENGTH_MAX } from '../meter.ts';
import type { Meter } from '../meter.ts';
import { lengthsOf, tooLong } from './metering.ts';
import type { Replace } from './metering.ts';

const { apply } = Reflect;
const { isArray } = Array;

/** Methods of String.prototype whose cost or result grows with the length. */
const stringMethods =
  'anchor big blink bold concat endsWith fixed fontcolor fontsize includes indexOf italics lastIndexOf link localeCompare normalize padEnd ' +
  'padStart small split startsWith strike sub sup toLocaleLowerCase toLocaleUpperCase toLowerCase toUpperCase trim trimEnd trimStart ' +
  'isWellFormed toWellFormed';

function isSearch(name: string): boolean {
  return name === 'includes' || name === 'indexOf' || name === 'lastIndexOf' || name === 'split';
}

/** What is looked for, which has to be what the engine will look for. */
function soughtIn(meter: Meter, name: string, sought: unknown): string {
  if (typeof sought === 'object' && sought !== null) meter.refuse(`It called ${name} with an object: give it a string`);
  return typeof sought === 'string' ? sought : '';
}

/** A text made for it lets the engine compare all that is looked for at each place of the other. */
function searchSteps(text: string, sought: string): number {
  const places = Math.max(0, text.length - sought.length + 1);
  return (places * sought.length) / BYTES_PER_STEP ** 2;
}

/** Replaces the methods of strings, and those of errors that make strings. */
export function meterStrings(replace: Replace): void {
  replace(String.prototype, stringMethods, (meter, original, self, inputs) => {
    const text = String(self);
    // Only padding makes more of less; the rest is bounded by what goes in.
    if ((original.name === 'padStart' || original.name === 'padEnd') && Number(inputs[0]) > STRING_LENGTH_MAX) tooLong(meter);
    const searching = isSearch(original.name) ? searchSteps(text, soughtIn(meter, original.name, inputs[0])) : 0;
    meter.charge((text.length + lengthsOf(inputs)) / BYTES_PER_STEP + searching);
    const result = apply(original, text, inputs);
    if (isArray(result)) meter.charge(result.length / ITEMS_PER_STEP);
    checkGrown(meter, result);
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
    meter.charge((text.length + sought.length) / BYTES_PER_STEP + searchSteps(text, sought));
    return apply(original, text, [sought, inserted]);
  });
  replace(String.prototype, 'match matchAll search', (meter, original) =>
    meter.refuse(`It called ${original.name}, which takes a regular expression: use indexOf, includes or startsWith`),
  );
  replace(String, 'raw', (meter) => meter.refuse('It called String.raw: use a template literal'));
  replace(Error.prototype, 'toString', (meter, original, self) => {
    const text = apply(original, self, []);
    checkGrown(meter, text);
    return text;
  });
}
