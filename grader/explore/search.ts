/** Searches a scenario, and makes what is found short, in slices: in between there is time for signals and for a line that says how far it is. */
import type { ClusterState } from '../../labs-runtime/sim/cluster/cluster-state.ts';
import type { Cluster } from '../../labs-runtime/sim/cluster/cluster.ts';
import { ExhaustiveSearch, RandomWalks, type Exploration, type Finding } from '../../labs-runtime/sim/cluster/explore.ts';
import { FindingShortening } from '../../labs-runtime/sim/cluster/shorten.ts';
import type { ExploreTask } from './tasks.ts';
import type { Watch } from './watch.ts';
import { counted, grouped } from './words.ts';

export interface Searched {
  exploration: Exploration;
  /** Milliseconds that the search took, without what came after it. */
  tookMs: number;
  /** Why it ended. */
  end: 'found' | 'exhausted' | 'walks done' | 'states met' | 'stopped';
}

/** Who is told how far it is, from time to time. */
export type Progress = (line: string) => void;

/** How long a slice lasts, in milliseconds. */
const SLICE_MS = 80;
/** How many events, or schedules, are tried between two looks at the clock. */
const EVENTS_A_LOOK = 200;

/** Runs a search to its end, to its bound of states, or until it is stopped. Precondition: the cluster is at the beginning of its scenario. */
export async function search(cluster: Cluster, task: ExploreTask, watch: Watch, progress: Progress): Promise<Searched> {
  const exploration = explorationOf(cluster, task);
  const startMs = watch.now();
  const tookMs = () => watch.now() - startMs;
  let goesOn = true;
  while (goesOn && exploration.states < task.states && watch.signal === undefined) {
    const sliceEnds = watch.now() + SLICE_MS;
    // An event leads to one new state at most, so that the bound is met exactly.
    while (goesOn && exploration.states < task.states && watch.now() < sliceEnds)
      goesOn = exploration.goOn(Math.min(EVENTS_A_LOOK, task.states - exploration.states));
    progress(progressLine(cluster.scenario.name, exploration, tookMs()));
    await watch.breathe();
  }
  return { exploration, tookMs: tookMs(), end: endOf(exploration, task, goesOn) };
}

function explorationOf(cluster: Cluster, { seed, walks, depth }: ExploreTask): Exploration {
  const depthMax = depth === undefined ? {} : { depthMax: depth };
  return seed === undefined ? new ExhaustiveSearch(cluster, depthMax) : new RandomWalks(cluster, { firstSeed: seed, walks, ...depthMax });
}

function endOf({ finding, isExhausted, states }: Exploration, task: ExploreTask, goesOn: boolean): Searched['end'] {
  if (finding !== undefined) return 'found';
  if (isExhausted) return 'exhausted';
  if (!goesOn) return 'walks done';
  return states >= task.states ? 'states met' : 'stopped';
}

function progressLine(name: string, { states, depth, events }: Exploration, tookMs: number): string {
  const aSecond = grouped((states * 1000) / Math.max(1, tookMs));
  return `${name}: ${counted(states, 'state')}, ${aSecond} a second, depth ${depth}, ${counted(events, 'event')}`;
}

/** Makes a finding short, or as short as there is time for. */
export async function makeShort(
  cluster: Cluster,
  start: ClusterState,
  finding: Finding,
  watch: Watch,
  progress: Progress,
): Promise<FindingShortening> {
  const shortening = new FindingShortening(cluster, finding, { start });
  let goesOn = true;
  while (goesOn && watch.signal === undefined) {
    const sliceEnds = watch.now() + SLICE_MS;
    while (goesOn && watch.now() < sliceEnds) goesOn = shortening.goOn(1);
    progress(`making the schedule short: ${counted(shortening.finding.events.length, 'event')}, ${grouped(shortening.runs)} tried`);
    await watch.breathe();
  }
  return shortening;
}
