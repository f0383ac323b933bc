/**
 * A cluster in virtual time: what a processor, a link, a disk takes decides when each event happens, where a search would choose. The cluster is the
 * same, and so is the whole protocol; this says only when. The measurements of VMware FT, section 5, are made with it.
 *
 * A guest runs ahead of the clock, but no further than to the next thing that is due, or `RUN_AHEAD_US`, which is less than any input of it is on its way:
 * so nothing can come in while it runs. A log entry ends a run, so that what it causes has its exact time. The backup's replay of an entry is done when
 * its processor has had the time for it.
 */
import { decodeRecorded } from '../../ft/log-codec.ts';
import type { ReplicaEffect, ServerId, TransferMessage } from '../../ft/replica/messages.ts';
import { NOBODY } from '../../ft/replica/messages.ts';
import type { ReplicaState } from '../../ft/replica/state.ts';
import type { EventKind } from './cluster-event.ts';
import type { DiskWork, FlyingFrame, FlyingHeartbeat, StorageState, Wire } from './cluster-state.ts';
import type { Cluster } from './cluster.ts';
import { canHappen } from './enabled.ts';
import { TimedAgenda } from './timed-agenda.ts';
import { TimedLink } from './timed-link.ts';
import type { TimedLoad } from './timed-load.ts';
import { TimedMeasures } from './timed-measures.ts';
import type { TimedOptions } from './timed-options.ts';

const US_PER_MS = 1000;
const RUN_AHEAD_US = 50;

/** Bytes of a state transfer's message beside its pages, and of a page's number. */
const MESSAGE_BYTES = 64;
const REST_BYTES = 2048;
const PAGE_NUMBER_BYTES = 8;

/** What is done to the cluster at a time, in microseconds from the start. */
export type TimedFault =
  | { atUs: number; kind: 'crash'; server: ServerId }
  | { atUs: number; kind: 'cut' | 'mend'; servers: readonly [ServerId, ServerId] }
  /** From then on a server's processor does so many percent of its full speed: another load runs beside it. */
  | { atUs: number; kind: 'speed'; server: ServerId; percent: number };

/** What is on its way or to be done. Items of the cluster are known by their identity: a crash or a cut may have dropped them meanwhile. */
type Due =
  | { kind: 'tick' }
  | { kind: 'run' | 'replay'; server: ServerId }
  | { kind: 'log'; from: ServerId; to: ServerId; item: Wire['log'][number] }
  | { kind: 'transfer'; from: ServerId; to: ServerId; item: TransferMessage }
  | { kind: 'heartbeat'; item: FlyingHeartbeat }
  | { kind: 'frame'; item: FlyingFrame }
  | { kind: 'answer'; item: StorageState['answers'][number] }
  | { kind: 'disk'; item: DiskWork }
  | { kind: 'fault'; fault: TimedFault };

export class TimedRun {
  readonly measures = new TimedMeasures();
  readonly #cluster: Cluster;
  readonly #options: TimedOptions;
  readonly #load: TimedLoad | undefined;
  readonly #agenda = new TimedAgenda<Due>();
  readonly #effects: { server: ServerId; effect: ReplicaEffect }[] = [];
  /** Items of the cluster that are in the agenda. */
  readonly #known = new WeakSet<object>();
  readonly #wires: TimedLink[];
  readonly #clientsIn: TimedLink;
  readonly #clientsOut: TimedLink;
  readonly #disk: TimedLink;
  /** Until when each server's processor is busy, its speed, and whether its next run or replay is in the agenda. */
  readonly #freeUs: number[];
  readonly #speedPercent: number[];
  readonly #isPlanned: boolean[];
  /** Frames that have come to the guest's host, and wait for room. */
  readonly #arrived: FlyingFrame[] = [];
  /** What each server was at the last look. */
  readonly #seen: { isAtEnd: boolean; isSwitching: boolean }[];
  #nowUs = 0;
  /** When the guest was off and all that it said was outside. */
  #offUs: number | undefined;

