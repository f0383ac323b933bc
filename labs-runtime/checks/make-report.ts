/**
 * Makes the canonical report from what came of the checks. Walk two, step 4.
 * The expected list of titles is exact: a check that is missing, doubled, skipped or unknown is our bug, never a pass.
 */
import { PartFailure } from '../ft/part.ts';
import { assembleReport } from './assemble-report.ts';
import type { ReportIdentity } from './assemble-report.ts';
import { CheckFailure, formatFailure } from './check-failure.ts';
import type { CheckInfo, Lab } from './lab.ts';
import { GradingError } from './part-driver.ts';
import { failureOfPart, verdictOfPart } from './part-failure-text.ts';
import type { CheckReport, Failure, Problem, Report, Verdict } from './report.ts';
import type { CheckOutcome } from './run-checks.ts';
import { isAssertionError } from './vitest-shim.ts';

/** The report of a run of all checks. Throws a `GradingError` where the checks themselves are at fault. */
export function reportOf(identity: ReportIdentity, outcomes: CheckOutcome[]): Report {
  const titles = identity.lab.checks.map(({ title }) => title);
  return assembleReport(identity, checkReports(identity.lab, outcomes, titles));
}

/** The reports of those checks of a run that have these titles, in the lab's order. Throws like `reportOf`. */
export function checkReports(lab: Lab, outcomes: CheckOutcome[], titles: string[]): CheckReport[] {
  const unknown = outcomes.find(({ title }) => !lab.checks.some((check) => check.title === title));
  if (unknown !== undefined) throw new GradingError(`checks.ts has a test that the list of checks has not: ${unknown.title}`);
  return lab.checks
    .filter(({ title }) => titles.includes(title))
    .map((check) => {
      const [outcome, second] = outcomes.filter(({ title }) => title === check.title);
      if (outcome === undefined || second !== undefined) {
        throw new GradingError(`checks.ts has ${outcome ? 'more than one test' : 'no test'} of the title: ${check.title}`);
      }
      return checkReport(lab, check, outcome);
    });
}

/** The report of a submission that cannot be run: every check fails for the same reason. */
export function problemReport(identity: ReportIdentity, problem: Problem): Report {
  const checks = identity.lab.checks.map((check) => ({
    ...emptyReport(check),
    verdict: 'error' as const,
    message: 'Not run: the submission has a problem.',
  }));
  return { ...assembleReport(identity, checks), problem: { ...problem, message: printable(problem.message) } };
}

function emptyReport({ id, title, points }: CheckInfo): CheckReport {
  return { id, title, verdict: 'error', points: 0, pointsMax: points, steps: 0 };
}

function checkReport(lab: Lab, check: CheckInfo, outcome: CheckOutcome): CheckReport {
  const { state, use } = outcome;
  const report = { ...emptyReport(check), steps: use.steps };
  if (state === 'pass' && use.failure === undefined) return { ...report, verdict: 'pass', points: check.points };
  if (state !== 'pass' && state !== 'fail') throw new GradingError(`The check was not run (${state}): ${check.title}`);
  const { verdict, failure, position } = judgement(lab, check, outcome);
  const printed = printableFailure(failure);
  return { ...report, verdict, failure: printed, message: formatFailure(printed), ...(position && { position }) };
}

function judgement(
  lab: Lab,
  check: CheckInfo,
  { thrown, use }: CheckOutcome,
): Pick<CheckReport, 'position'> & { verdict: Verdict; failure: Failure } {
  // A forged record says nothing true, not even what the checks made of it.
  const partFailure = use.failure?.kind === 'forged transcript' || thrown === undefined ? use.failure : thrown;
  if (partFailure instanceof PartFailure) {
    const position = partFailure.kind === 'forged transcript' ? undefined : (partFailure.position ?? use.position);
    return { verdict: verdictOfPart(partFailure), failure: failureOfPart(partFailure, lab), position };
  }
  if (thrown instanceof CheckFailure) return { verdict: 'fail', failure: thrown.failure };
  if (isAssertionError(thrown)) return { verdict: 'fail', failure: failureOfAssertion(lab, check, thrown) };
  throw new GradingError(`The check "${check.title}" failed by itself: ${thrown instanceof Error ? thrown.message : 'it threw no Error'}`, {
    cause: thrown,
  });
}

/** A plain `expect` that did not hold: its own words are all there is. */
function failureOfAssertion(lab: Lab, check: CheckInfo, error: Error): Failure {
  return {
    class: check.class,
    rule: check.title,
    expected: 'what the check asks for',
    observed: error.message,
    consequence: 'See the rule in the lab’s statement.',
    cause: 'Read the check: it is short, and says what it does.',
    link: `labs/${lab.id}/`,
    trace: [],
  };
}

/** Characters of one text in a report. */
const TEXT_LENGTH_MAX = 4000;

/** A failure whose texts can be shown anywhere: a part may have put control characters into what it returned. */
function printableFailure(failure: Failure): Failure {
  return {
    ...failure,
    rule: printable(failure.rule),
    expected: printable(failure.expected),
    observed: printable(failure.observed),
    consequence: printable(failure.consequence),
    cause: printable(failure.cause),
    trace: failure.trace.map((event) => ({ ...event, what: printable(event.what) })),
  };
}

const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;
const halves = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text without control characters or halves of surrogate pairs, of bounded length. Line breaks stay. */
function printable(text: string): string {
  const short = text.length <= TEXT_LENGTH_MAX ? text : `${text.slice(0, TEXT_LENGTH_MAX)}…`;
  return short.replace(controls, '\u{fffd}').replace(halves, '\u{fffd}');
}
