/** Reads a late policy from JSON, and says of each key that is wrong what it is and what it should be. */
import { readFile } from 'node:fs/promises';
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import { access, cannotGrade, parseJson } from '../intake/cannot-grade.ts';
import { inWords } from '../intake/lab-file-names.ts';
import { didYouMean } from '../nearest.ts';
import { printable } from '../terminal.ts';
import type { LatePolicy } from './late-policy.ts';

/** Reads the policy at `path` for a course of these labs. @throws CannotGrade where a key or a value is wrong, with its name */
export async function readLatePolicy(path: string, labs: Lab[]): Promise<LatePolicy> {
  const text = await access(path, () => readFile(path, 'utf8'));
  return parseLatePolicy(text, path, labs);
}

/** The policy in a text. `path` is its name in messages. @throws CannotGrade */
export function parseLatePolicy(text: string, path: string, labs: Lab[]): LatePolicy {
  const value = parseJson(text, path);
  try {
    checkRule(value, '', labs);
    return value as LatePolicy;
  } catch (error) {
    if (error instanceof Wrong) throw cannotGrade(path, `${error.message}.`);
    throw error;
  }
}

/** What is wrong, without the file's name and the full stop. */
class Wrong extends Error {}

type Check = (value: unknown, key: string) => void;

const isoTime: Check = (value, key) => {
  const parts = typeof value === 'string' ? /^(\d{4}-\d\d-\d\d)T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.exec(value) : null;
  if (parts === null || Number.isNaN(Date.parse(parts[0])) || !isDay(parts[1]!)) {
    throw new Wrong(`${key} is ${shown(value)} and should be a time with a zone, such as "2026-03-01T23:59:00+01:00"`);
  }
};

/** Whether a month has the day: `Date` takes the 31st of February for a day of March. */
function isDay(date: string): boolean {
  return new Date(`${date}T00:00:00Z`).toISOString().startsWith(date);
}

function numberUpTo(max: number): Check {
  const range = max === Infinity ? 'from 0 on' : `from 0 to ${max}`;
  return (value, key) => {
    if (typeof value !== 'number' || !(value >= 0 && value <= max))
      throw new Wrong(`${key} is ${shown(value)} and should be a number ${range}`);
  };
}

const extensions: Check = (value, key) => {
  for (const [student, due] of Object.entries(mapping(value, key))) isoTime(due, inside(key, student));
};

const RULE: Record<string, Check> = {
  due: isoTime,
  graceMinutes: numberUpTo(Infinity),
  deductPercentPerDay: numberUpTo(100),
  deductPercentPerHour: numberUpTo(100),
  maxDeductPercent: numberUpTo(100),
  acceptUntil: isoTime,
  extensions,
};

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return printable(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function inside(key: string, name: string): string {
  return key === '' ? printable(name) : `${key}.${printable(name)}`;
}

function mapping(value: unknown, key: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Wrong(`${key || 'it'} is ${shown(value)} and should be an object, in braces`);
}

/** `key` is where the rule stands: '' for the policy itself, which alone can have `labs`. */
function checkRule(value: unknown, key: string, labs: Lab[]): void {
  const rule = mapping(value, key);
  const known = [...Object.keys(RULE), ...(key === '' ? ['labs'] : [])];
  for (const [name, each] of Object.entries(rule)) {
    if (key === '' && name === 'labs') checkLabs(mapping(each, name), labs);
    else if (Object.hasOwn(RULE, name)) RULE[name]!(each, inside(key, name));
    else throw new Wrong(`there is no key ${inside(key, name)}.${didYouMean(name, known)} The keys are ${inWords(known, 'and')}`);
  }
  if (rule.deductPercentPerDay !== undefined && rule.deductPercentPerHour !== undefined) {
    throw new Wrong(`${inside(key, 'deductPercentPerDay')} and deductPercentPerHour exclude each other: keep one`);
  }
  if (key === '' && rule.due === undefined && rule.labs === undefined)
    throw new Wrong('due is missing: say from when on something is late');
}

function checkLabs(rules: Record<string, unknown>, labs: Lab[]): void {
  const ids = labs.map(({ id }) => id);
  for (const [id, rule] of Object.entries(rules)) {
    if (!ids.includes(id)) throw new Wrong(`there is no lab ${printable(id)}.${didYouMean(id, ids)} The labs are ${inWords(ids, 'and')}`);
    checkRule(rule, `labs.${id}`, labs);
  }
}