  constructor(cluster: Cluster, options: TimedOptions, load: TimedLoad | undefined, faults: readonly TimedFault[]) {
    this.#cluster = cluster;
    this.#options = options;
    this.#load = load;
    const { servers, wires } = cluster.state;
    this.#wires = wires.map(() => new TimedLink(options.serverLink));
    this.#clientsIn = new TimedLink(options.clientLink);
    this.#clientsOut = new TimedLink(options.clientLink);
    this.#disk = new TimedLink(options.disk);
    this.#freeUs = servers.map(() => 0);
    this.#speedPercent = servers.map(() => 100);
    this.#isPlanned = servers.map(() => false);
    this.#seen = servers.map(() => ({ isAtEnd: false, isSwitching: false }));
    cluster.observe = (server, effect) => this.#effects.push({ server, effect });
    for (const fault of faults) this.#agenda.add(fault.atUs, { kind: 'fault', fault });
    this.#agenda.add(cluster.scenario.tickMs * US_PER_MS, { kind: 'tick' });
    for (const frame of load?.begin(0) ?? []) this.#send(frame);
    this.#enlist(0);
    this.#plan();
  }

  get nowUs(): number {
    return this.#nowUs;
  }

  /** When the work was done: the clients have their answers, or the guest is off and has said everything. Undefined before. */
  get doneUs(): number | undefined {
    return this.#load === undefined ? this.#offUs : this.#load.doneUs;
  }

  /** Lets time pass until the work is done or it is so late. Throws an Error if a property of the protocol is broken. */
  goOn(untilUs: number): void {
    while (this.doneUs === undefined && this.#agenda.nextUs <= untilUs) {
      const { dueUs, item } = this.#agenda.take()!;
      this.#nowUs = dueUs;
      this.#settle(this.#happen(item));
      const { breach } = this.#cluster.state;
      if (breach !== null) throw new Error(`${breach.property}: expected ${breach.expected}, observed ${breach.observed}`);
    }
  }

  /** Lets what is due happen. Returns when what it causes begins. */
  #happen(due: Due): number {
    const { network, storage, disk } = this.#cluster.state;
    switch (due.kind) {
      case 'tick':
        this.#tick();
        break;
      case 'run':
        return this.#run(due.server);
      case 'replay':
        this.#isPlanned[due.server] = false;
        this.#apply('replay', due.server);
        break;
      case 'log':
      case 'transfer':
        if (this.#wire(due.from, due.to)[due.kind][0] === due.item) this.#apply(due.kind, due.from, due.to);
        break;
      case 'heartbeat':
        this.#applyItem('heartbeat', network.heartbeats, due.item);
        break;
      case 'answer':
        this.#applyItem('answer', storage.answers, due.item);
        break;
      case 'disk':
        this.#applyItem('disk', disk.work, due.item);
        break;
      case 'frame':
        this.#arrive(due.item);
        break;
      case 'fault':
        this.#fail(due.fault);
    }
    return this.#nowUs;
  }

