/** The scenario that is to be searched, as its arguments have it. Names that are none get the nearest in their message. */
import type { ScenarioChanges, MechanismName } from '../../labs-runtime/sim/cluster/scenario-changes.ts';
import { MECHANISM_NAMES, changeScenario, hasMechanism, isMechanism } from '../../labs-runtime/sim/cluster/scenario-changes.ts';
import type { Scenario } from '../../labs-runtime/sim/cluster/scenario.ts';
import { scenarios } from '../../labs-runtime/sim/cluster/scenarios.ts';
import { CannotRun } from '../machine/files.ts';
import { didYouMean } from '../nearest.ts';
import { printable } from '../terminal.ts';
import type { ExploreTask } from './tasks.ts';
import { nameToType } from './words.ts';

export interface Chosen {
  /** With its changes. */
  scenario: Scenario;
  changes: ScenarioChanges;
}

/** The scenario of a task. Throws CannotRun where there is no such scenario, or nothing to leave out. */
export function chooseScenario({ scenario: name, faults, without }: ExploreTask): Chosen {
  const scenario = scenarios.find((each) => nameToType(each.name) === nameToType(name));
  if (scenario === undefined) {
    const names = scenarios.map((each) => nameToType(each.name));
    throw new CannotRun(
      `There is no scenario "${printable(name)}".${didYouMean(nameToType(name), names)} The scenarios are: ${names.join(', ')}.`,
    );
  }
  const mechanisms = [...new Set(without)].map((each) => mechanismOf(scenario, each));
  const changes = { faults: faults ?? scenario.allowance.faults, without: mechanisms };
  return { scenario: changeScenario(scenario, changes), changes };
}

function mechanismOf(scenario: Scenario, name: string): MechanismName {
  if (!isMechanism(name))
    throw new CannotRun(
      `There is no mechanism "${printable(name)}".${didYouMean(name, MECHANISM_NAMES)} The mechanisms are: ${MECHANISM_NAMES.join(', ')}.`,
    );
  if (!hasMechanism(scenario, name))
    throw new CannotRun(`--without ${name}: the scenario "${scenario.name}" does without it already. Leave the option out.`);
  return name;
}
