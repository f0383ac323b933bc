/**
 * The mechanisms of the protocol that can be left out, to see what goes wrong without one: what each does, and the scenario in which the exhaustive search
 * finds that out within its bounds. Reads on the backup (4.2) are not among them, since they are another way and not a safeguard: nothing breaks without.
 */
import type { Mechanisms } from '../../ft/replica/options.ts';

/** Mechanisms of the hosts, and two things that the storage sees to. */
export type MechanismName = Exclude<keyof Mechanisms, 'backupReadsDisk'> | 'flag' | 'fencing';

export interface Mechanism {
  /** What it does, with the section of VMware FT. */
  does: string;
  /** Name of the scenario that shows it. */
  shownBy: string;
}

export const MECHANISMS: Record<MechanismName, Mechanism> = {
  flag: { does: 'the storage gives the flag of a pair to one machine only (2.3)', shownBy: 'partition' },
  fencing: { does: 'the storage forgets what the loser has asked its disk for (2.3, 3.4)', shownBy: 'overlapping requests' },
  holdsOutputs: { does: 'an output waits until its own log entry is acknowledged, or its epoch held (2.2)', shownBy: 'tickets' },
  finishesOutputs: {
    does: 'a power-off ends the pair only when everything that the guest made is outside (2.2)',
    shownBy: 'power off at work',
  },
  keepsLogAlive: { does: "an idle guest's log says from time to time that the primary lives (2.3)", shownBy: 'calm' },
  replaysToEnd: { does: 'a backup replays all it holds before it goes live (2.3)', shownBy: 'lottery' },
  remakesOutputs: { does: 'a backup that goes live makes again what may not be outside (2.2)', shownBy: 'console' },
  reissuesDisk: { does: 'it asks the disk again for what was pending there (3.4)', shownBy: 'reads before writes' },
  announces: { does: 'it tells the network where the guest is now (2.3)', shownBy: 'clocks' },
  continuesClock: { does: 'its guest never reads an earlier time than before (2.1)', shownBy: 'clocks' },
  checksGeneration: { does: 'what arrives for another pair is dropped (3.1)', shownBy: 'late log' },
  bouncesDisk: { does: 'what a disk read brings reaches memory only at its completion (3.4)', shownBy: 'reads' },
  quiesces: { does: "at the switch of a migration nothing of the guest's is with the disk (3.3)", shownBy: 'overlapping requests' },
  restoresRedundancy: { does: 'a machine that serves alone looks for a new backup (3.1)', shownBy: 'new backup' },
  controlsLag: { does: 'a primary whose backup falls behind is slowed (3.2)', shownBy: 'busy backup' },
  writesAwaitBackupReads: {
    does: 'where the backup reads the disk itself, a write waits for the reads before it (4.2)',
    shownBy: 'reads before writes',
  },
};

/** The names, in the order in which they are listed. */
export const MECHANISM_NAMES = Object.keys(MECHANISMS) as MechanismName[];

/** Whether a text is the name of a mechanism. */
export function isMechanism(name: string): name is MechanismName {
  return Object.hasOwn(MECHANISMS, name);
}