  #apply(kind: EventKind, at = 0, to = 0): void {
    this.#cluster.apply({ kind, at, to });
  }

  #applyItem<Item>(kind: EventKind, items: readonly Item[], item: Item): void {
    const index = items.indexOf(item);
    if (index >= 0) this.#apply(kind, index);
  }

  #tick(): void {
    const { state, scenario } = this.#cluster;
    this.#apply('tick');
    this.#agenda.add(this.#nowUs + scenario.tickMs * US_PER_MS, { kind: 'tick' });
    this.#sample();
    for (const frame of this.#load?.overdue(this.#nowUs) ?? []) this.#send(frame);
    // Whether the disk is as written is what a search asks; notes for it would only grow here.
    state.witness.writes = [];
  }

  /** Runs the guest of a server up to what is due next. */
  #run(server: ServerId): number {
    this.#isPlanned[server] = false;
    // It may have failed or been stopped since this was planned.
    if (!canHappen(this.#cluster.scenario, this.#cluster.state, { kind: 'run', at: server, to: 0 })) return this.#nowUs;
    const perUs = this.#speed(server) * (this.#replica(server)!.sharePercent / 100);
    const aheadUs = Math.min(this.#agenda.nextUs - this.#nowUs, RUN_AHEAD_US);
    const before = this.#replica(server)!.position;
    this.#cluster.run(server, Math.max(1, Math.floor(aheadUs * perUs)));
    this.#freeUs[server] = this.#nowUs + (this.#replica(server)!.position - before) / perUs;
    return this.#freeUs[server];
  }

  #fail(fault: TimedFault): void {
    switch (fault.kind) {
      case 'crash':
        this.measures.mark('crash', fault.server, this.#nowUs);
        return this.#apply('crash', fault.server);
      case 'cut':
      case 'mend':
        return this.#apply(fault.kind, ...fault.servers);
      case 'speed':
        this.#speedPercent[fault.server] = fault.percent;
    }
  }

  #arrive(item: FlyingFrame): void {
    if (item.to === 'guest') {
      if (this.#arrived.length < this.#options.hostFramesMax) this.#arrived.push(item);
      else this.#drop(item);
      return;
    }
    this.#drop(item);
    for (const frame of this.#load?.take(item.frame, this.#nowUs) ?? []) this.#send(frame);
  }

  #drop(item: FlyingFrame): void {
    const { frames } = this.#cluster.state.network;
    const index = frames.indexOf(item);
    if (index >= 0) frames.splice(index, 1);
  }

  /** A client sends a frame. */
  #send(frame: Uint8Array): void {
    this.#cluster.state.network.frames.push({ to: 'guest', frame });
  }

  /** Takes note of what an event has caused, from `atUs` on, and of what can happen next. */
  #settle(atUs: number): void {
    this.#deliver();
    // A machine that goes on is not hashed at its outputs.
    this.#cluster.state.witness.hashes = [];
    this.#note(atUs);
    this.#enlist(atUs);
    this.#look();
    this.#plan();
  }

  /** Hands the guest the frames that wait for it, while it has room. */
  #deliver(): void {
    const { state } = this.#cluster;
    while (this.#arrived.length > 0) {
      const [item] = this.#arrived as [FlyingFrame];
      const { port } = state.network;
      const replica = this.#replica(port);
      const isStopped = replica?.role === 'primary' && (replica.isSwitching || replica.isStalledByChannel || replica.isStalledByGate);
      if (isStopped || (replica?.role === 'primary' && !this.#cluster.machineOf(port).canReceive(item.frame.length))) return;
      this.#arrived.shift();
      this.#applyItem('frame', state.network.frames, item);
      for (const frame of this.#load?.taken(item.frame, this.#nowUs) ?? []) this.#send(frame);
    }
  }

  #note(atUs: number): void {
    for (const { server, effect } of this.#effects) this.measures.note(server, this.#replica(server)?.role, effect, atUs);
  }

  /** Puts what is new on its way into the agenda. */
  #enlist(atUs: number): void {
    const { state } = this.#cluster;
    const { network, storage, disk } = state;
    for (const { server: from, effect } of this.#effects)
      if (effect.kind === 'log bytes' || effect.kind === 'transfer') this.#enlistWire(from, effect.to, atUs);
    this.#effects.length = 0;
    for (const item of this.#newOf(network.heartbeats))
      this.#agenda.add(atUs + this.#options.heartbeatLatencyUs, { kind: 'heartbeat', item });
    for (const item of this.#newOf(storage.answers)) this.#agenda.add(atUs + this.#options.storageLatencyUs, { kind: 'answer', item });
    for (const item of this.#newOf(disk.work)) this.#agenda.add(this.#disk.arrivalUs(atUs, item.request.byteCount), { kind: 'disk', item });
    for (const item of this.#newOf(network.frames)) {
      const link = item.to === 'guest' ? this.#clientsIn : this.#clientsOut;
      this.#agenda.add(link.arrivalUs(atUs, item.frame.length), { kind: 'frame', item });
    }
  }

  #enlistWire(from: ServerId, to: ServerId, atUs: number): void {
    const link = this.#wires[this.#wireIndex(from, to)]!;
    const { log, transfer } = this.#wire(from, to);
    for (const item of this.#newOf(log)) this.#agenda.add(link.arrivalUs(atUs, item.bytes.length), { kind: 'log', from, to, item });
    for (const item of this.#newOf(transfer))
      this.#agenda.add(link.arrivalUs(atUs, transferBytes(item)), { kind: 'transfer', from, to, item });
  }

  /** The items at the end of a list that were not met before, oldest first. */
  #newOf<Item extends object>(list: readonly Item[]): Item[] {
    let first = list.length;
    while (first > 0 && !this.#known.has(list[first - 1]!)) this.#known.add(list[--first]!);
    return list.slice(first);
  }

  /** Marks what replicas have come to. */
  #look(): void {
    this.#seen.forEach((seen, server) => {
      const replica = this.#replica(server);
      if (replica === null) return;
      const { isAtEnd, isSwitching, role, isOff, held } = replica;
      if (isAtEnd && !seen.isAtEnd) this.measures.mark('failure declared', server, this.#nowUs);
      if (isSwitching !== seen.isSwitching) this.measures.mark(isSwitching ? 'stopped' : 'goes on', server, this.#nowUs);
      if (isOff && role === 'primary' && held.length === 0) this.#offUs ??= Math.max(this.#nowUs, this.#freeUs[server]!);
      Object.assign(seen, { isAtEnd, isSwitching });
    });
  }

  /** Gives each server's processor its next work, if it has any. */
  #plan(): void {
    const { scenario, state } = this.#cluster;
    for (const server of state.servers.keys()) {
      if (this.#isPlanned[server]) continue;
      const startUs = Math.max(this.#nowUs, this.#freeUs[server]!);
      if (canHappen(scenario, state, { kind: 'run', at: server, to: 0 })) this.#agenda.add(startUs, { kind: 'run', server });
      else if (canHappen(scenario, state, { kind: 'replay', at: server, to: 0 })) this.#planReplay(server, startUs);
      else continue;
      this.#isPlanned[server] = true;
    }
  }

  #planReplay(server: ServerId, startUs: number): void {
    const { entries, position } = this.#replica(server)!;
    const attempts = Math.max(0, decodeRecorded(entries[0]!).at - position);
    this.#freeUs[server] = startUs + attempts / this.#speed(server);
    this.#agenda.add(this.#freeUs[server], { kind: 'replay', server });
  }

  #sample(): void {
    const { servers } = this.#cluster.state;
    for (const { replica: primary } of servers) {
      if (primary === null || primary.role !== 'primary' || primary.peer === NOBODY) continue;
      const backup = servers[primary.peer]!.replica;
      if (backup?.role !== 'backup') continue;
      const lagUs = Math.max(0, primary.position - backup.position) / this.#options.attemptsPerUs;
      this.measures.sample(primary, backup, lagUs, this.#nowUs);
    }
  }

  /** Attempts in a microsecond of a server's whole processor. */
  #speed(server: ServerId): number {
    return (this.#options.attemptsPerUs * this.#speedPercent[server]!) / 100;
  }

  #replica(server: ServerId): ReplicaState | null {
    return this.#cluster.state.servers[server]!.replica;
  }

  #wireIndex(from: ServerId, to: ServerId): number {
    return from * this.#cluster.state.servers.length + to;
  }

  #wire(from: ServerId, to: ServerId): Wire {
    return this.#cluster.state.wires[this.#wireIndex(from, to)]!;
  }
}

function transferBytes(message: TransferMessage): number {
  const pages = 'pages' in message ? message.pages : [];
  return pages.reduce((sum, { bytes }) => sum + PAGE_NUMBER_BYTES + bytes.length, MESSAGE_BYTES + ('rest' in message ? REST_BYTES : 0));
}
