/**
 * A cluster at work: servers with a replica each, the streams and datagrams between them, shared storage, a disk, a network with clients. Events happen
 * to it one at a time; what a replica asks for is carried out here, and what must hold is looked at by a witness. Both walks of a search,
 * exhaustive and random, go through `apply`. VMware FT, figure 1.
 */
import type { Machine } from '../../emulator/machine.ts';
import type { LocalDisk } from '../../ft/replica/host.ts';
import type { ReplicaEffect, ReplicaInput, ServerId } from '../../ft/replica/messages.ts';
import { NOBODY } from '../../ft/replica/messages.ts';
import { stepReplica } from '../../ft/replica/replica.ts';
import { createReceiving } from '../../ft/replica/state.ts';
import { createPrng } from '../prng.ts';
import { answerClients, ask, retry } from './clients.ts';
import type { ClusterEvent } from './cluster-event.ts';
import type { ClusterState, ServerState } from './cluster-state.ts';
import { isSpare, wireOf } from './cluster-state.ts';
import type { DiskResultFor } from './disk-work.ts';
import { carryOutDisk, doDiskWork, failDiskWork, halfDiskWork } from './disk-work.ts';
import type { ClusterPlace } from './editor.ts';
import { Editor } from './editor.ts';
import { canHappen, firstOf } from './enabled.ts';
import { attemptsFor, giveTime, spendTime } from './processor-time.ts';
import type { Scenario } from './scenario.ts';
import { StepMemo } from './step-memo.ts';
import { asksForFlag, breach, goesLive, hasLeft, hasMade, look, lookAtDisk, switches } from './witness.ts';

/** How many events may follow by themselves on one that was chosen. */
const EAGER_MAX = 500;

export class Cluster {
  /** Told of every effect of a replica's, for statistics and for the words of a trace. */
  observe: (server: ServerId, effect: ReplicaEffect) => void = () => {};
  /** Told of every event just before it happens, of those that follow by themselves too. */
  observeEvent: (event: ClusterEvent) => void = () => {};
  readonly #editor: Editor;
  readonly #memo = new StepMemo();

  constructor(place: ClusterPlace, state: ClusterState) {
    this.#editor = new Editor(place, state);
  }

  get scenario(): Scenario {
    return this.#editor.scenario;
  }

  get state(): ClusterState {
    return this.#editor.state;
  }

  /** Goes back to a state. Precondition: the cluster keeps its states. */
  set state(state: ClusterState) {
    this.#editor.state = state;
  }

  /** Lets an event happen, and what follows by itself. False, and nothing has changed, if it cannot happen here. */
  apply(event: ClusterEvent): boolean {
    if (!canHappen(this.scenario, this.state, event)) return false;
    this.#editor.begin();
    this.#perform(event);
    for (let count = 0; count < EAGER_MAX && this.state.breach === null; count++) {
      const next = firstOf(this.scenario.eager, this.scenario, this.state);
      if (next === undefined) break;
      this.#perform(next);
    }
    return true;
  }

  /** Lets the live guest of a server run so many attempts at most, or to its next log entry: `run`, for whoever keeps time. False if it cannot. */
  run(server: ServerId, attempts: number): boolean {
    if (!canHappen(this.scenario, this.state, { kind: 'run', at: server, to: 0 })) return false;
    this.#editor.begin();
    this.#tell(server, { kind: 'run', attempts, entriesMax: 1 });
    return true;
  }

  /** The machine of a server, to look at, in a cluster that keeps no states. */
  machineOf(server: ServerId): Machine {
    const { slots, empty } = this.#editor.place;
    return slots[server]!.open(this.state.servers[server]!.replica?.guest ?? empty);
  }

  /** Tells the replica of a server one thing, and carries out what it asks for. */
  #tell(server: ServerId, input: ReplicaInput): void {
    const before = this.state.servers[server]!;
    if (before.condition !== 'up' || before.replica === null) return;
    for (const effect of this.#step(server, before, input)) {
      this.observe(server, effect);
      this.#carryOut(server, effect);
    }
    look(this.#editor, server);
  }

