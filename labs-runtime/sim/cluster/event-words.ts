/**
 * One event of a cluster in words: what arrives where, what fails, what clients and the disk do; and what the servers do that it reaches
 * (`server-words.ts`).
 */
import type { ReplicaEffect, ServerId } from '../../ft/replica/messages.ts';
import { NOBODY } from '../../ft/replica/messages.ts';
import type { ClusterEvent } from './cluster-event.ts';
import type { ClusterState } from './cluster-state.ts';
import { wireOf } from './cluster-state.ts';
import { counted } from './counted.ts';
import type { DraftRow, Flight } from './draft-rows.ts';
import { faultRow } from './fault-words.ts';
import type { FaultKind } from './fault-words.ts';
import type { ClusterLane } from './names.ts';
import { Names, clientLane, diskRequestName, entriesOf, numbered, requestName, serverLane } from './names.ts';
import type { Scenario } from './scenario.ts';
import type { Leaving } from './server-words.ts';
import { transferName, wordsOfServer } from './server-words.ts';

/** An event that has happened. */
export interface Happening {
  /** Number of the event of the schedule to which it belongs, and whether it is that event and not one that followed by itself. */
  number: number;
  isChosen: boolean;
  event: ClusterEvent;
  before: ClusterState;
  after: ClusterState;
  effects: readonly { server: ServerId; effect: ReplicaEffect }[];
}

/** Where rows of an event begin: with a lane, and perhaps with something that arrives, or words of the event's own. */
type Start = Pick<DraftRow, 'lane'> & Partial<DraftRow>;

