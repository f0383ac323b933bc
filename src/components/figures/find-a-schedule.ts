/**
 * Logic of the live figure of the search: one mechanism of the protocol is left out, and a cluster of two servers is searched for a schedule that
 * breaks a property. What is found is made minimal and put in words. The scenario is small enough to be looked at whole (VMware FT, section 2).
 */
import { replicaDefaults } from '../../../labs-runtime/ft/replica/options.ts';
import type { Cluster } from '../../../labs-runtime/sim/cluster/cluster.ts';
import type { ClusterState } from '../../../labs-runtime/sim/cluster/cluster-state.ts';
import { createCluster } from '../../../labs-runtime/sim/cluster/create-cluster.ts';
import type { Explanation } from '../../../labs-runtime/sim/cluster/explain-breach.ts';
import type { Exploration } from '../../../labs-runtime/sim/cluster/explore.ts';
import { ExhaustiveSearch, RandomWalks } from '../../../labs-runtime/sim/cluster/explore.ts';
import type { MechanismName } from '../../../labs-runtime/sim/cluster/mechanisms.ts';
import { narrate } from '../../../labs-runtime/sim/cluster/narrate.ts';
import { changeScenario } from '../../../labs-runtime/sim/cluster/scenario-changes.ts';
import type { Scenario } from '../../../labs-runtime/sim/cluster/scenario.ts';
import { scenarioDefaults } from '../../../labs-runtime/sim/cluster/scenario.ts';
import { ticketService } from '../../../labs-runtime/sim/cluster/services.ts';
import { FindingShortening } from '../../../labs-runtime/sim/cluster/shorten.ts';
import type { TraceRow } from '../../../labs-runtime/sim/trace-event.ts';

/** What can be left out of the protocol. */
export type LeftOut = 'nothing' | MechanismName;

/** A search that has met so many states ends, whether it is done or not. */
export const STATES_MAX = 60_000;
const WALKS_MAX = 2000;

/** So much is done before a frame may be due: some milliseconds even where a state has to be brought to rest. */
const EVENTS_A_PIECE = 4;
const SHORTER_A_PIECE = 1;
const PIECE_MS_MAX = 9;

const TICK_MS = 50;

/** A client draws a ticket from a pair, and one machine may fail. Two ticks of silence are a failure. */
const scenario: Scenario = {
  ...scenarioDefaults,
  name: 'one ticket',
  about: 'A client draws a ticket, and one of the two machines fails.',
  guest: 'tickets',
  clients: { service: ticketService, commands: [['take ticket']] },
  faults: ['crash'],
  allowance: { ...scenarioDefaults.allowance, ticks: 2, retries: 0 },
  tickMs: TICK_MS,
  eager: ['run', 'heartbeat', 'answer'],
  options: {
    ...replicaDefaults,
    // Entries that are made together travel together, and are not sent again within the run: that leaves fewer states to look at.
    channel: { ...replicaDefaults.channel, batchEntriesMax: 8, resendAfterMs: 20 * TICK_MS },
    failover: { heartbeatEveryMs: TICK_MS, silenceMaxMs: TICK_MS + 10, retryAfterMs: TICK_MS },
    mechanisms: { ...replicaDefaults.mechanisms, controlsLag: false },
  },
  depthMax: 34,
};

/** What only the end of a run shows is looked for at the ends of random walks. */
const WALKED: readonly LeftOut[] = ['announces'];

/** The scenario without a mechanism. */
export function scenarioWithout(leftOut: LeftOut): Scenario {
  if (leftOut === 'nothing') return scenario;
  return changeScenario(scenario, { faults: scenario.allowance.faults, without: [leftOut] });
}

/** What was found, as short as it gets. */
export interface Found {
  explanation: Explanation;
  /** Events in the schedule as it was found, and in the shortest. */
  eventsAtFirst: number;
  eventsAtLast: number;
  /** Schedules tried to make it short. */
  runs: number;
}