  #step(server: ServerId, before: ServerState, input: ReplicaInput): readonly ReplicaEffect[] {
    const { scenario, slots, keepsStates } = this.#editor.place;
    const { options } = scenario;
    const step = (at: ServerState) => stepReplica(at.replica!, input, { options, slot: slots[server]!, localDisk: localDiskOf(at) });
    if (!keepsStates) return step(before);
    const { after, effects } = this.#memo.recall(before, input, step);
    this.#editor.putServer(server, after);
    return effects;
  }

  /** What takes a server's processor time. */
  #work(server: ServerId, input: ReplicaInput): void {
    const { position } = this.state.servers[server]!.replica!;
    this.#tell(server, input);
    spendTime(this.#editor, server, this.state.servers[server]!.replica!.position - position);
  }

  #perform(event: ClusterEvent): void {
    this.observeEvent(event);
    const { kind, at, to } = event;
    switch (kind) {
      case 'run':
        return this.#work(at, { kind: 'run', attempts: attemptsFor(this.#editor, at), entriesMax: 1 });
      case 'replay':
        return this.#work(at, { kind: 'replay', entriesMax: 1 });
      case 'log': {
        const { generation, bytes } = this.#editor.editWire(at, to).log.shift()!;
        return this.#tell(to, { kind: 'log bytes', from: at, generation, bytes });
      }
      case 'transfer':
        return this.#transfer(at, to);
      case 'heartbeat': {
        const { from, to: server, heartbeat } = this.#editor.edit('network').heartbeats.splice(at, 1)[0]!;
        return this.#tell(server, { kind: 'heartbeat', from, heartbeat });
      }
      case 'frame':
        return this.#arrive(at);
      case 'answer': {
        const { to: asker, generation, owner } = this.#editor.edit('storage').answers.splice(at, 1)[0]!;
        return this.#tell(asker, { kind: 'flag', generation, owner });
      }
      case 'disk':
        this.#tellResult(doDiskWork(this.#editor, at));
        return lookAtDisk(this.#editor);
      case 'disk data':
        return this.#tellResult(halfDiskWork(this.#editor, at));
      case 'ask':
        return ask(this.#editor, at);
      case 'retry':
        this.#editor.edit('left').retries -= 1;
        return retry(this.#editor, at);
      case 'key':
        return this.#type();
      case 'tick':
        return this.#tick();
      case 'leave':
        this.#editor.edit('left').leaves -= 1;
        return this.#tell(at, { kind: 'leave' });
      case 'repair':
        this.#editor.edit('left').repairs -= 1;
        return this.#repair(at);
      default:
        return this.#disturb({ kind, at, to });
    }
  }

  #disturb({ kind, at, to }: ClusterEvent): void {
    switch (kind) {
      case 'thaw':
        this.#editor.editServer(at).condition = 'up';
        return;
      case 'mend':
        return this.#setLink(at, to, true);
      case 'unmute':
        return this.#setMuted(at, to, false);
      case 'rejoin':
        this.#editor.edit('storage').isReachable[at] = true;
        return;
    }
    this.#editor.edit('left').faults -= 1;
    switch (kind) {
      case 'crash':
        return this.#crash(at);
      case 'freeze':
        this.#editor.editServer(at).condition = 'frozen';
        return;
      case 'cut':
        return this.#setLink(at, to, false);
      case 'garble':
        return this.#garble(at, to);
      case 'mute':
        return this.#setMuted(at, to, true);
      case 'part':
        this.#editor.edit('storage').isReachable[at] = false;
        return;
      case 'lose answer':
        this.#editor.edit('storage').answers[at]!.owner = NOBODY;
        return;
      case 'lose heartbeat':
        this.#editor.edit('network').heartbeats.splice(at, 1);
        return;
      case 'lose frame':
        this.#editor.edit('network').frames.splice(at, 1);
        return;
      case 'double frame': {
        const { frames } = this.#editor.edit('network');
        frames.push(frames[at]!);
        return;
      }
      case 'fail disk':
        return this.#tellResult(failDiskWork(this.#editor, at));
    }
  }

  #carryOut(server: ServerId, effect: ReplicaEffect): void {
    const { state } = this;
    switch (effect.kind) {
      case 'log bytes': {
        const wire = this.#editor.editWire(server, effect.to);
        if (wire.isUp) wire.log.push({ generation: effect.generation, bytes: effect.bytes });
        return;
      }
      case 'transfer': {
        const wire = this.#editor.editWire(server, effect.to);
        if (wire.isUp) wire.transfer.push(Object.freeze(effect.message));
        if (effect.message.kind === 'image') switches(this.#editor, server);
        return;
      }
      case 'heartbeat':
        if (!state.wires[wireOf(state, server, effect.to)]!.isMuted)
          this.#editor.edit('network').heartbeats.push({ from: server, to: effect.to, heartbeat: effect.heartbeat });
        return;
      case 'test-and-set':
        return this.#testAndSet(server, effect.generation);
      case 'disk':
        return carryOutDisk(this.#editor, server, effect.request);
      case 'output':
        hasLeft(this.#editor, server, effect.output, effect.made);
        if (effect.made.device === 'network') for (const frame of effect.made.frames) this.#transmit(server, frame);
        return;
      case 'announce':
        // No client listens to it, but the switch does.
        this.#editor.edit('network').port = server;
        return;
      case 'made':
        return hasMade(this.#editor, server, effect.output, effect.made);
      case 'entropy wanted':
        return this.#tell(server, { kind: 'entropy', bytes: this.#draw(server, effect.byteCount) });
      case 'find server':
        return this.#findServer(server);
      case 'goes live':
        return goesLive(this.#editor, server);
      case 'halts':
        return;
      case 'diverged':
        return breach(this.#editor, 'the backup follows', server, 'a log that the backup can replay', effect.explanation);
    }
  }

  /** A frame from the guest's address: the switch learns where it is, and clients may get it. */
  #transmit(server: ServerId, frame: Uint8Array): void {
    const network = this.#editor.edit('network');
    network.port = server;
    network.frames.push({ to: 'clients', frame });
  }

  #arrive(index: number): void {
    const network = this.#editor.edit('network');
    const { to, frame } = network.frames.splice(index, 1)[0]!;
    if (to === 'clients') answerClients(this.#editor, frame);
    else this.#tell(network.port, { kind: 'frame', frame });
  }

  #tellResult(result: DiskResultFor | undefined): void {
    if (result !== undefined) this.#tell(result.server, result.input);
  }

  #type(): void {
    const index = this.scenario.keys.length - this.state.left.keys;
    this.#editor.edit('left').keys -= 1;
    this.#tell(this.state.witness.live, { kind: 'console', byte: this.scenario.keys.charCodeAt(index) });
  }

  #tick(): void {
    this.#editor.edit('left').ticks -= 1;
    this.state.nowMs += this.scenario.tickMs;
    giveTime(this.#editor);
    for (const server of this.state.servers.keys()) this.#tell(server, { kind: 'time', nowMs: this.#nowMs(server) });
  }

  /** What a server's clock says. */
  #nowMs(server: ServerId): number {
    return this.state.nowMs + this.scenario.clockOffsetsMs[server]!;
  }

  #transfer(from: ServerId, to: ServerId): void {
    const message = this.#editor.editWire(from, to).transfer.shift()!;
    const { condition, replica } = this.state.servers[to]!;
    const { options } = this.scenario;
    // A server with nothing to lose becomes the destination of whoever sends it a guest.
    if (condition === 'up' && message.kind === 'pages' && message.round === 1 && isSpare(replica))
      this.#editor.editServer(to).replica = {
        ...createReceiving(to, from, message.generation, this.#editor.place.empty, options),
        nowMs: this.#nowMs(to),
        transferAtMs: this.#nowMs(to),
      };
    this.#tell(to, { kind: 'transfer', from, message });
  }

  /** Random bytes of a server's own: no two servers draw the same. */
  #draw(server: ServerId, byteCount: number): Uint8Array {
    const at = this.#editor.editServer(server);
    const random = createPrng(1 + server + this.state.servers.length * at.draws++);
    return Uint8Array.from({ length: byteCount }, () => random.int(256));
  }

  #testAndSet(server: ServerId, generation: number): void {
    asksForFlag(this.#editor, server);
    const storage = this.#editor.edit('storage');
    if (!storage.isReachable[server]) return void storage.answers.push({ to: server, generation, owner: NOBODY });
    const isFree = generation > storage.flagGeneration || !this.scenario.flagIsExclusive;
    if (isFree) {
      storage.flagGeneration = generation;
      storage.flagOwner = server;
      // What a machine that has lost may still have on its way to the disk must not be done after what the winner writes there.
      if (this.scenario.fences) this.#editor.edit('disk').work = this.state.disk.work.filter((work) => work.server === server);
    }
    storage.answers.push({ to: server, generation, owner: storage.flagOwner });
  }

  #findServer(server: ServerId): void {
    const { servers } = this.state;
    const found = servers.findIndex(
      ({ condition, replica }, other) =>
        other !== server && condition === 'up' && isSpare(replica) && this.state.wires[wireOf(this.state, server, other)]!.isUp,
    );
    if (found !== -1) this.#tell(server, { kind: 'server found', server: found });
  }

  /** One bit of the next bytes, in the middle of what they carry. */
  #garble(from: ServerId, to: ServerId): void {
    const { log } = this.#editor.editWire(from, to);
    const { generation, bytes } = log[0]!;
    const garbled = bytes.slice();
    garbled[bytes.length >> 1]! ^= 1;
    log[0] = { generation, bytes: garbled };
  }

  #setMuted(left: ServerId, right: ServerId, isMuted: boolean): void {
    this.#editor.editWire(left, right).isMuted = isMuted;
    this.#editor.editWire(right, left).isMuted = isMuted;
  }

  #setLink(left: ServerId, right: ServerId, isUp: boolean): void {
    for (const [from, to] of [
      [left, right],
      [right, left],
    ] as const)
      Object.assign(this.#editor.editWire(from, to), { isUp, log: [], transfer: [] });
    this.#tell(left, { kind: 'link', peer: right, up: isUp });
    this.#tell(right, { kind: 'link', peer: left, up: isUp });
  }

  /** What it has sent stays on its way; what it was to get is lost. */
  #crash(server: ServerId): void {
    const at = this.#editor.editServer(server);
    at.condition = 'crashed';
    at.replica = null;
    for (const other of this.state.servers.keys()) {
      if (other !== server) Object.assign(this.#editor.editWire(other, server), { log: [], transfer: [] });
    }
  }

  #repair(server: ServerId): void {
    const at = this.#editor.editServer(server);
    at.condition = 'up';
    at.incarnation += 1;
    for (const other of this.state.servers.keys()) {
      if (other === server) continue;
      Object.assign(this.#editor.editWire(server, other), { log: [], transfer: [] });
      this.#tell(other, { kind: 'link', peer: server, up: false });
      this.#tell(other, { kind: 'link', peer: server, up: true });
    }
  }
}

function localDiskOf(server: ServerState): LocalDisk | undefined {
  const { chunks } = server;
  return chunks === null ? undefined : { chunks, replace: (index, bytes) => (chunks[index] = bytes) };
}
