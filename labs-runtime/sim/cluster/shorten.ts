/**
 * Makes what a search found short, for people: a schedule that breaks the same property, and of which no event can be left out. Events that did
 * nothing where they came go with the rest. It runs in slices, as the search does, so that whoever waits can be told how far it is, and stop it.
 */
import type { Shortening } from '../minimize.ts';
import { leaveOut } from '../minimize.ts';
import type { ClusterEvent, EventKind } from './cluster-event.ts';
import type { ClusterState } from './cluster-state.ts';
import type { Cluster } from './cluster.ts';
import type { Finding } from './explore.ts';
import { ScheduleReplayer } from './replay-schedule.ts';

export interface ShortenOptions {
  /** The beginning of the scenario. */
  start: ClusterState;
  /** The most schedules that are tried. Default: as many as it takes. */
  runsMax?: number;
}

/** A finding while it gets shorter. */
export class FindingShortening {
  /** Schedules tried. */
  runs = 0;
  /** Whether it is known that no event can be left out. */
  isMinimal = false;
  readonly #replayer: ScheduleReplayer;
  readonly #runsMax: number;
  readonly #shortening: Shortening<ClusterEvent>;
  #next: IteratorResult<ClusterEvent[], ClusterEvent[]>;
  #finding: Finding;

  /** Precondition: the cluster keeps its states, and the finding is one of its scenario. */
  constructor(cluster: Cluster, finding: Finding, { start, runsMax = Infinity }: ShortenOptions) {
    this.#replayer = new ScheduleReplayer(cluster, start);
    this.#finding = finding;
    this.#runsMax = runsMax;
    this.#shortening = shortening(finding.events);
    this.#next = this.#shortening.next();
    this.isMinimal = this.#next.done === true;
  }

  /** The shortest so far. */
  get finding(): Finding {
    return this.#finding;
  }

  /** Tries so many schedules more. False once there is nothing more to try, or no allowance to try it with. */
  goOn(runsMax: number): boolean {
    for (let count = 0; count < runsMax && !this.#next.done && this.runs < this.#runsMax; count++) {
      this.runs += 1;
      this.#next = this.#shortening.next(this.#breaksToo(this.#next.value));
    }
    this.isMinimal = this.#next.done === true;
    return !this.isMinimal && this.runs < this.#runsMax;
  }

  /** Whether a schedule breaks the same property; then it is the shortest so far. A run that breaks it by itself need not be brought to its end. */
  #breaksToo(events: ClusterEvent[]): boolean {
    const { breach: found, isSettled: wasSettled, seed } = this.#finding;
    const early = this.#replayer.replay({ events, isSettled: false });
    const isSettled = early === null && wasSettled;
    const breach = isSettled ? this.#replayer.replay({ events, isSettled }) : early;
    if (breach?.property !== found.property) return false;
    this.#finding = { breach, events, isSettled, seed };
    return true;
  }
}

/** A finding of which no event can be left out, as far as the allowance of runs reached. The cluster is left somewhere. */
export function shorten(cluster: Cluster, finding: Finding, options: ShortenOptions): FindingShortening {
  const shorter = new FindingShortening(cluster, finding, options);
  shorter.goOn(Infinity);
  return shorter;
}

/** Leaves out events and lowers numbers, in turn, until neither can be done. */
function* shortening(events: ClusterEvent[]): Shortening<ClusterEvent> {
  let shortest = events;
  for (;;) {
    shortest = yield* leaveOut(shortest);
    const lowered = yield* lowerPlaces(shortest);
    if (lowered === shortest) return shortest;
    shortest = lowered;
  }
}

/** Kinds of events whose number is a place among those that are on their way: a lower one waits behind less. */
const PLACES: ReadonlySet<EventKind> = new Set<EventKind>([
  'heartbeat',
  'frame',
  'answer',
  'disk',
  'disk data',
  'lose answer',
  'lose heartbeat',
  'lose frame',
  'double frame',
  'fail disk',
]);

function* lowerPlaces(events: ClusterEvent[]): Shortening<ClusterEvent> {
  let lowest = events;
  for (const [index, event] of events.entries()) {
    for (let at = 0; PLACES.has(event.kind) && at < event.at; at++) {
      const candidate = lowest.with(index, { ...event, at });
      if (!(yield candidate)) continue;
      lowest = candidate;
      break;
    }
  }
  return lowest;
}
