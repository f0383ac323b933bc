/**
 * What a channel's `step` may return, checked as data before the world acts on it.
 * A student's part is not to be trusted with shapes; a wrong one gets a message that says what, where and what to write instead.
 */
import type { ChannelEffect, Role } from '../ft/channel-api.ts';
import { PartFailure } from '../ft/part.ts';

type Kind = ChannelEffect['kind'];

/** The fields of each kind of effect, and which ends may ask for it. */
const shapes: Record<Kind, { fields: ('bytes' | 'seq' | 'entry')[]; roles: Role[] }> = {
  send: { fields: ['bytes'], roles: ['primary', 'backup'] },
  deliver: { fields: ['seq', 'entry'], roles: ['backup'] },
  acknowledged: { fields: ['seq'], roles: ['primary'] },
  stall: { fields: [], roles: ['primary'] },
  resume: { fields: [], roles: ['primary'] },
};

/** The same value, known to be a list of effects that `role` may ask for. Throws a `PartFailure` of kind `malformed` otherwise. */
export function checkedEffects(role: Role, returned: unknown): ChannelEffect[] {
  if (!Array.isArray(returned))
    throw malformed('step', `returned ${nameOf(returned)}`, 'an array of effects, `[]` if there is nothing to do');
  returned.forEach((effect: unknown, index) => checkEffect(role, effect, `effects[${index}]`));
  return returned as ChannelEffect[];
}

function checkEffect(role: Role, effect: unknown, place: string): void {
  if (typeof effect !== 'object' || effect === null) throw malformed(place, `is ${nameOf(effect)}`, 'an object with a `kind`');
  const fields = effect as Record<string, unknown>;
  const kind = fields['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(shapes, kind)) {
    const allowed = Object.keys(shapes).filter((name) => shapes[name as Kind].roles.includes(role));
    const wanted = `one of ${allowed.map((name) => `'${name}'`).join(', ')}`;
    const hint = kind === undefined ? ' (step returns effects only; the state is changed in place)' : '';
    throw malformed(`${place}.kind`, `is ${nameOf(kind)}`, wanted + hint);
  }
  const shape = shapes[kind as Kind];
  if (!shape.roles.includes(role)) throw malformed(place, `is '${kind}' on the ${role}`, `only the ${shape.roles[0]}'s end may ask for it`);
  for (const field of shape.fields) {
    const value = fields[field];
    if (field === 'seq' && !isEntryNumber(value))
      throw malformed(`${place}.seq`, `is ${nameOf(value)}`, 'a whole number from 0 to 4294967295');
    if (field !== 'seq' && !(value instanceof Uint8Array)) throw malformed(`${place}.${field}`, `is ${nameOf(value)}`, 'a Uint8Array');
  }
}

function isEntryNumber(value: unknown): boolean {
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
