/**
 * Copies and hashes of plain data, for a search that does both at every event. Arrays of bytes and frozen objects are never written to: copies
 * share them, and each is hashed once.
 */
import { finish, mixHigh, mixLow } from '../../emulator/hash.ts';
import { GuestState } from '../../ft/replica/guest-slot.ts';

/** A copy in which everything that can change is new. Precondition: plain data without cycles. */
export function copyPlain<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array || value instanceof GuestState) return value;
  if (Array.isArray(value)) return copyArray(value) as Value;
  if (Object.isFrozen(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copyPlain(value[key]);
  return copy as Value;
}

function copyArray(array: unknown[]): unknown[] {
  if (Object.isFrozen(array)) return array;
  const copy: unknown[] = new Array(array.length);
  for (let index = 0; index < array.length; index++) copy[index] = copyPlain(array[index]);
  return copy;
}

/** Two lanes of 32 bits, in which a hash is made; module-wide, since an object for each call would cost more than the hash. */
let low = 0;
let high = 0;

/** A hash of 53 bits, a safe integer: differs, but for chance, when the values do. */
export function hashPlain(value: unknown): number {
  low = 0x2545f491;
  high = 0x6c8e9cf5;
  mixPlain(value);
  return (finish(high ^ low) & 0x1fffff) * 2 ** 32 + (finish(low) >>> 0);
}

/** Where an object that will not change keeps its hash; a copy of it begins without one. A map beside would cost more than the hash. */
const HASH = Symbol('hash');
type Hashed = object & { [HASH]?: number };

/** Hashes of frozen objects, which can keep nothing, and of pages. */
const known = new WeakMap<object, number>();

/** The hash of something that will not change, made once. */
export function hashOnce(value: object): number {
  const before = (value as Hashed)[HASH];
  if (before !== undefined) return before;
  const hash = apart(value);
  (value as Hashed)[HASH] = hash;
  return hash;
}

function hashKnown(value: object): number {
  let hash = known.get(value);
  if (hash === undefined) known.set(value, (hash = apart(value instanceof Uint8Array ? Array.from(value) : { ...value })));
  return hash;
}

/** A hash of its own, while another is being made. */
function apart(value: unknown): number {
  const [outerLow, outerHigh] = [low, high];
  const hash = hashPlain(value);
  [low, high] = [outerLow, outerHigh];
  return hash;
}

function mixPlain(value: unknown): void {
  if (typeof value === 'number') return mixNumber(value);
  if (typeof value === 'string') return mixString(value);
  if (typeof value === 'boolean') return mix(value ? 3 : 5);
  if (typeof value === 'object' && value !== null) return mixObject(value);
  if (typeof value === 'bigint') return mixString(value.toString());
  if (value === undefined || value === null) return mix(value === null ? 7 : 11);
  throw new TypeError(`the hash does not cover a ${typeof value}`);
}

function mixObject(value: object): void {
  if (value instanceof GuestState) return mixString(value.hash);
  if (value instanceof Uint8Array) return value.length < PAGE_BYTES ? mixBytes(value) : mixNumber(hashKnown(value));
  if (Array.isArray(value)) {
    mix(value.length + 13);
    for (const item of value) mixPlain(item);
    return;
  }
  if (Object.isFrozen(value)) return mixNumber(hashKnown(value));
  for (const key in value) mixPlain((value as Record<string, unknown>)[key]);
  mix(17);
}

function mixNumber(value: number): void {
  mix(value | 0);
  if (value !== (value | 0)) mixLarge(value);
}

/** Arrays as long as a page are few, and come back in many states. */
const PAGE_BYTES = 4096;

function mixBytes(bytes: Uint8Array): void {
  mix(bytes.length + 23);
  for (let index = 0; index < bytes.length; index++) mix(bytes[index]!);
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

function mixLarge(value: number): void {
  float[0] = value;
  mix(words[0]!);
  mix(words[1]!);
}

function mixString(text: string): void {
  mix(text.length + 19);
  for (let index = 0; index < text.length; index++) mix(text.charCodeAt(index));
}

function mix(word: number): void {
  low = mixLow(low, word);
  high = mixHigh(high, word);
}
