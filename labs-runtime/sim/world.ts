/**
 * The simulated world: a primary and a backup, each a real machine with a real guest, the parts of the protocol between them, a link that
 * breaks, networks that lose and delay, shared storage, and clients that record what they see. Events of a schedule drive it; it keeps a record of
 * each rule broken. Both walks of the architecture meet here: a student's part stands where the reference's would.
 * VMware FT, sections 2 and 3.2. Time is a count of milliseconds that only events move.
 */
import { Machine } from '../emulator/machine.ts';
import type { ChannelOptions, Role } from '../ft/channel-api.ts';
import type { FailoverOptions } from '../ft/failover-api.ts';
import type { Output } from '../ft/log-entry.ts';
import { decodeReply } from '../guests/tickets-protocol.ts';
import { Agenda } from './agenda.ts';
import { Client } from './client.ts';
import { FailoverStage } from './failover-stage.ts';
import { LoggingPath } from './logging-path.ts';
import { OutputStage } from './output-stage.ts';
import type { ChannelPart, FailoverPart, OutputGatePart } from './part-end.ts';
import { createPrng } from './prng.ts';
import { Recording } from './recording.ts';
import { Replaying } from './replaying.ts';
import { RunRecord } from './run-record.ts';
import { settle } from './settle.ts';
import { SharedStorage } from './storage.ts';
import type { DatagramKind, WorldEvent } from './world-event.ts';

export interface WorldOptions {
  /** Decides the values that the guest reads from the clock. */
  seed: number;
  image: Uint8Array;
  ramBytes: number;
  /** The parts of the protocol. Without a gate outputs leave at once; without failover nobody watches. */
  channelPart: ChannelPart;
  outputGatePart?: OutputGatePart | undefined;
  failoverPart?: FailoverPart | undefined;
  channel: Omit<ChannelOptions, 'role'>;
  failover: Omit<FailoverOptions, 'role'>;
  /** Whether the storage gives the flag to one machine only. */
  flag: boolean;
  /** How many clients there are, numbered from 0. */
  clients: number;
  /** Largest piece in which the link delivers bytes while everything works. */
  pieceBytesMax: number;
  /** Whether the backup replays entries as soon as they are handed over, or waits for `replay` events. */
  promptReplay: boolean;
  /** How many entries the backup replays in one round of time that passes. */
  replayEntriesMax: number;
  /** The largest state a part may have, in bytes; Infinity leaves it unmeasured. */
  stateBytesMax: number;
  /** See `LoggingPathOptions.judge`. */
  judge: 'bytes' | 'machines';
}

/** The reference's times: a tenth of what the paper's few seconds would be. */
export const worldDefaults = {
  channel: { bufferEntriesMax: 64, entryBytesMax: 256, resendAfterMs: 50 },
  failover: { heartbeatEveryMs: 50, silenceMaxMs: 250, retryAfterMs: 100 },
  flag: true,
  clients: 2,
  pieceBytesMax: 4000,
  promptReplay: true,
  replayEntriesMax: Infinity,
  stateBytesMax: Infinity,
  judge: 'bytes',
} as const satisfies Partial<WorldOptions>;

/** Time that passes in one round of `pass`, and what a guest runs in it. */
export const ROUND_MS = 25;
const ROUND_ATTEMPTS = 4000;

/** mtime counts microseconds of virtual time. */
const TICKS_PER_MS = 1000n;
const NETWORK_MS = 1;
const STORAGE_MS = 2;
const UNANSWERED_MS = 50;
const CLIENT_RETRY_MS = 100;
const GENERATION = 1;

/** One of the two hosts. */
export interface Host {
  readonly role: Role;
  condition: 'running' | 'crashed' | 'halted';
  /** The host serves without a peer: the primary that went on alone, or the backup that went live. */
  isAlone: boolean;
  /** Its guest is live: the primary's from the start, the backup's once it has gone live. */
  recording?: Recording;
  replaying?: Replaying;
  outputs: OutputStage;
  failover?: FailoverStage;
  /** How many outputs of the guest have left this host, counting those before it. */
  outputsReleased: number;
}

