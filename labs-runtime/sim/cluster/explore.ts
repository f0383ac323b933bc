/**
 * The search for a schedule that breaks a property: every schedule up to a scenario's bounds, each state met once, or random walks from a seed beyond them.
 * Both take a scenario's events from `enabled.ts` and let them happen in `cluster.ts`. A search runs in slices, so that whoever runs it can say
 * how far it is, stop it, and keep what was found. The odometer of DSLabs and TigerBeetle, with real machines inside.
 */
import { createPrng } from '../prng.ts';
import type { Prng } from '../prng.ts';
import type { ClusterEvent } from './cluster-event.ts';
import { FAULTS } from './cluster-event.ts';
import type { Breach, ClusterState } from './cluster-state.ts';
import type { Cluster } from './cluster.ts';
import { enabledEvents } from './enabled.ts';
import { settle } from './settle.ts';
import { hashState } from './state-hash.ts';

export interface Finding {
  breach: Breach;
  /** The schedule, from the scenario's beginning, and whether the breach came only when the run was brought to its end. */
  events: ClusterEvent[];
  isSettled: boolean;
  /** Seed of the walk that found it; undefined for the exhaustive search. */
  seed: number | undefined;
}

/** What a search has done so far. */
export interface Explored {
  /** Events that happened, distinct states met, and runs brought to their end. */
  events: number;
  states: number;
  settled: number;
  /** The longest schedule looked at. */
  depth: number;
  /** Whether every schedule within the bounds was looked at. */
  isExhausted: boolean;
  finding: Finding | undefined;
}

export interface Exploration extends Explored {
  /** Goes on for so many events. False once there is nothing more to do: it is exhausted, or something was found. */
  goOn(eventsMax: number): boolean;
}

interface Branch {
  state: ClusterState;
  /** What can happen there, and how much of it was tried. */
  events: ClusterEvent[];
  tried: number;
}

/** One state in so many is brought to rest, to see whether service goes on from there: that takes as long as a hundred events. */
const SETTLED_SHARE = 256;

/** Every schedule up to the bounds, depth first. */
export class ExhaustiveSearch implements Exploration {
  events = 0;
  settled = 0;
  depth = 0;
  isExhausted = false;
  finding: Finding | undefined;
  readonly #cluster: Cluster;
  readonly #depthMax: number;
  /** For each state met, how many more events were allowed there. */
  readonly #seen = new Map<number, number>();
  readonly #path: Branch[] = [];

  /** Precondition: the cluster keeps its states, and is at the beginning of its scenario. */
  constructor(cluster: Cluster, { depthMax = cluster.scenario.depthMax } = {}) {
    this.#cluster = cluster;
    this.#depthMax = depthMax;
    this.#enter(cluster.state);
  }

  get states(): number {
    return this.#seen.size;
  }

  goOn(eventsMax: number): boolean {
    for (let count = 0; count < eventsMax; count++) {
      if (this.finding !== undefined || !this.#step()) break;
    }
    return this.finding === undefined && !this.isExhausted;
  }

  #step(): boolean {
    const branch = this.#path.at(-1);
    if (branch === undefined) {
      this.isExhausted = true;
      return false;
    }
    const event = branch.events[branch.tried++];
    if (event === undefined) {
      this.#path.pop();
      return true;
    }
    this.#cluster.state = branch.state;
    this.#cluster.apply(event);
    this.events += 1;
    this.depth = Math.max(this.depth, this.#path.length);
    if (this.#cluster.state.breach !== null) this.#find(this.#cluster.state.breach, false);
    else this.#enter(this.#cluster.state);
    return true;
  }

  /** A state met before with as many events still allowed has nothing new to show. */
  #enter(state: ClusterState): void {
    const hash = hashState(state);
    const left = this.#depthMax - this.#path.length;
    const before = this.#seen.get(hash);
    if (before !== undefined && before >= left) return;
    this.#seen.set(hash, left);
    const events = left > 0 ? enabledEvents(this.#cluster.scenario, state) : [];
    this.#path.push({ state, events, tried: 0 });
    if (hash % SETTLED_SHARE === 0) this.#settle();
  }

  #settle(): void {
    this.settled += 1;
    const breach = settle(this.#cluster);
    if (breach !== null) this.#find(breach, true);
  }

  #find(breach: Breach, isSettled: boolean): void {
    // While a state is being settled its own branch is on the path, and nothing of it was tried.
    const events = this.#path.flatMap(({ events: its, tried }) => (tried > 0 ? [its[tried - 1]!] : []));
    this.finding = { breach, events, isSettled, seed: undefined };
  }
}

export interface WalkOptions {
  firstSeed: number;
  walks: number;
  depthMax?: number;
}

/** Random walks, one for each seed, each brought to rest at its end. */
export class RandomWalks implements Exploration {
  events = 0;
  settled = 0;
  depth = 0;
  finding: Finding | undefined;
  readonly isExhausted = false;
  readonly #cluster: Cluster;
  readonly #start: ClusterState;
  readonly #depthMax: number;
  readonly #seen = new Set<number>();
  #seed: number;
  #walksLeft: number;

  /** Precondition: the cluster keeps its states, and is at the beginning of its scenario. */
  constructor(cluster: Cluster, { firstSeed, walks, depthMax = 2 * cluster.scenario.depthMax }: WalkOptions) {
    this.#cluster = cluster;
    this.#start = cluster.state;
    this.#depthMax = depthMax;
    this.#seed = firstSeed;
    this.#walksLeft = walks;
  }

  get states(): number {
    return this.#seen.size;
  }

  goOn(eventsMax: number): boolean {
    const end = this.events + eventsMax;
    while (this.#walksLeft > 0 && this.finding === undefined && this.events < end) this.#walk();
    return this.#walksLeft > 0 && this.finding === undefined;
  }

  #walk(): void {
    const cluster = this.#cluster;
    const seed = this.#seed++;
    this.#walksLeft -= 1;
    const random = createPrng(seed);
    const events: ClusterEvent[] = [];
    cluster.state = this.#start;
    while (events.length < this.#depthMax && cluster.state.breach === null) {
      const event = pick(enabledEvents(cluster.scenario, cluster.state), random);
      if (event === undefined) break;
      cluster.apply(event);
      events.push(event);
      this.#seen.add(hashState(cluster.state));
    }
    this.events += events.length;
    this.depth = Math.max(this.depth, events.length);
    const isSettled = cluster.state.breach === null;
    if (isSettled) this.settled += 1;
    const breach = isSettled ? settle(cluster) : cluster.state.breach;
    if (breach !== null) this.finding = { breach, events, isSettled, seed };
  }
}

/** How much rarer faults and the passing of time are in a walk than the rest: else nothing would ever be on its way when they come. */
const RARE = 6;

function pick(events: ClusterEvent[], random: Prng): ClusterEvent | undefined {
  if (events.length === 0) return undefined;
  const weights = events.map(({ kind }) => (FAULTS.has(kind) || kind === 'tick' || kind === 'retry' ? 1 : RARE));
  let ticket = random.int(weights.reduce((sum, weight) => sum + weight, 0));
  return events.find((_, index) => (ticket -= weights[index]!) < 0);
}
