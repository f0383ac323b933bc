/**
 * What lateness costs, as an instructor wrote it down in JSON. Points that were earned are taken off; a report stays as it is. Days and
 * hours that have begun count whole, and nothing is taken off where nobody knows when something came.
 */
import type { Score, Student } from './results.ts';
import { sumPoints } from './results.ts';

/** Times are ISO 8601 with a zone. */
export interface LateRule {
  due: string;
  /** So much after `due` is still in time. Default 0. */
  graceMinutes?: number;
  /** Of the points earned, for each day or hour after `due` that has begun; one of the two. Default 0. */
  deductPercentPerDay?: number;
  deductPercentPerHour?: number;
  /** No more than this is taken off, up to `acceptUntil`. Default 100. */
  maxDeductPercent?: number;
  /** What is late and came after this does not count at all. */
  acceptUntil?: string;
  /** Another `due` for some students, by any of their ids, logins or names; what comes up to it is in time, whatever `acceptUntil` says. */
  extensions?: Record<string, string>;
}

export interface LatePolicy extends Partial<LateRule> {
  /** What is different for a lab, by its id. */
  labs?: Record<string, Partial<LateRule>>;
}

/** What holds for a lab; undefined where the policy has no `due` for it. */
export function lateRule({ labs, ...common }: LatePolicy, labId: string): LateRule | undefined {
  const own = labs?.[labId] ?? {};
  const perDay = own.deductPercentPerDay ?? (own.deductPercentPerHour === undefined ? common.deductPercentPerDay : undefined);
  const perHour = own.deductPercentPerHour ?? (own.deductPercentPerDay === undefined ? common.deductPercentPerHour : undefined);
  const rule = { ...common, ...own, deductPercentPerDay: perDay, deductPercentPerHour: perHour };
  const extensions = { ...common.extensions, ...own.extensions };
  return rule.due === undefined ? undefined : { ...rule, due: rule.due, extensions };
}

/** What came in, beside the report. */
export interface Arrival {
  /** ISO 8601 with a zone; undefined where nothing tells. */
  submittedAt: string | undefined;
  /** The platform's own mark. */
  markedLate: boolean;
  student: Student | undefined;
}

/**
 * The points that count. A pure function: the same arrival costs the same.
 * @param points of the report, from 0 to `pointsMax`, with two decimals at most
 * @param rule what holds for the lab; undefined without a policy
 */
export function scoreOf(
  points: number,
  pointsMax: number,
  { submittedAt, markedLate, student }: Arrival,
  rule: LateRule | undefined,
): Score {
  const whole = { points, pointsMax, deducted: 0, final: points };
  const marked = markedLate ? 'marked late by the platform' : undefined;
  if (rule === undefined) return marked ? { ...whole, lateness: `${marked}; there is no late policy, so nothing is taken off` } : whole;
  if (submittedAt === undefined) {
    const why = 'when it came is not known, so nothing is taken off';
    return { ...whole, lateness: marked ? `${marked}; ${why}` : why };
  }
  const { percent, lateness } = lost(Date.parse(submittedAt), rule, student);
  if (lateness === undefined) return marked ? { ...whole, lateness: `${marked}, in time by the late policy` } : whole;
  const deducted = Math.min(points, Math.round(points * percent) / 100);
  return { points, pointsMax, deducted, final: sumPoints([points, -deducted]), lateness };
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How much of the points is lost, in percent, and why; no reason for what came in time. */
function lost(cameMs: number, rule: LateRule, student: Student | undefined): { percent: number; lateness?: string } {
  const extended = extensionOf(rule, student);
  const due = extended ?? rule.due;
  const lateMs = cameMs - Date.parse(due);
  if (lateMs <= (rule.graceMinutes ?? 0) * MINUTE_MS) return { percent: 0 };
  const { acceptUntil } = rule;
  if (acceptUntil !== undefined && cameMs > Date.parse(acceptUntil)) {
    return { percent: 100, lateness: `came after ${acceptUntil}, from when on nothing counts` };
  }
  const [unitMs, unit, each] =
    rule.deductPercentPerHour === undefined ? [DAY_MS, 'day', rule.deductPercentPerDay ?? 0] : [HOUR_MS, 'hour', rule.deductPercentPerHour];
  const units = Math.ceil(lateMs / unitMs);
  const percent = Math.min(units * each, rule.maxDeductPercent ?? 100, 100);
  const extension = extended === undefined ? '' : ` after an extension to ${extended}`;
  return { percent, lateness: `${units} ${unit}${units === 1 ? '' : 's'} late${extension}: ${percent}% of the points taken off` };
}

/** All that a student may be named by in a policy. */
function keysOf({ id, name, email, login, sisId, canvasId }: Student): string[] {
  return [id, sisId, canvasId, login, email, name].flatMap((key) => (key === undefined ? [] : [key.toLowerCase()]));
}

/** The student's own `due`; the latest where several are named. */
function extensionOf({ extensions = {} }: LateRule, student: Student | undefined): string | undefined {
  const keys = student === undefined ? [] : keysOf(student);
  const own = Object.entries(extensions).filter(([key]) => keys.includes(key.trim().toLowerCase()));
  return own.map(([, due]) => due).toSorted((one, other) => Date.parse(other) - Date.parse(one))[0];
}

/** Names in the policy's extensions that are nobody's, most likely for a slip of the pen. */
export function unknownExtensions(policy: LatePolicy, students: Student[]): string[] {
  const keys = new Set(students.flatMap(keysOf));
  const named = [policy, ...Object.values(policy.labs ?? {})].flatMap(({ extensions = {} }) => Object.keys(extensions));
  return [...new Set(named)].filter((name) => !keys.has(name.trim().toLowerCase()));
}