type Due =
  | { what: 'request'; frame: Uint8Array; message: number; client: number }
  | { what: 'reply'; frame: Uint8Array; message: number; from: Role }
  | { what: 'heartbeat'; to: Role }
  | { what: 'flag'; to: Role; owner: Role | undefined }
  | { what: 'log end' };

export class World {
  readonly run: RunRecord;
  readonly hosts: Record<Role, Host>;
  readonly path: LoggingPath;
  readonly storage: SharedStorage;
  readonly clients: Client[];
  /** What each host's console showed. */
  readonly consoles: Record<Role, string> = { primary: '', backup: '' };
  readonly options: WorldOptions;
  readonly #agenda = new Agenda<Due>();
  readonly #clock: () => bigint;
  readonly #toLose: Record<DatagramKind, number> = { request: 0, reply: 0, heartbeat: 0 };
  readonly #delayMs: Record<DatagramKind, number> = { request: 0, reply: 0, heartbeat: 0 };
  #heartbeatsPass = true;
  #clientsAreSplit = false;
  #datagrams = 0;
  #ticks = 0n;
  /** Number of the entry that says that the primary's guest switched itself off. */
  #powerOffSeq: number | undefined;

  constructor(options: WorldOptions) {
    this.options = options;
    this.run = new RunRecord(options.seed);
    const random = createPrng(options.seed);
    this.#clock = () => {
      const ticks = this.#ticks + BigInt(1 + random.int(100));
      return (this.#ticks = ticks > this.#nowTicks ? ticks : this.#nowTicks);
    };
    const primary: Host = this.#host('primary');
    const backup: Host = this.#host('backup');
    this.hosts = { primary, backup };
    primary.recording = this.#recording(primary, this.#machine(), 0);
    backup.replaying = new Replaying({ machine: this.#machine(), replayedOutput: (output) => this.#compareStates(output) });
    this.path = this.#loggingPath(primary.recording, backup.replaying);
    this.storage = new SharedStorage({ isExclusive: options.flag });
    const holders = new Map<number, string>();
    this.clients = Array.from(
      { length: options.clients },
      (_, id) => new Client({ id, run: this.run, holders, retryAfterMs: CLIENT_RETRY_MS, send: (frame) => this.#sendRequest(id, frame) }),
    );
    for (const host of [primary, backup]) this.#startFailover(host);
  }

  /** Whether a rule was broken after which the world cannot go on. */
  get ended(): boolean {
    return this.path.ended;
  }

  /** Hosts whose guest is live and runs. */
  get serving(): Host[] {
    return Object.values(this.hosts).filter((host) => host.condition === 'running' && host.recording !== undefined);
  }

  /** Lets one event of a schedule happen; does nothing once the world has ended. */
  apply(event: WorldEvent): void {
    if (event.kind === 'pass') {
      for (let passedMs = 0; passedMs < event.forMs; passedMs += ROUND_MS) this.round();
      return;
    }
    if (this.ended) return;
    this.#begin(event.kind === 'wait' ? event.forMs : 1);
    this.#perform(event);
  }

  /** One round of time in which everything works as far as it can. */
  round(): void {
    if (this.ended) return;
    this.#begin(ROUND_MS);
    this.#runGuests(ROUND_ATTEMPTS);
    this.path.carryAll('backup', this.options.pieceBytesMax);
    this.replay(this.options.replayEntriesMax);
    this.path.carryAll('primary', this.options.pieceBytesMax);
    this.#tellTime();
  }

  /** Ends a schedule fairly; what is still owed then breaks the rule of progress. */
  settle(): void {
    settle(this);
  }

  /** The backup replays up to so many entries. */
  replay(entriesMax: number): void {
    const { backup } = this.hosts;
    if (backup.replaying === undefined || backup.condition !== 'running') return;
    this.path.replay(entriesMax);
    if (backup.replaying.off) backup.failover?.powerOff();
  }

  #begin(forMs: number): void {
    this.run.begin(forMs);
    for (const due of this.#agenda.takeDue(this.run.nowMs)) this.#arrive(due);
    for (const { recording } of this.serving) recording!.timer(this.#nowTicks);
  }

  #perform(event: Exclude<WorldEvent, { kind: 'pass' }>): void {
    switch (event.kind) {
      case 'run':
        return this.#runGuests(event.attempts);
      case 'console':
        return this.serving.forEach(({ recording }) => recording!.console(event.byte));
      case 'interrupt':
        return this.serving.forEach(({ recording }) => recording!.interrupt(event.line));
      case 'carry':
        return this.path.carry(event.to, event.bytesMax);
      case 'replay':
        return this.replay(event.entriesMax);
      case 'break':
        return this.path.setLink(false, { backup: event.lateToBackup, primary: event.lateToPrimary });
      case 'heal':
        return this.path.setLink(true);
      case 'wait':
        return this.#tellTime();
      case 'crash':
        return this.#stop(this.hosts[event.machine], 'crashed');
      case 'request':
        return this.clients[event.client]?.request();
      case 'power off':
        return this.clients[event.client]?.powerOff();
      default:
        return this.#disturb(event);
    }
  }

  /** Events that only change what the networks and the storage do from here on. */
  #disturb(event: Extract<WorldEvent, { kind: 'lose' | 'delay' | 'heartbeats' | 'storage' | 'lose answer' | 'clients split' }>): void {
    const { trace } = this.run;
    switch (event.kind) {
      case 'lose':
        this.#toLose[event.of] += 1;
        return;
      case 'delay':
        this.#delayMs[event.of] += event.byMs;
        return;
      case 'heartbeats':
        if (event.pass === this.#heartbeatsPass) return;
        this.#heartbeatsPass = event.pass;
        return trace.mark('link', event.pass ? 'heartbeats pass again' : 'heartbeats are lost from here on', { tone: 'fault' });
      case 'storage':
        if (event.reachable === this.storage.reachable[event.machine]) return;
        this.storage.reachable[event.machine] = event.reachable;
        return trace.mark('storage', `the ${event.machine} can${event.reachable ? ' reach it again' : 'not reach it'}`, { tone: 'fault' });
      case 'lose answer':
        this.storage.answersToLose[event.machine] += 1;
        return;
      case 'clients split':
        if (event.on === this.#clientsAreSplit) return;
        this.#clientsAreSplit = event.on;
        return trace.mark('client', event.on ? 'the network falls in two' : 'the network is whole again', { tone: 'fault' });
    }
  }

  #arrive(due: Due): void {
    switch (due.what) {
      case 'request':
        return this.#deliverRequest(due.frame, due.message, due.client);
      case 'reply':
        return void this.clients.find((client, id) => this.#reaches(id, due.from) && client.receive(due.frame, due.message));
      case 'heartbeat':
        return this.#running(due.to)?.failover?.heartbeat();
      case 'flag':
        return this.#answerFlag(this.hosts[due.to], due.owner);
      case 'log end':
        this.replay(Infinity);
        return this.#running('backup')?.failover?.logEnd();
    }
  }

  #running(role: Role): Host | undefined {
    return this.hosts[role].condition === 'running' ? this.hosts[role] : undefined;
  }

  /** A frame that finds no room, or a stalled guest, is lost, as on any network; the client sends again. */
  #deliverRequest(frame: Uint8Array, message: number, client: number): void {
    for (const host of this.serving) {
      if (!this.#reaches(client, host.role)) continue;
      const isTaken = host.recording!.packet(frame);
      this.run.trace.mark(host.role, isTaken ? 'request arrives' : 'request arrives, finds no room', { message });
    }
  }

  #reaches(client: number, role: Role): boolean {
    return !this.#clientsAreSplit || (client % 2 === 0) === (role === 'primary');
  }

  #sendRequest(client: number, frame: Uint8Array): { message: number; to: Role } {
    const message = ++this.#datagrams;
    this.#send('request', { what: 'request', frame, message, client });
    return { message, to: this.serving.find(({ role }) => this.#reaches(client, role))?.role ?? 'primary' };
  }

  #send(kind: DatagramKind, due: Due): void {
    const byMs = this.#delayMs[kind];
    this.#delayMs[kind] = 0;
    if (this.#toLose[kind] > 0) {
      this.#toLose[kind] -= 1;
      if (kind !== 'heartbeat') this.run.trace.note('client', `the ${kind} is lost`);
      return;
    }
    this.#agenda.add(this.run.nowMs + NETWORK_MS + byMs, due);
  }

  #runGuests(attempts: number): void {
    for (const host of this.serving) {
      const wasOff = host.recording!.off;
      host.recording!.run(attempts);
      if (host.recording!.off && !wasOff) this.#switchedOff(host);
    }
  }

  #switchedOff(host: Host): void {
    this.run.trace.note(host.role, 'the guest switches itself off');
    if (host.isAlone) host.failover?.powerOff();
    else this.#powerOffSeq = host.recording!.entries.length;
  }

  #tellTime(): void {
    const { nowMs } = this.run;
    this.path.time(nowMs);
    for (const host of Object.values(this.hosts)) this.#running(host.role)?.failover?.time();
    for (const client of this.clients) client.time();
  }

