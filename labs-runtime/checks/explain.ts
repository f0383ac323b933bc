/**
 * From a schedule that breaks a rule to the seven parts of a failing check's message. Walk two, step 3: a lab says what each of its rules means,
 * the search says what happened.
 */
import type { Counterexample } from '../sim/search.ts';
import { CheckFailure } from './check-failure.ts';
import type { CheckClass } from './lab.ts';

/** What a rule means, what a client outside would see if it were broken, and where to look first. */
export interface Explanation {
  /** The rule in words. */
  rule: string;
  class: CheckClass;
  consequence: string;
  cause: string;
  /** Address of the section that explains it, e.g. `lecture/failover/#log-end`. */
  link: string;
}

/** The failure of the check `check` of the lab `lab`, for a schedule that breaks the rule explained. */
export function brokenRule(found: Counterexample, explanation: Explanation, { lab, check }: { lab: string; check: string }): CheckFailure {
  return new CheckFailure({
    class: explanation.class,
    rule: explanation.rule,
    expected: found.expected,
    observed: `${found.observed}, at t=${found.atMs} ms, event ${found.event}`,
    consequence: explanation.consequence,
    cause: explanation.cause,
    link: explanation.link,
    replay: `labs/${lab}/?check=${check}&seed=${found.seed}`,
    seed: found.seed,
    trace: found.trace,
  });
}
