/**
 * A submission lab by lab and check by check, in words that are safe everywhere: what the formats have in common. What was not graded and
 * what is missing has a row for each check too, so that every submission of a class looks alike.
 */
import type { CheckInfo, Lab } from '../../labs-runtime/checks/lab.ts';
import type { CheckReport, FailureClass, Problem, Verdict } from '../../labs-runtime/checks/report.ts';
import type { SourcePosition } from '../../labs-runtime/ft/part.ts';
import { engineWords, place } from '../report-words.ts';
import type { Outcome, Score, SubmissionResult } from '../results/results.ts';
import { printable, printableLines } from '../terminal.ts';

export interface CheckRow {
  check: CheckInfo;
  verdict: Verdict | Exclude<Outcome['kind'], 'graded'>;
  /** Before anything is taken off for lateness; absent where the lab was not graded, for that is no zero. */
  points?: number;
  failureClass?: FailureClass;
  /** Why there are not all points, in one line; empty on a pass. */
  summary: string;
  /** All that there is to read about it, in several lines; empty on a pass. */
  text: string;
  position?: SourcePosition;
}

/** What became of one lab of one submission. */
export interface Section {
  lab: Lab;
  outcome: Outcome;
  /** As in `LabResult`: absent where the lab was not graded. */
  score?: Score;
  /** One for each check of the lab, in its order. */
  rows: CheckRow[];
}

/** The sections of a submission. Precondition: it has one result for each of `labs`, in their order. */
export function sectionsOf({ labs: results }: SubmissionResult, labs: Lab[]): Section[] {
  return labs.map((lab, index) => {
    const { outcome, score } = results[index]!;
    return { lab, outcome, score, rows: lab.checks.map((check, at) => rowOf(check, at, outcome)) };
  });
}

function rowOf(check: CheckInfo, index: number, outcome: Outcome): CheckRow {
  if (outcome.kind === 'not graded') return { check, verdict: 'not graded', ...texts(`Not graded: ${outcome.message}`) };
  if (outcome.kind === 'missing') return { check, verdict: 'missing', points: 0, ...texts('Nothing was handed in for this lab.') };
  const { report, details } = outcome;
  return gradedRow(check, report.checks[index]!, report.problem, details);
}

function gradedRow(check: CheckInfo, report: CheckReport, problem: Problem | undefined, details: string[]): CheckRow {
  const { verdict, points, failure } = report;
  if (verdict === 'pass') return { check, verdict, points, ...texts('') };
  const position = problem?.position ?? report.position;
  const lines = [
    problem?.message ?? report.message!,
    ...(position === undefined ? [] : [`At ${place(position)}`]),
    ...engineWords([check], details).map((text) => `In the engine's words, which are no part of the report: ${text}`),
  ];
  return { check, verdict, points, failureClass: failure?.class, position, ...texts(lines.join('\n'), failure?.rule) };
}

/** A text for both lengths; the short one is its first line unless given. */
function texts(text: string, summary = text.split('\n', 1)[0]!): Pick<CheckRow, 'summary' | 'text'> {
  return { summary: printable(summary), text: printableLines(text, 0).join('\n') };
}

/** A section in a sentence or two, e.g. `Failover: 60 of 100 points, less 6 for lateness (handed in 2 h late): 54 count.` */
export function sectionWords({ lab, outcome, score }: Section): string {
  if (outcome.kind === 'not graded') return `${lab.title}: not graded. ${printableLines(outcome.message, 0).join('\n')}`;
  if (outcome.kind === 'missing') return `${lab.title}: nothing was handed in.`;
  const { points, pointsMax, deducted, final, lateness } = score!;
  const why = lateness === undefined ? '' : ` (${printable(lateness)})`;
  if (deducted === 0) return `${lab.title}: ${points} of ${pointsMax} points${why}.`;
  return `${lab.title}: ${points} of ${pointsMax} points, less ${deducted} for lateness${why}: ${final} count.`;
}