  #acknowledged(seq: number): void {
    const primary = this.#running('primary');
    primary?.outputs.acknowledged(seq);
    if (this.#powerOffSeq !== undefined && seq >= this.#powerOffSeq) primary?.failover?.powerOff();
  }

  #performOutput(host: Host, output: number, made: Output): void {
    host.outputsReleased = Math.max(host.outputsReleased, output + 1);
    if (made.device === 'console') {
      const character = String.fromCharCode(made.byte);
      this.consoles[host.role] += character;
      return this.run.trace.note(host.role, `shows ${JSON.stringify(character)}`);
    }
    for (const frame of made.frames) {
      const message = ++this.#datagrams;
      this.run.trace.mark(host.role, `sends ${nameOfFrame(frame)}`, { to: 'client', message });
      this.#send('reply', { what: 'reply', frame, message, from: host.role });
    }
  }

  #testAndSet(host: Host): void {
    const { trace, nowMs } = this.run;
    const { owner, fate } = this.storage.testAndSet(host.role, GENERATION);
    const words = { answered: '', unreachable: ', which it cannot reach', 'answer lost': '; the answer will be lost' }[fate];
    trace.mark(host.role, `asks the storage for the flag${words}`, { to: 'storage' });
    if (fate === 'answered') this.#agenda.add(nowMs + STORAGE_MS, { what: 'flag', to: host.role, owner });
    else this.#agenda.add(nowMs + UNANSWERED_MS, { what: 'flag', to: host.role, owner: undefined });
  }

  #answerFlag(host: Host, owner: Role | undefined): void {
    if (host.condition !== 'running') return;
    if (owner === undefined) {
      this.run.trace.note(host.role, 'no answer from the storage');
      return host.failover?.noAnswer();
    }
    this.run.trace.mark('storage', `the ${owner} holds the flag`, { to: host.role });
    host.failover?.answer(owner);
  }

  #goLive(host: Host): void {
    const other = this.hosts[host.role === 'primary' ? 'backup' : 'primary'];
    if (other.condition === 'running' && other.isAlone)
      this.run.report('one live', host.role, `one machine live: the ${other.role} is`, `the ${host.role} goes live too`);
    this.run.trace.note(host.role, host.role === 'primary' ? 'goes on alone' : 'goes live');
    this.path.close(host.role);
    host.isAlone = true;
    if (host.replaying !== undefined) this.#takeOver(host, host.replaying, other);
    host.recording!.resume();
    host.outputs.peerLost();
    if (host.recording!.off) host.failover?.powerOff();
  }

  /** The backup's guest is live from here on. Section 2.2: it must have passed every output that the primary let out. */
  #takeOver(host: Host, replaying: Replaying, former: Host): void {
    const { outputs } = replaying;
    if (former.outputsReleased > outputs) {
      const expected = `every output that the primary let out, ${former.outputsReleased} of them, in the log that the backup has replayed`;
      this.run.report('remembered', host.role, expected, `the backup goes live after ${outputs} outputs`);
    }
    host.outputsReleased = outputs;
    host.recording = this.#recording(host, replaying.machine, outputs);
    delete host.replaying;
  }

  /** A crash of the schedule's, or a halt that failover asks for. */
  #stop(host: Host, condition: 'crashed' | 'halted'): void {
    if (host.condition !== 'running') return;
    host.condition = condition;
    this.path.close(host.role);
    if (condition === 'crashed') this.run.trace.mark(host.role, 'crashes', { tone: 'fault' });
    else this.run.trace.note(host.role, 'halts');
  }

  #compareStates(output: number): void {
    if (this.options.judge === 'bytes') return;
    const expected = this.hosts.primary.recording!.stateHashes[output];
    const stateHash = this.hosts.backup.replaying!.machine.stateHash();
    if (stateHash === expected) return;
    this.run.report(
      'same state',
      'backup',
      `state ${expected} after output ${output}, as on the primary`,
      `state ${stateHash} on the backup`,
    );
  }

  get #nowTicks(): bigint {
    return BigInt(this.run.nowMs) * TICKS_PER_MS;
  }

  #machine(): Machine {
    const machine = new Machine({ ramBytes: this.options.ramBytes });
    machine.load(this.options.image);
    return machine;
  }

  #host(role: Role): Host {
    const { outputGatePart, stateBytesMax } = this.options;
    const host: Host = { role, condition: 'running', isAlone: false, outputsReleased: 0, outputs: undefined as unknown as OutputStage };
    host.outputs = new OutputStage({
      run: this.run,
      part: outputGatePart,
      role,
      stateBytesMax,
      stall: () => host.recording?.stall(),
      resume: () => host.recording?.resume(),
    });
    return host;
  }

  #recording(host: Host, machine: Machine, outputs: number): Recording {
    const newest = (): number => host.recording!.entries.length;
    return new Recording({
      machine,
      outputs,
      hashOutputs: this.options.judge === 'machines',
      clock: () => this.#readClock(host),
      appended: (entry) => {
        if (!host.isAlone) this.path.append(entry);
      },
      output: (output, made) =>
        host.outputs.operation(operationOf(made), newest(), nameOf(made), () => this.#performOutput(host, output, made)),
      receiveBuffers: () =>
        host.outputs.operation({ device: 'network', action: 'offer buffers' }, newest(), 'offered receive buffers', () => {}),
    });
  }

  #readClock(host: Host): bigint {
    let value = 0n;
    host.outputs.operation({ device: 'clock', action: 'read' }, host.recording!.entries.length, 'a read of the clock', () => {
      value = this.#clock();
    });
    return value;
  }

  #loggingPath(recording: Recording, replaying: Replaying): LoggingPath {
    const { channelPart, channel, stateBytesMax, judge, promptReplay } = this.options;
    return new LoggingPath({
      run: this.run,
      part: channelPart,
      channel,
      recording,
      replaying,
      stateBytesMax,
      judge,
      promptReplay,
      acknowledged: (seq) => this.#acknowledged(seq),
      heard: (side) => this.#running(side)?.failover?.logTraffic(),
    });
  }

  #startFailover(host: Host): void {
    const { failoverPart, failover, stateBytesMax } = this.options;
    if (failoverPart === undefined) return;
    const other: Role = host.role === 'primary' ? 'backup' : 'primary';
    host.failover = new FailoverStage({
      run: this.run,
      part: failoverPart,
      failover: { ...failover, role: host.role },
      stateBytesMax,
      sendHeartbeat: () => {
        this.run.trace.heartbeat(host.role);
        if (this.#heartbeatsPass) this.#send('heartbeat', { what: 'heartbeat', to: other });
      },
      replayToEnd: () => {
        this.path.close(host.role);
        this.#agenda.add(this.run.nowMs + NETWORK_MS, { what: 'log end' });
      },
      testAndSet: () => this.#testAndSet(host),
      goLive: () => this.#goLive(host),
      halt: () => this.#stop(host, 'halted'),
    });
  }
}

function operationOf({ device }: Output): { device: 'console'; action: 'write' } | { device: 'network'; action: 'transmit' } {
  return device === 'console' ? { device, action: 'write' } : { device, action: 'transmit' };
}

function nameOf(made: Output): string {
  if (made.device === 'console') return `console byte ${JSON.stringify(String.fromCharCode(made.byte))}`;
  return made.frames.map(nameOfFrame).join(', ');
}

function nameOfFrame(frame: Uint8Array): string {
  const reply = decodeReply(frame);
  return reply === undefined ? 'a frame' : `ticket ${reply.ticket} for client ${String.fromCharCode(65 + reply.client)}`;
}
