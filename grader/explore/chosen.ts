/** The scenario that is to be searched, as its arguments have it. Names that are none get the nearest in their message. */
import type { MechanismName } from '../../labs-runtime/sim/cluster/mechanisms.ts';
import { isMechanism, MECHANISM_NAMES, MECHANISMS } from '../../labs-runtime/sim/cluster/mechanisms.ts';
import type { ScenarioChanges } from '../../labs-runtime/sim/cluster/scenario-changes.ts';
import { changeScenario, hasMechanism } from '../../labs-runtime/sim/cluster/scenario-changes.ts';
import type { Scenario } from '../../labs-runtime/sim/cluster/scenario.ts';
import { scenarios } from '../../labs-runtime/sim/cluster/scenarios.ts';
import { CannotRun } from '../machine/files.ts';
import { didYouMean } from '../nearest.ts';
import { printable } from '../terminal.ts';
import { mechanismList, nameToType, scenarioToType } from './mechanism-words.ts';
import type { ExploreTask } from './tasks.ts';

export interface Chosen {
  /** With its changes. */
  scenario: Scenario;
  changes: ScenarioChanges;
}

/** The scenario of a task. Throws CannotRun where there is no such scenario, or nothing to leave out. */
export function chooseScenario({ scenario: name, faults, without: names }: ExploreTask): Chosen {
  const without = [...new Set(names)].map(mechanismNamed);
  const scenario = scenarioNamed(name ?? scenarioThatShows(without));
  for (const each of without) if (!hasMechanism(scenario, each)) throw new CannotRun(hasNot(scenario, each));
  const changes = { faults: faults ?? scenario.allowance.faults, without };
  return { scenario: changeScenario(scenario, changes), changes };
}

function scenarioNamed(name: string): Scenario {
  const scenario = scenarios.find((each) => nameToType(each.name) === nameToType(name));
  if (scenario !== undefined) return scenario;
  const names = scenarios.map((each) => nameToType(each.name));
  throw new CannotRun(
    `There is no scenario "${printable(name)}".${didYouMean(nameToType(name), names)} The scenarios are: ${names.join(', ')}.`,
  );
}

function mechanismNamed(name: string): MechanismName {
  if (isMechanism(name)) return name;
  throw new CannotRun(
    `There is no mechanism "${printable(name)}".${didYouMean(name, MECHANISM_NAMES)} ` +
      `The mechanisms are, with the scenarios that show what goes wrong without them: ${mechanismList()}.`,
  );
}

/** The one scenario that shows what goes wrong without any of these. */
function scenarioThatShows(without: readonly MechanismName[]): string {
  const [first, ...others] = new Set(without.map((name) => MECHANISMS[name].shownBy));
  if (others.length === 0) return first!;
  const shown = without.map((name) => `${name} in ${scenarioToType(name)}`).join(', ');
  throw new CannotRun(`Which scenario? The mechanisms to leave out are shown in different ones (${shown}): name one of them.`);
}

function hasNot(scenario: Scenario, name: MechanismName): string {
  return `--without ${name}: the scenario "${scenario.name}" does without it already. The scenario ${scenarioToType(name)} shows what goes wrong then.`;
}
