/**
 * Searches schedules of the simulated world for one that breaks a rule, and makes the first one found short enough to read.
 * Seeds are tried in order, so that the same part always gets the same counterexample. The labs' checks stand on this.
 */
import * as channel from '../ft/channel.ts';
import type { Role } from '../ft/channel-api.ts';
import { PartFailure } from '../ft/part.ts';
import type { GuestName } from '../guests/index.ts';
import { guests } from '../guests/index.ts';
import { Machines } from './machines.ts';
import { minimize } from './minimize.ts';
import type { ChannelPart } from './part-end.ts';
import { fatalRules } from './rules.ts';
import type { Rule, Violation } from './rules.ts';
import { scheduleDefaults, scheduleOf } from './schedule.ts';
import type { ScheduleOptions } from './schedule.ts';
import type { TraceEvent } from './trace-event.ts';
import { settle } from './settle.ts';
import { World } from './world.ts';
import { worldDefaults } from './world-options.ts';
import type { WorldOptions } from './world-options.ts';
import type { WorldEvent } from './world-event.ts';

export interface Search extends Pick<WorldOptions, 'channel' | 'failover' | 'flag' | 'clients' | 'stateBytesMax' | 'judge'> {
  /** The parts; the reference's channel unless another is given, no gate and no failover unless they are. */
  parts: Pick<WorldOptions, 'outputGatePart' | 'failoverPart'> & { channelPart?: ChannelPart };
  /** The rules asked about. Rules without which a run cannot go on, and progress, always count. */
  rules: Rule[];
  /** Seeds to try: this many, from `firstSeed` on. */
  seeds: number;
  firstSeed: number;
  guest: GuestName;
  schedule: Partial<Omit<ScheduleOptions, 'seed'>>;
  /** A schedule in place of those of the seeds, which then decide clock values only. */
  script?: WorldEvent[];
  /** How many entries the backup replays in one round of time. */
  replayEntriesPerRound: number;
  /** Whether rows of a trace on which only the log flows are summed up. */
  sumsUpLog: boolean;
  /** The most runs spent on making a failing schedule short. */
  minimizeRunsMax: number;
}

export const searchDefaults: Omit<Search, 'parts' | 'rules' | 'firstSeed'> = {
  channel: worldDefaults.channel,
  failover: worldDefaults.failover,
  flag: worldDefaults.flag,
  clients: 0,
  stateBytesMax: Infinity,
  judge: 'bytes',
  seeds: 20,
  guest: 'counter',
  schedule: {},
  replayEntriesPerRound: Infinity,
  sumsUpLog: false,
  minimizeRunsMax: 250,
};

/** A schedule that breaks a rule. */
export interface Counterexample extends Violation {
  seed: number;
  /** The schedule, as short as the search could make it, without the settling at its end. */
  schedule: WorldEvent[];
  trace: TraceEvent[];
}

/** What a search did, counted over all runs, so that a check can see that something was at stake. */
export interface SearchResult {
  counterexample?: Counterexample;
  runs: number;
  /** Log entries appended. */
  entries: number;
  /** Outputs that left a machine. */
  outputs: number;
  /** Answers that clients got. */
  answers: number;
  /** Machines that went live. */
  takeovers: number;
}

/** Runs the schedules of the seeds in order until one breaks a rule. Throws `PartFailure` where the part cannot go on. */
export async function search(wanted: Pick<Search, 'parts' | 'rules' | 'firstSeed'> & Partial<Search>): Promise<SearchResult> {
  const chosen: Search = { ...searchDefaults, ...wanted };
  const rules = new Set<Rule>([...chosen.rules, ...fatalRules, 'progress']);
  const result: SearchResult = { runs: 0, entries: 0, outputs: 0, answers: 0, takeovers: 0 };
  const common = await worldOptionsOf(chosen);
  for (let seed = chosen.firstSeed; seed < chosen.firstSeed + chosen.seeds; seed++) {
    const options = { ...common, seed };
    const events = chosen.script ?? scheduleOf({ seed, ...chosen.schedule });
    const world = runUntilBroken(options, events, rules);
    const settles = firstOf(world, rules) === undefined;
    if (settles) settle(world);
    count(world, result);
    const violation = firstOf(world, rules);
    if (violation === undefined) continue;
    const runOf = (list: WorldEvent[]): World => (settles ? runSchedule(options, list) : runUntilBroken(options, list, rules));
    return { ...result, counterexample: shorten({ search: chosen, seed, events, violation, runOf, rules }) };
  }
  return result;
}

