/**
 * How a scenario is changed before it is searched or replayed: another number of faults, or a mechanism of the protocol left out, to see what goes
 * wrong without it. Changes are plain data, so that a trace's file can name them.
 */
import type { Mechanisms } from '../../ft/replica/options.ts';
import { referenceMechanisms } from '../../ft/replica/options.ts';
import type { MechanismName } from './mechanisms.ts';
import type { Scenario } from './scenario.ts';

export interface ScenarioChanges {
  /** The most faults that may happen. */
  faults: number;
  without: readonly MechanismName[];
}

/** Whether a scenario has a mechanism, so that it can be left out. */
export function hasMechanism(scenario: Scenario, name: MechanismName): boolean {
  if (name === 'flag') return scenario.flagIsExclusive;
  return name === 'fencing' ? scenario.fences : scenario.options.mechanisms[name];
}

/** The scenario with the changes. */
export function changeScenario(scenario: Scenario, { faults, without }: ScenarioChanges): Scenario {
  const mechanisms = { ...scenario.options.mechanisms };
  for (const name of without) if (name in referenceMechanisms) mechanisms[name as keyof Mechanisms] = false;
  return {
    ...scenario,
    allowance: { ...scenario.allowance, faults },
    flagIsExclusive: scenario.flagIsExclusive && !without.includes('flag'),
    fences: scenario.fences && !without.includes('fencing'),
    options: { ...scenario.options, mechanisms },
  };
}
