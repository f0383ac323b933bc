/**
 * What each part's `step` may return, checked as data before the world acts on it.
 * A student's part is not to be trusted with shapes; a wrong one gets a message that says what, where and what to write instead.
 */
import type { ChannelEffect, Role } from '../ft/channel-api.ts';
import type { FailoverEffect } from '../ft/failover-api.ts';
import type { OutputGateEffect } from '../ft/output-gate-api.ts';
import { PartFailure } from '../ft/part.ts';

/** `number` is a whole number of 32 bits, `bytes` a Uint8Array. */
type FieldType = 'number' | 'bytes';

/** For each kind of effect its fields, and the machines whose part may ask for it (both if absent). */
export type EffectShapes = Readonly<Record<string, { fields?: Readonly<Record<string, FieldType>>; only?: Role }>>;

export const channelShapes = {
  send: { fields: { bytes: 'bytes' } },
  deliver: { fields: { seq: 'number', entry: 'bytes' }, only: 'backup' },
  acknowledged: { fields: { seq: 'number' }, only: 'primary' },
  stall: { only: 'primary' },
  resume: { only: 'primary' },
} as const satisfies EffectShapes & Record<ChannelEffect['kind'], unknown>;

export const outputGateShapes = {
  release: { fields: { operation: 'number' } },
  stall: {},
  resume: {},
} as const satisfies EffectShapes & Record<OutputGateEffect['kind'], unknown>;

export const failoverShapes = {
  heartbeat: {},
  'replay to end': { only: 'backup' },
  'test-and-set': {},
  'go live': {},
  halt: {},
} as const satisfies EffectShapes & Record<FailoverEffect['kind'], unknown>;

/** The same value, known to be a list of effects that `role` may ask for. Throws a `PartFailure` of kind `malformed` otherwise. */
export function checkedEffects<Effect>(shapes: EffectShapes, role: Role, returned: unknown): Effect[] {
  if (!Array.isArray(returned))
    throw malformed('step', `returned ${nameOf(returned)}`, 'an array of effects, `[]` if there is nothing to do');
  returned.forEach((effect: unknown, index) => checkEffect(shapes, role, effect, `effects[${index}]`));
  return returned as Effect[];
}

function checkEffect(shapes: EffectShapes, role: Role, effect: unknown, place: string): void {
  if (typeof effect !== 'object' || effect === null) throw malformed(place, `is ${nameOf(effect)}`, 'an object with a `kind`');
  const values = effect as Record<string, unknown>;
  const kind = values['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) {
    const allowed = Object.keys(shapes).filter((name) => (shapes[name]!.only ?? role) === role);
    const wanted = `one of ${allowed.map((name) => `'${name}'`).join(', ')}`;
    const hint = kind === undefined ? ' (step returns effects only; the state is changed in place)' : '';
    throw malformed(`${place}.kind`, `is ${nameOf(kind)}`, wanted + hint);
  }
  const { fields = {}, only = role } = shapes[kind]!;
  if (only !== role) throw malformed(place, `is '${kind}' on the ${role}`, `only the ${only} may ask for it`);
  for (const field in fields) {
    const [type, value] = [fields[field], values[field]];
    if (type === 'number' && !isNumber(value))
      throw malformed(`${place}.${field}`, `is ${nameOf(value)}`, 'a whole number from 0 to 4294967295');
    if (type === 'bytes' && !(value instanceof Uint8Array)) throw malformed(`${place}.${field}`, `is ${nameOf(value)}`, 'a Uint8Array');
  }
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
}

function malformed(place: string, found: string, wanted: string): PartFailure {
  return new PartFailure('malformed', `${place} ${found}; wanted: ${wanted}`);
}

/** A value in a few words of ours: never longer than a line, whatever a student returned. */
function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (value instanceof Uint8Array) return 'a Uint8Array';
  if (typeof value === 'string') return /^[\w -]{0,24}$/.test(value) ? `'${value}'` : 'another string';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'undefined' ? 'undefined' : `a value of type ${typeof value}`;
}
