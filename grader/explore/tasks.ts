/** What the command can be asked to do with simulated clusters, and how the arguments of that are read. */
import { SEED_MAX, WrongArgument, integer, only, text, type OptionValues } from '../option-values.ts';

export interface ExploreTask {
  kind: 'explore';
  /** Name of the scenario, with blanks or hyphens between its words; undefined for the one that shows what goes wrong without the mechanism. */
  scenario: string | undefined;
  /** Seed of the first random walk; undefined for an exhaustive search. */
  seed: number | undefined;
  /** Random walks, at most. */
  walks: number;
  /** Bounds in place of the scenario's own. */
  depth: number | undefined;
  faults: number | undefined;
  /** Distinct states after which the search stops. */
  states: number;
  /** Names of mechanisms to leave out. */
  without: string[];
  /** File for the trace, in place of one named after the scenario. */
  out: string | undefined;
}

export interface TraceTask {
  kind: 'trace';
  path: string;
}

export type ClusterTask = ExploreTask | TraceTask | { kind: 'scenarios' };

export const CLUSTER_COMMANDS = ['explore', 'trace'] as const;
export type ClusterCommand = (typeof CLUSTER_COMMANDS)[number];

/** Options of these commands, in the form of `parseArgs`. */
export const CLUSTER_OPTIONS = {
  seed: { type: 'string' },
  walks: { type: 'string' },
  depth: { type: 'string' },
  faults: { type: 'string' },
  states: { type: 'string' },
  without: { type: 'string', multiple: true },
  out: { type: 'string' },
} as const;

/** Which of them each command takes. */
export const CLUSTER_OPTIONS_OF: Record<ClusterCommand, readonly string[]> = {
  explore: Object.keys(CLUSTER_OPTIONS),
  trace: [],
};

const WALKS = 10_000;
const WALKS_MAX = 1_000_000;
const STATES = 200_000;
/** The set of states that were met holds no more. */
const STATES_MAX = 10_000_000;
const DEPTH_MAX = 5000;
const FAULTS_MAX = 100;

/** The task. @throws WrongArgument */
export function readClusterTask(command: ClusterCommand, operands: string[], values: OptionValues): ClusterTask {
  if (command === 'trace') return { kind: 'trace', path: only(operands, 'Which trace?', 'npx lockstep trace crash.trace') };
  return readExplore(operands, values);
}

/** A scenario's name may be several words. Without one it is that of the mechanisms left out; without those, the scenarios are listed. */
function readExplore(operands: string[], values: OptionValues): ClusterTask {
  const scenario = operands.join(' ').trim();
  const [given] = Object.keys(values);
  if (scenario === '' && operands.length === 0 && given === undefined) return { kind: 'scenarios' };
  const without = Array.isArray(values.without) ? values.without.flatMap((names) => names.split(',')) : [];
  if (without.includes('')) throw new WrongArgument('--without needs the name of a mechanism after it; `npx lockstep explore` lists them.');
  if (scenario === '' && (operands.length > 0 || without.length === 0))
    throw new WrongArgument('Which scenario? Name one, e.g. `npx lockstep explore crash`; `npx lockstep explore` lists them.');
  const seed = integer(values, 'seed', 0, SEED_MAX);
  const walks = integer(values, 'walks', 1, WALKS_MAX);
  if (walks !== undefined && seed === undefined)
    throw new WrongArgument('--walks says how many random walks there are: add --seed <n>, the number of the first.');
  return {
    kind: 'explore',
    scenario: scenario === '' ? undefined : scenario,
    seed,
    walks: walks ?? WALKS,
    depth: integer(values, 'depth', 1, DEPTH_MAX),
    faults: integer(values, 'faults', 0, FAULTS_MAX),
    states: integer(values, 'states', 1, STATES_MAX) ?? STATES,
    without,
    out: text(values, 'out'),
  };
}
