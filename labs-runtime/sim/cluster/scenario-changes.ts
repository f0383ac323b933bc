/**
 * How a scenario is changed before it is searched or replayed: another number of faults, or a mechanism of the protocol left out, to see what goes
 * wrong without it. Changes are plain data, so that a trace's file can name them.
 */
import type { Mechanisms } from '../../ft/replica/options.ts';
import { referenceMechanisms } from '../../ft/replica/options.ts';
import type { Scenario } from './scenario.ts';

/** What can be left out: mechanisms of the hosts, and two things that the storage sees to. */
export type MechanismName = keyof Mechanisms | 'flag' | 'fencing';

export interface ScenarioChanges {
  /** The most faults that may happen. */
  faults: number;
  without: readonly MechanismName[];
}

/** What each mechanism does. */
export const MECHANISMS: Record<MechanismName, string> = {
  flag: 'the storage gives the flag of a pair to one machine only (2.3)',
  fencing: 'the storage forgets what the loser has asked its disk for (2.3, 3.4)',
  holdsOutputs: 'an output waits until its own log entry is acknowledged, or its epoch held (2.2)',
  finishesOutputs: 'a power-off ends the pair only when everything that the guest made is outside (2.2)',
  keepsLogAlive: "an idle guest's log says from time to time that the primary lives (2.3)",
  replaysToEnd: 'a backup replays all it holds before it goes live (2.3)',
  remakesOutputs: 'a backup that goes live makes again what may not be outside (2.2)',
  reissuesDisk: 'it asks the disk again for what was pending there (3.4)',
  announces: 'it tells the network where the guest is now (2.3)',
  continuesClock: 'its guest never reads an earlier time than before (2.1)',
  checksGeneration: 'what arrives for another pair is dropped (3.1)',
  bouncesDisk: 'what a disk read brings reaches memory only at its completion (3.4)',
  quiesces: "at the switch of a migration nothing of the guest's is with the disk (3.3)",
  restoresRedundancy: 'a machine that serves alone looks for a new backup (3.1)',
  controlsLag: 'a primary whose backup falls behind is slowed (3.2)',
  backupReadsDisk: 'the backup reads the disk itself (4.2)',
  writesAwaitBackupReads: 'then a write waits for the reads before it (4.2)',
};

/** The names, in the order in which they are listed. */
export const MECHANISM_NAMES = Object.keys(MECHANISMS) as MechanismName[];

/** Whether a text is the name of a mechanism. */
export function isMechanism(name: string): name is MechanismName {
  return Object.hasOwn(MECHANISMS, name);
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