/** Runs one schedule to its fair end. */
export function runSchedule(options: WorldOptions, events: WorldEvent[]): World {
  const world = new World(options);
  for (const event of events) world.apply(event);
  settle(world);
  return world;
}

/** Runs one schedule up to the event that breaks one of the rules, or to its last event. */
function runUntilBroken(options: WorldOptions, events: WorldEvent[], rules: ReadonlySet<Rule>): World {
  const world = new World(options);
  for (const event of events) {
    world.apply(event);
    if (firstOf(world, rules) !== undefined) break;
  }
  return world;
}

/** What the worlds of all seeds have in common, the machines with the guest among it: each world is done with before the next begins. */
async function worldOptionsOf(chosen: Search): Promise<Omit<WorldOptions, 'seed'>> {
  const guest = guests[chosen.guest];
  const { pieceBytesMax, replayEntriesMax } = { ...scheduleDefaults, ...chosen.schedule };
  const { channel: channelOptions, failover, flag, clients, stateBytesMax, judge, parts } = chosen;
  return {
    machines: new Machines(await guest.load(), guest.ramBytes),
    channelPart: channel as ChannelPart,
    ...parts,
    channel: channelOptions,
    failover,
    flag,
    clients,
    stateBytesMax,
    judge,
    pieceBytesMax,
    promptReplay: replayEntriesMax === Infinity && chosen.replayEntriesPerRound === Infinity,
    replayEntriesPerRound: chosen.replayEntriesPerRound,
  };
}

function count(world: World, result: SearchResult): void {
  result.runs += 1;
  result.entries += world.hosts.primary.recording!.entries.length;
  for (const role of ['primary', 'backup'] satisfies Role[]) {
    result.outputs += world.hosts[role].outputsReleased;
    result.takeovers += world.hosts[role].isAlone ? 1 : 0;
  }
  for (const { tickets } of world.clients) result.answers += tickets.size;
}

function firstOf(world: World, rules: ReadonlySet<Rule>): Violation | undefined {
  return world.run.violations.find((violation) => rules.has(violation.rule));
}

interface Failing {
  search: Search;
  seed: number;
  events: WorldEvent[];
  violation: Violation;
  /** Runs a shorter schedule; settles it only if the rule was broken in the settling, so that a breach does not move there, where much happens at once. */
  runOf: (events: WorldEvent[]) => World;
  rules: ReadonlySet<Rule>;
}

/** The same breach on the shortest schedule found; a part that fails otherwise on a shorter one ends the shortening there. */
function shorten({ search: { clients, minimizeRunsMax, sumsUpLog }, seed, events, violation, runOf, rules }: Failing): Counterexample {
  // Clients need a guest that has started, which is what the first event is for.
  const kept = clients > 0 ? events.slice(0, 1) : [];
  let shortest = { events, world: undefined as World | undefined, violation };
  minimize(
    events.slice(kept.length),
    (rest) => {
      const candidate = [...kept, ...rest];
      const world = tryRun(runOf, candidate);
      const found = world && firstOf(world, rules);
      if (found?.rule !== violation.rule) return false;
      shortest = { events: candidate, world, violation: found };
      return true;
    },
    minimizeRunsMax,
  );
  const world = shortest.world ?? runOf(events);
  const { event, atMs, row, lane, observed } = shortest.violation;
  const trace = world.run.trace.rows({ lastEvent: event, lastRow: row, brokenOn: lane, observed: { atMs, what: observed }, sumsUpLog });
  return { ...shortest.violation, seed, schedule: shortest.events, trace };
}

function tryRun(runOf: (events: WorldEvent[]) => World, events: WorldEvent[]): World | undefined {
  try {
    return runOf(events);
  } catch (error) {
    if (error instanceof PartFailure) return undefined;
    throw error;
  }
}