export class EventWords {
  readonly #scenario: Scenario;
  readonly #names: Names;
  /** What is on its way: in streams by the thing itself, and else by its place, as the cluster has it. */
  readonly #streams = new Map<object, Flight>();
  readonly #heartbeats: Flight[] = [];
  readonly #frames: Flight[] = [];
  readonly #answers: Flight[] = [];
  /** The last entry that each server has sent, by server and pair. */
  readonly #sent = new Map<string, number>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#names = new Names(scenario);
  }

  /** The rows of an event; none where it is not worth one. */
  rowsOf(happening: Happening): DraftRow[] {
    const { number, before, after, effects } = happening;
    const rows = this.#start(happening).map((start) => this.#row(happening, start));
    for (const server of after.servers.keys()) {
      const own = effects.filter((each) => each.server === server).map(({ effect }) => effect);
      if (own.length === 0 && after.servers[server]!.replica === before.servers[server]!.replica) continue;
      const sentSeq = this.#noteSent(server, after, own);
      const { phrases, leaving } = wordsOfServer({ server, before, after, effects: own, sentSeq, names: this.#names });
      let row = rows.find(({ lane }) => lane === serverLane(server));
      if (row === undefined) rows.push((row = this.#row(happening, { lane: serverLane(server) })));
      row.phrases.push(...phrases);
      for (const each of leaving)
        this.#leave(rows, this.#row(happening, { ...each, lane: serverLane(server), phrases: [each.words] }), each);
      for (const answer of this.#newAnswers(happening, server)) rows.push(answer);
    }
    this.#note(happening, rows);
    for (const row of rows) if (row.arrives !== undefined) row.arrives.arrivals.push(number);
    return rows;
  }

  /** Takes note of the entries that a server sends; returns the last that it had sent before. */
  #noteSent(server: ServerId, { servers }: ClusterState, effects: readonly ReplicaEffect[]): number {
    const pair = `${server} ${servers[server]!.replica?.generation}`;
    const before = this.#sent.get(pair) ?? 0;
    const entries = effects.flatMap((effect) => (effect.kind === 'log bytes' ? this.#names.frames(effect.bytes).flatMap(entriesOf) : []));
    this.#sent.set(pair, Math.max(before, ...entries.map(({ seq }) => seq)));
    return before;
  }

  #row({ number, after }: Happening, start: Start): DraftRow {
    return { event: number, atMs: after.nowMs, phrases: [], isSaid: false, ...start };
  }

  /** A row of its own for what leaves, and a flight if it is on its way for a while. */
  #leave(rows: DraftRow[], { lane, to, phrases, isSaid, event, atMs }: DraftRow, { item }: Leaving): void {
    const row: DraftRow = { event, atMs, lane, phrases, isSaid, ...(to !== undefined && { to }) };
    rows.push(row);
    if (item === undefined) return;
    row.leaves = { from: row, arrivals: [] };
    if (item instanceof Uint8Array && !isServer(to!)) this.#frames.push(row.leaves);
    else if (item instanceof Uint8Array || 'kind' in item) this.#streams.set(item, row.leaves);
    else this.#heartbeats.push(row.leaves);
  }

  /** An event that was chosen and of which nothing came has a row that says so. */
  #note({ number, isChosen, event, after, before }: Happening, rows: DraftRow[]): void {
    if (!isChosen || rows.some(({ phrases, arrival, tone }) => phrases.length > 0 || arrival !== undefined || tone !== undefined)) return;
    const [row] = rows;
    if (event.kind === 'tick') rows.push(this.#tickRow(number, after, before));
    if (row === undefined) return;
    const isIdle = after.servers[event.at]?.replica?.isIdle;
    if (event.kind === 'run') row.phrases.push(isIdle ? 'runs its guest until it waits' : 'runs its guest');
  }

  #start(happening: Happening): Start[] {
    const { event, before, after } = happening;
    const { kind, at, to } = event;
    switch (kind) {
      case 'run':
      case 'replay':
        return [{ lane: serverLane(at) }];
      case 'log':
        return [this.#logArrives(before, at, to)];
      case 'transfer': {
        const message = before.wires[wireOf(before, at, to)]!.transfer[0]!;
        return [arriving(serverLane(to), `${transferName(message)} arrives`.replace('its', 'the'), this.#streams.get(message))];
      }
      case 'heartbeat':
        return [arriving(serverLane(before.network.heartbeats[at]!.to), 'a heartbeat arrives', this.#heartbeats.splice(at, 1)[0])];
      case 'frame':
        return this.#frameArrives(happening);
      case 'answer':
        return [this.#answerArrives(before, at)];
      case 'disk':
        return this.#diskWorks(before, after, at);
      case 'disk data': {
        const { server, request } = before.disk.work[at]!;
        return [{ lane: 'disk', to: serverLane(server), phrases: [`puts half of ${diskRequestName(request)} into the guest's memory`] }];
      }
      case 'ask':
      case 'retry':
        return this.#asks(happening);
      case 'key': {
        const key = this.#scenario.keys[this.#scenario.keys.length - before.left.keys]!;
        return [{ lane: 'console', to: serverLane(before.witness.live), phrases: [`key ${JSON.stringify(key)}`] }];
      }
      case 'tick':
        return [];
      default:
        return this.#fails(kind, happening);
    }
  }

  #logArrives(before: ClusterState, from: ServerId, to: ServerId): Start {
    const { bytes } = before.wires[wireOf(before, from, to)]!.log[0]!;
    const frames = this.#names.frames(bytes);
    const entries = frames.flatMap(entriesOf);
    const acknowledged = frames.findLast((frame) => frame.kind === 'acknowledge');
    const [first, last] = [entries[0], entries.at(-1)];
    const words =
      first !== undefined
        ? `${numbered(first.seq, last!.seq)} ${entries.length === 1 ? 'arrives' : 'arrive'}`
        : acknowledged !== undefined
          ? `the acknowledgement of entry ${acknowledged.seq} arrives`
          : counted(bytes.length, 'byte arrives that is no frame', 'bytes arrive that are no frame');
    return arriving(serverLane(to), words, this.#streams.get(bytes));
  }

  #frameArrives({ before, after, event: { at } }: Happening): Start[] {
    const { to, frame } = before.network.frames[at]!;
    const flight = this.#frames.splice(at, 1)[0];
    if (to === 'guest') return [this.#requestArrives(before, after, frame, flight)];
    const answer = this.#names.answer(frame);
    if (answer === undefined) return [];
    const isNew = after.witness.history.length > before.witness.history.length;
    const words = isNew
      ? `is told the answer to ${answer.name}: ${answer.says}`
      : `gets an answer to ${answer.name}, which it does not wait for`;
    return [arriving(clientLane(answer.client), undefined, flight, [words])];
  }

  #requestArrives({ network, servers }: ClusterState, after: ClusterState, frame: Uint8Array, flight: Flight | undefined): Start {
    const lane = serverLane(network.port);
    // The network decides where it goes only when it gets there.
    if (flight !== undefined && flight.arrivals.length === 0) flight.from.to = lane;
    const { condition, replica } = servers[network.port]!;
    const name = this.#names.request(frame);
    if (condition !== 'up') return arriving(lane, undefined, flight, [`is ${condition}: ${name} gets nowhere`]);
    const isTaken = after.servers[network.port]!.replica?.guest !== replica?.guest;
    return arriving(lane, isTaken ? `${name} arrives` : undefined, flight, isTaken ? [] : [`drops ${name}: ${whyDropped(replica)}`]);
  }

  #answerArrives({ storage }: ClusterState, at: number): Start {
    const { to, owner } = storage.answers[at]!;
    const words =
      owner === NOBODY
        ? 'gets no answer from the storage'
        : `is told that the flag is ${owner === to ? 'its own' : `${serverLane(owner)}'s`}`;
    return arriving(serverLane(to), undefined, this.#answers.splice(at, 1)[0], [words]);
  }

  /** What the storage has answered to a test-and-set of this server's. */
  #newAnswers(happening: Happening, server: ServerId): DraftRow[] {
    const { before, after } = happening;
    const isTaken = after.storage.flagGeneration > before.storage.flagGeneration || after.storage.flagOwner !== before.storage.flagOwner;
    const rows: DraftRow[] = [];
    for (const { to, generation, owner } of after.storage.answers.slice(this.#answers.length)) {
      if (to !== server) break;
      const row = this.#row(happening, { lane: 'storage', to: serverLane(server) });
      const flight: Flight = { from: row, arrivals: [] };
      this.#answers.push(flight);
      if (owner === NOBODY) continue;
      row.leaves = flight;
      row.phrases.push(
        isTaken ? `gives it the flag of pair ${generation}` : `the flag of pair ${after.storage.flagGeneration} is ${serverLane(owner)}'s`,
      );
      if (isTaken && after.disk.work.length < before.disk.work.length)
        row.phrases.push('and fences the other off: what it had at the disk is forgotten');
      rows.push(row);
    }
    return rows;
  }

  #diskWorks(before: ClusterState, after: ClusterState, at: number): Start[] {
    const { server, request, incarnation } = before.disk.work[at]!;
    const asker = before.servers[server]!;
    const what = `does ${diskRequestName(request)}`;
    if (asker.condition === 'crashed' || asker.incarnation !== incarnation)
      return [{ lane: 'disk', phrases: [`${what} of ${serverLane(server)}, which is gone`] }];
    if (asker.condition === 'frozen') return [{ lane: 'disk', phrases: [`${what} of ${serverLane(server)}, which stands still`] }];
    const isNoticed = after.servers[server]!.replica !== asker.replica;
    return [{ lane: 'disk', to: serverLane(server), phrases: [isNoticed ? what : `${what}, of no interest any more`] }];
  }

  #asks({ event: { kind, at }, after, number }: Happening): Start[] {
    const { asked } = after.clients[at]!;
    const name = requestName(at, asked);
    const phrases = [kind === 'ask' ? `asks ${name}: ${this.#names.command(at, asked)}` : `asks ${name} again`];
    const row: DraftRow = {
      event: number,
      atMs: after.nowMs,
      lane: clientLane(at),
      to: serverLane(after.network.port),
      phrases,
      isSaid: false,
    };
    row.leaves = { from: row, arrivals: [] };
    this.#frames.push(row.leaves);
    return [row];
  }

  #tickRow(event: number, { nowMs, servers }: ClusterState, before: ClusterState): DraftRow {
    const server = Math.max(
      0,
      servers.findIndex(({ condition, replica }) => condition === 'up' && replica !== null),
    );
    return { event, atMs: nowMs, lane: serverLane(server), phrases: [`${nowMs - before.nowMs} ms pass`], isSaid: false };
  }

  #fails(kind: FaultKind, { event, before, after }: Happening): Start[] {
    return faultRow(kind, event, before, this.#disturbed(kind, event, before, after)?.from);
  }

  /** What was on its way and is lost, comes twice, or is something else now. */
  #disturbed(kind: FaultKind, { at, to }: ClusterEvent, before: ClusterState, after: ClusterState): Flight | undefined {
    switch (kind) {
      case 'lose heartbeat':
        return this.#heartbeats.splice(at, 1)[0];
      case 'lose frame':
        return this.#frames.splice(at, 1)[0];
      case 'double frame':
        this.#frames.push(this.#frames[at]!);
        return this.#frames[at];
      case 'garble': {
        const wire = wireOf(before, at, to);
        const flight = this.#streams.get(before.wires[wire]!.log[0]!.bytes);
        if (flight !== undefined) this.#streams.set(after.wires[wire]!.log[0]!.bytes, flight);
        return flight;
      }
      default:
        return undefined;
    }
  }
}

function isServer(lane: ClusterLane): boolean {
  return lane.startsWith('server ');
}

function arriving(lane: ClusterLane, arrival: string | undefined, flight: Flight | undefined, phrases: string[] = []): Start {
  return { lane, phrases, ...(arrival !== undefined && { arrival }), ...(flight !== undefined && { arrives: flight }) };
}

function whyDropped(replica: ClusterState['servers'][number]['replica']): string {
  if (replica === null || replica.role === 'halted') return 'no guest is here';
  if (replica.role !== 'primary') return 'its guest is not live';
  return replica.isOff ? 'its guest is off' : 'its guest is stopped';
}