export interface SearchFrame {
  kind: 'exhaustive' | 'walks';
  phase: 'searching' | 'shortening' | 'done';
  states: number;
  events: number;
  depth: number;
  statesPerSecond: number;
  isExhausted: boolean;
  found: Found | undefined;
  /** The minimal schedule, ready to be drawn, and the lanes that it may have. */
  rows: TraceRow<string>[];
  lanes: readonly string[];
}

/** A cluster at the beginning of its scenario. */
export interface Prepared {
  cluster: Cluster;
  start: ClusterState;
  kind: SearchFrame['kind'];
}

/** The cluster without a mechanism, started. */
export async function prepare(leftOut: LeftOut): Promise<Prepared> {
  const cluster = await createCluster(scenarioWithout(leftOut), { keepsStates: true });
  return { cluster, start: cluster.state, kind: WALKED.includes(leftOut) ? 'walks' : 'exhaustive' };
}

/**
 * Searches, makes what it finds short, and tells it; a frame after some milliseconds of work each. `clockMs` tells the host's time, for the length
 * of the pieces and for the speed.
 */
export function* search({ cluster, start, kind }: Prepared, clockMs: () => number): Generator<SearchFrame> {
  const exploration: Exploration =
    kind === 'walks' ? new RandomWalks(cluster, { firstSeed: 1, walks: WALKS_MAX }) : new ExhaustiveSearch(cluster);
  let workedMs = 0;
  const frame = (rest: Partial<SearchFrame> = {}): SearchFrame => {
    const { states, events, depth, isExhausted } = exploration;
    const statesPerSecond = Math.round((1000 * states) / Math.max(workedMs, 1));
    const nothing = { found: undefined, rows: [], lanes: [] };
    return { kind, phase: 'searching', states, events, depth, isExhausted, statesPerSecond, ...nothing, ...rest };
  };
  for (let goesOn = true; goesOn;) {
    workedMs += worked(clockMs, () => (goesOn = exploration.goOn(EVENTS_A_PIECE) && exploration.states < STATES_MAX));
    yield frame();
  }
  const { finding } = exploration;
  if (finding === undefined) return yield frame({ phase: 'done' });
  const shortening = new FindingShortening(cluster, finding, { start });
  for (let goesOn = true; goesOn;) {
    worked(clockMs, () => (goesOn = shortening.goOn(SHORTER_A_PIECE)));
    yield frame({ phase: 'shortening' });
  }
  const { rows, lanes, explanation } = narrate(cluster, start, shortening.finding);
  const found = {
    explanation: explanation!,
    eventsAtFirst: finding.events.length,
    eventsAtLast: shortening.finding.events.length,
    runs: shortening.runs,
  };
  yield frame({ phase: 'done', found, rows, lanes });
}

/** Does pieces of work until there is no more, or time is up; returns the time it took. */
function worked(clockMs: () => number, piece: () => boolean): number {
  const begun = clockMs();
  while (piece() && clockMs() - begun < PIECE_MS_MAX);
  return clockMs() - begun;
}

/** What the search came to, in a few sentences. */
export function describeSearch({ kind, states, events, depth, isExhausted, found }: SearchFrame): string {
  const looked = `${counted(states, 'state')} in ${counted(events, 'event')}`;
  if (found === undefined) {
    if (isExhausted)
      return `No schedule up to these bounds breaks a property: all ${looked}, the longest schedule of ${counted(depth, 'event')}.`;
    return `Nothing found in ${looked}, and not all was looked at.`;
  }
  const { explanation, eventsAtFirst, eventsAtLast, runs } = found;
  const how = kind === 'walks' ? 'Random walks broke' : 'The search broke';
  const made =
    eventsAtFirst === eventsAtLast
      ? 'None can be left out'
      : eventsAtLast === 1
        ? 'One of them is enough'
        : `Of these, ${eventsAtLast} are enough`;
  const tried = `${counted(runs, 'shorter schedule')} tried`;
  return `${how} the property “${explanation.property}” after ${looked}, with a schedule of ${counted(eventsAtFirst, 'event')}. ${made} (${tried}).`;
}

function counted(count: number, one: string): string {
  return `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;
}
