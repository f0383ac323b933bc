/**
 * Links that replay a run: `labs/<lab>/?check=<id>&seed=<n>` opens the lab, runs the checks on the reader's own text, and shows that check. A
 * failing check's message ends in one (`replay` in `labs-runtime/checks/report.ts`).
 */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import type { Report } from '../../labs-runtime/checks/report.ts';

/** What a link asks for. */
export interface Replay {
  /** Id of a check, which the lab may not have. */
  check: string;
  /** Seed of the run that broke the rule where the link was made. */
  seed?: number;
}

/** What the address of a page asks for, given its part from the question mark on. */
export function replayOf(search: string): Replay | undefined {
  const query = new URLSearchParams(search);
  const check = query.get('check');
  if (!check) return undefined;
  const seed = query.get('seed');
  return seed !== null && /^\d{1,15}$/.test(seed) ? { check, seed: Number(seed) } : { check };
}

/** What to tell a reader whose text does something else than the link says; undefined where it does the same, or the report says enough. */
export function replayNotice(lab: Lab, { check: id, seed }: Replay, report: Report | undefined): string | undefined {
  const check = lab.checks.find((each) => each.id === id);
  if (check === undefined) return `This lab has no check “${id}”. The link is of another lab, or of another edition of this one.`;
  const result = report?.checks.find((each) => each.id === id);
  if (result === undefined || report?.problem !== undefined) return undefined;
  if (result.verdict === 'pass') return `Your text now passes the check “${check.title}”.`;
  const found = result.failure?.seed;
  if (seed === undefined || found === seed) return undefined;
  const how = found === undefined ? 'in another way' : `with seed ${found}`;
  return `Your text fails this check ${how}; the link is to a run with seed ${seed}.`;
}
