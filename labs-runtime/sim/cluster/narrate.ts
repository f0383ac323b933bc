/**
 * Replays a schedule and says it in words: rows of a space-time diagram, one for each event and lane that has something to say, and an
 * explanation of the breach with which it ends. Last step of a search, for people; the figures of a run and the command line draw the rows.
 */
import type { ReplicaEffect, ServerId } from '../../ft/replica/messages.ts';
import type { TraceRow } from '../trace-event.ts';
import type { ClusterEvent } from './cluster-event.ts';
import type { Breach, ClusterState } from './cluster-state.ts';
import type { Cluster } from './cluster.ts';
import { counted } from './counted.ts';
import { finishRows } from './draft-rows.ts';
import type { DraftRow } from './draft-rows.ts';
import { EventWords } from './event-words.ts';
import { explainBreach } from './explain-breach.ts';
import type { Explanation } from './explain-breach.ts';
import type { ClusterLane } from './names.ts';
import { clientLane, clusterLanes, serverLane } from './names.ts';
import { copyPlain } from './plain-data.ts';
import type { Schedule } from './replay-schedule.ts';
import { settle } from './settle.ts';

export interface Narration {
  /** Every lane of the scenario, in their order; not all of them need have rows. */
  lanes: ClusterLane[];
  rows: TraceRow<ClusterLane>[];
  /** Why it is wrong; undefined where no property is broken. */
  explanation: Explanation | undefined;
  /** The state in which it ends. */
  end: ClusterState;
}

/** The fair end of a run is shown up to so many rows; of more, so many of the first and of the last. */
const END_ROWS_MAX = 18;
const END_ROWS_FIRST = 6;
const END_ROWS_LAST = 10;

/** Replays a schedule from a scenario's beginning. Precondition: the cluster keeps its states. */
export function narrate(cluster: Cluster, start: ClusterState, { events, isSettled }: Schedule): Narration {
  cluster.state = start;
  const narrator = new Narrator(cluster);
  const { observe, observeEvent } = cluster;
  cluster.observe = (server, effect) => narrator.hear(server, effect);
  cluster.observeEvent = (event) => narrator.begin(event);
  try {
    return narrator.tell(events, isSettled);
  } finally {
    Object.assign(cluster, { observe, observeEvent });
  }
}

class Narrator {
  readonly #cluster: Cluster;
  readonly #words: EventWords;
  readonly #drafts: DraftRow[] = [];
  /** Number of the event of the schedule, and whether the next that happens is that one, and not one that follows by itself. */
  #number = 0;
  #isChosen = false;
  /** What happens now: the state before it, and what replicas asked for. */
  #now:
    { event: ClusterEvent; isChosen: boolean; before: ClusterState; effects: { server: ServerId; effect: ReplicaEffect }[] } | undefined;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#words = new EventWords(cluster.scenario);
  }

  tell(events: readonly ClusterEvent[], isSettled: boolean): Narration {
    const { scenario } = this.#cluster;
    for (const event of events) {
      if (this.#cluster.state.breach !== null) break;
      this.#number += 1;
      this.#isChosen = true;
      this.#cluster.apply(event);
      this.#finish();
    }
    let breach = this.#cluster.state.breach;
    let rows: TraceRow<ClusterLane>[];
    if (breach === null && isSettled) {
      const { nowMs } = this.#cluster.state;
      breach = this.#settle();
      const isOwed = breach !== null && this.#cluster.state.breach === null;
      if (isOwed) this.#drafts.push(this.#owed(breach!));
      rows = this.#withEnd(nowMs);
    } else rows = finishRows(this.#drafts);
    const end = this.#cluster.state;
    return { lanes: clusterLanes(scenario), rows, explanation: breach === null ? undefined : explainBreach(breach), end };
  }

  hear(server: ServerId, effect: ReplicaEffect): void {
    this.#now?.effects.push({ server, effect });
  }

  begin(event: ClusterEvent): void {
    this.#finish();
    this.#now = { event, isChosen: this.#isChosen, before: copyPlain(this.#cluster.state), effects: [] };
    this.#isChosen = false;
  }

  #finish(): void {
    if (this.#now === undefined) return;
    const after = this.#cluster.state;
    const rows = this.#words.rowsOf({ ...this.#now, number: this.#number, after });
    if (after.breach !== null && this.#now.before.breach === null) markBroken(rows, after.breach, after.nowMs, this.#number);
    this.#drafts.push(...rows);
    this.#now = undefined;
  }

  #settle(): Breach | null {
    this.#number += 1;
    const breach = settle(this.#cluster);
    this.#finish();
    return breach;
  }

  /** What is owed at the end of a run has no event: it did not happen. */
  #owed({ property, observed, server }: Breach): DraftRow {
    const { clients, nowMs } = this.#cluster.state;
    const waiting = clients.findIndex(({ waits }) => waits);
    const lane = property === 'service goes on' && waiting >= 0 ? clientLane(waiting) : serverLane(server);
    return { event: this.#number, atMs: nowMs, lane, tone: 'broken', phrases: [observed], isSaid: false };
  }

  /** The rows of the schedule, a row that says that it has ended, and those of the run's fair end, without their middle if they are many. */
  #withEnd(fromMs: number): TraceRow<ClusterLane>[] {
    const rows = finishRows(this.#drafts);
    const [schedule, end] = [rows.filter(({ event }) => event < this.#number), rows.filter(({ event }) => event >= this.#number)];
    const gap = (words: string, atMs: number) => ({ event: this.#number, atMs, lane: serverLane(0), what: `… ${words} …` });
    const ended = gap('from here on nothing fails, and everything arrives', fromMs);
    if (end.length <= END_ROWS_MAX) return [...schedule, ended, ...end];
    const left = end.slice(END_ROWS_FIRST, -END_ROWS_LAST);
    const leftOut = gap(`${counted(left.length, 'more row')} until t=${left.at(-1)!.atMs} ms`, left[0]!.atMs);
    return [...schedule, ended, ...end.slice(0, END_ROWS_FIRST), leftOut, ...end.slice(-END_ROWS_LAST)];
  }
}

/** Marks the row at which a property is broken: the client's that was told wrong, or the server's. One without words says what is wrong. */
function markBroken(rows: DraftRow[], breach: Breach, atMs: number, event: number): void {
  const lane = serverLane(breach.server);
  const row = breach.property === 'the past stays' ? rows.at(-1) : rows.findLast((each) => each.lane === lane);
  if (row === undefined) rows.push({ event, atMs, lane, tone: 'broken', phrases: [breach.observed], isSaid: false });
  else row.tone = 'broken';
  if (row?.phrases.length === 0 && row.arrival === undefined) row.phrases.push(breach.observed);
}
