/**
 * Lets a schedule happen from a scenario's beginning, as a search did that found it: a list of events and, where it says so, the fair end of the run.
 */
import type { ClusterEvent } from './cluster-event.ts';
import type { Breach, ClusterState } from './cluster-state.ts';
import type { Cluster } from './cluster.ts';
import { settle } from './settle.ts';

/** What is replayed: the part of a finding that it follows from. */
export interface Schedule {
  events: ClusterEvent[];
  /** Whether the run is brought to its end after the last event. */
  isSettled: boolean;
}

/** Replays schedules of one scenario. Those that begin alike share the run of their beginning. */
export class ScheduleReplayer {
  readonly #cluster: Cluster;
  /** The events of the last run, and the states before each of them and after the last that happened. */
  #events: readonly ClusterEvent[] = [];
  readonly #states: ClusterState[];

  /** Precondition: the cluster keeps its states; `start` is the beginning of its scenario. */
  constructor(cluster: Cluster, start: ClusterState) {
    this.#cluster = cluster;
    this.#states = [start];
  }

  /** Replays a schedule, up to the breach of a property if there is one, and leaves the cluster there. */
  replay({ events, isSettled }: Schedule): Breach | null {
    const happened = this.#states.length - 1;
    const differsAt = events.findIndex((event, index) => index >= happened || event !== this.#events[index]);
    const common = differsAt < 0 ? Math.min(events.length, happened) : differsAt;
    this.#states.length = common + 1;
    this.#events = events;
    this.#cluster.state = this.#states[common]!;
    for (const event of events.slice(common)) {
      if (this.#cluster.state.breach !== null) break;
      this.#cluster.apply(event);
      this.#states.push(this.#cluster.state);
    }
    return this.#cluster.state.breach ?? (isSettled ? settle(this.#cluster) : null);
  }
}
