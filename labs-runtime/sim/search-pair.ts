/**
 * Searches schedules of a simulated pair for one that breaks a rule, and makes the first one found short enough to read.
 * Seeds are tried in order, so that the same part always gets the same counterexample. The lab's checks stand on this.
 */
import type { ChannelOptions } from '../ft/channel-api.ts';
import { PartFailure } from '../ft/part.ts';
import type { GuestName } from '../guests/index.ts';
import { guests } from '../guests/index.ts';
import type { ChannelPart } from './channel-end.ts';
import { minimize } from './minimize.ts';
import { Pair } from './pair.ts';
import type { PairOptions } from './pair.ts';
import { fatalRules } from './pair-rules.ts';
import type { PairRule, Violation } from './pair-rules.ts';
import { scheduleDefaults, scheduleOf } from './pair-schedule.ts';
import type { PairEvent, ScheduleOptions } from './pair-schedule.ts';
import type { PairTraceRow } from './pair-trace.ts';

export interface PairSearch {
  part: ChannelPart;
  /** The rules asked about. Rules without which a run cannot go on, and progress, always count. */
  rules: PairRule[];
  /** Seeds to try: this many, from `firstSeed` on. */
  seeds: number;
  firstSeed: number;
  guest: GuestName;
  schedule: Partial<Omit<ScheduleOptions, 'seed'>>;
  channel: Omit<ChannelOptions, 'role'>;
  stateBytesMax: number;
  judge: PairOptions['judge'];
  /** The most runs spent on making a failing schedule short. */
  minimizeRunsMax: number;
}

export const pairSearchDefaults: Omit<PairSearch, 'part' | 'rules' | 'firstSeed'> = {
  seeds: 20,
  guest: 'counter',
  schedule: {},
  channel: { bufferEntriesMax: 32, entryBytesMax: 32, resendAfterMs: 50 },
  stateBytesMax: Infinity,
  judge: 'bytes',
  minimizeRunsMax: 250,
};

/** A schedule that breaks a rule. */
export interface Counterexample extends Violation {
  seed: number;
  /** The schedule, as short as the search could make it, without the settling at its end. */
  schedule: PairEvent[];
  trace: PairTraceRow[];
}

/** What a search did: `entries` counts the log entries appended over all runs, so that a check can see that something was at stake. */
export interface PairSearchResult {
  counterexample?: Counterexample;
  runs: number;
  entries: number;
}

/** Runs the schedules of the seeds in order until one breaks a rule. Throws `PartFailure` where the part cannot go on. */
export async function searchPair(
  search: Pick<PairSearch, 'part' | 'rules' | 'firstSeed'> & Partial<PairSearch>,
): Promise<PairSearchResult> {
  const chosen: PairSearch = { ...pairSearchDefaults, ...search };
  const guest = guests[chosen.guest];
  const image = await guest.load();
  const rules = new Set<PairRule>([...chosen.rules, ...fatalRules, 'progress']);
  const { pieceBytesMax, replayEntriesMax } = { ...scheduleDefaults, ...chosen.schedule };
  let entries = 0;
  for (let seed = chosen.firstSeed; seed < chosen.firstSeed + chosen.seeds; seed++) {
    const runOf = (events: PairEvent[]) =>
      runSchedule({ ...chosen, image, ramBytes: guest.ramBytes, pieceBytesMax, promptReplay: replayEntriesMax === Infinity, seed }, events);
    const events = scheduleOf({ seed, ...chosen.schedule });
    const pair = runOf(events);
    entries += pair.primary.entries.length;
    const violation = firstOf(pair, rules);
    if (violation)
      return {
        counterexample: shorten({ seed, events, violation, runOf, runsMax: chosen.minimizeRunsMax, rules }),
        runs: seed + 1 - chosen.firstSeed,
        entries,
      };
  }
  return { runs: chosen.seeds, entries };
}

/** Runs one schedule to its fair end. */
export function runSchedule(options: PairOptions, events: PairEvent[]): Pair {
  const pair = new Pair(options);
  for (const event of events) pair.apply(event);
  pair.settle();
  return pair;
}

function firstOf(pair: Pair, rules: ReadonlySet<PairRule>): Violation | undefined {
  return pair.violations.find((violation) => rules.has(violation.rule));
}

interface Failing {
  seed: number;
  events: PairEvent[];
  violation: Violation;
  runOf: (events: PairEvent[]) => Pair;
  runsMax: number;
  rules: ReadonlySet<PairRule>;
}

/** The same breach on the shortest schedule found; a part that fails otherwise on a shorter one ends the shortening there. */
function shorten({ seed, events, violation, runOf, runsMax, rules }: Failing): Counterexample {
  let shortest = { events, pair: undefined as Pair | undefined, violation };
  minimize(
    events,
    (candidate) => {
      const pair = tryRun(runOf, candidate);
      const found = pair && firstOf(pair, rules);
      if (found?.rule !== violation.rule) return false;
      shortest = { events: candidate, pair, violation: found };
      return true;
    },
    runsMax,
  );
  const pair = shortest.pair ?? runOf(events);
  const trace = pair.trace.rows(shortest.violation.event);
  return { ...shortest.violation, seed, schedule: shortest.events, trace };
}

function tryRun(runOf: (events: PairEvent[]) => Pair, events: PairEvent[]): Pair | undefined {
  try {
    return runOf(events);
  } catch (error) {
    if (error instanceof PartFailure) return undefined;
    throw error;
  }
}
