/** What is said of a report on the terminal and in the formats alike: where something is, what failed for one reason, and an engine's own words. */
import type { CheckReport } from '../labs-runtime/checks/report.ts';
import type { SourcePosition } from '../labs-runtime/ft/part.ts';
import { printable } from './terminal.ts';

/** `channel.ts:12:3`, as editors and terminals link it. */
export function place({ file, line, column }: SourcePosition): string {
  return printable(`${file}:${line}:${column}`);
}

/**
 * Failing checks, those put together that failed for one reason: the same words and the same run or, where the part could not go on at all,
 * the same place in it. A crash in the first line would else be told once a check.
 */
export function byReason(checks: CheckReport[]): CheckReport[][] {
  const groups = new Map<string, CheckReport[]>();
  for (const check of checks) {
    const { verdict, position, failure, message } = check;
    const brokeRule = failure?.class === 'safety' || failure?.class === 'liveness';
    // The same run can be found from another seed.
    const run = failure && JSON.stringify({ ...failure, seed: undefined, replay: undefined });
    const reason = brokeRule || position === undefined ? (run ?? message) : failure?.class;
    const key = `${verdict} ${position && place(position)} ${reason}`;
    groups.set(key, [...(groups.get(key) ?? []), check]);
  }
  return [...groups.values()];
}

/**
 * What engines said of crashes of these checks, each once.
 * @param details of a graded submission: the title of a check, a colon, the words
 */
export function engineWords(checks: { title: string }[], details: string[]): string[] {
  const said = checks.flatMap(({ title }) =>
    details.filter((text) => text.startsWith(`${title}: `)).map((text) => text.slice(title.length + 2)),
  );
  return [...new Set(said)];
}
