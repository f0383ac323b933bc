/** What `lockstep grade` prints: tables for people, or canonical JSON for programs. */
import { canonicalJson } from '../labs-runtime/checks/canonical-json.ts';
import type { Report } from '../labs-runtime/checks/report.ts';
import { classLines } from './class-table.ts';
import type { Console } from './console.ts';
import type { Found } from './intake/submission.ts';
import type { ClassResults, Outcome } from './results/results.ts';
import { reportLines } from './table.ts';
import { painter } from './terminal.ts';

/** A report for one submission and one lab; else an array, sorted by name and then in the order of the labs. */
export function jsonOf({ kind }: Pick<Found, 'kind'>, { submissions, labs }: ClassResults): string {
  const rows = submissions.flatMap(({ name, labs: its }) => its.map(({ lab, outcome }) => ({ name, lab, outcome })));
  if (kind === 'one' && labs.length === 1) {
    const { outcome } = rows[0]!;
    return outcome.kind === 'graded' ? canonicalJson(outcome.report) : '';
  }
  return canonicalJson(rows.map(({ name, lab, outcome }) => ({ name, ...(labs.length > 1 && { lab }), ...jsonOfOutcome(outcome) })));
}

function jsonOfOutcome(outcome: Outcome): { report: Report } | { error: string } {
  if (outcome.kind === 'graded') return { report: outcome.report };
  return { error: outcome.kind === 'missing' ? 'Nothing was handed in for this lab.' : outcome.message };
}

/** One submission in full, or a class in short. */
export function tableOf({ kind }: Pick<Found, 'kind'>, results: ClassResults, { details }: { details: boolean }, console: Console): string {
  const options = { paint: painter(console.colour), width: console.width };
  if (kind === 'class') return `${classLines(results, { ...options, details }).join('\n')}\n`;
  const { name, labs } = results.submissions[0]!;
  const tables = labs.flatMap(({ outcome }) =>
    outcome.kind === 'graded' ? [reportLines(name, outcome.report, outcome.details, options)] : [],
  );
  return tables.map((lines) => `${lines.join('\n')}\n`).join('\n');
}
