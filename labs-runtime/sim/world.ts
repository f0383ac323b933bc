/**
 * The simulated world: a primary and a backup, each a real machine with a real guest, the parts of the protocol between them, a link that
 * breaks, networks that lose and delay, shared storage, and clients that record what they see. Events of a schedule drive it; it keeps a record of
 * each rule broken. Both walks of the architecture meet here: a student's part stands where the reference's would.
 * VMware FT, sections 2 and 3.2. Time is a count of milliseconds that only events move.
 */
import type { Role } from '../ft/channel-api.ts';
import { Client } from './client.ts';
import { FailoverStage } from './failover-stage.ts';
import type { WorldOutput } from './host.ts';
import { Host, nameOfFrame } from './host.ts';
import { LoggingPath } from './logging-path.ts';
import { Networks } from './networks.ts';
import type { Arrival } from './networks.ts';
import { RunRecord } from './run-record.ts';
import { SharedStorage } from './storage.ts';
import { VirtualClock } from './virtual-clock.ts';
import type { WorldEvent } from './world-event.ts';
import type { WorldOptions } from './world-options.ts';

/** Time that passes in one round of `pass`, and what a guest runs in it. */
export const ROUND_MS = 25;
const ROUND_ATTEMPTS = 4000;

/** How long the storage takes to answer, and how long a machine waits before it counts an answer as lost. */
const STORAGE_MS = 2;
const UNANSWERED_MS = 50;

/** How long a replay to the end takes, besides what the backup lags behind. */
const REPLAY_MS = 1;

/** After how long without an answer a client asks again. */
const CLIENT_RETRY_MS = 100;

/** The pair is the first of its virtual machine. */
const GENERATION = 1;

export class World {
  readonly options: WorldOptions;
  readonly run: RunRecord;
  readonly hosts: Readonly<Record<Role, Host>>;
  readonly path: LoggingPath;
  readonly storage: SharedStorage;
  readonly clients: readonly Client[];
  /** What each machine's console showed. */
  readonly consoles: Record<Role, string> = { primary: '', backup: '' };
  readonly #both: readonly Host[];
  readonly #networks: Networks;
  readonly #clock: VirtualClock;
  /** Number of the entry that says that the primary's guest switched itself off. */
  #powerOffSeq: number | undefined;

  constructor(options: WorldOptions) {
    this.options = options;
    this.run = new RunRecord(options.seed);
    this.#networks = new Networks(this.run);
    this.#clock = new VirtualClock(this.run);
    this.hosts = { primary: this.#host('primary'), backup: this.#host('backup') };
    this.#both = [this.hosts.primary, this.hosts.backup];
    this.path = this.#loggingPath();
    this.storage = new SharedStorage({ isExclusive: options.flag });
    this.clients = this.#clients(options.clients);
    for (const host of this.#both) this.#startFailover(host);
  }

  /** Whether a rule was broken after which the world cannot go on. */
  get ended(): boolean {
    return this.run.ended;
  }

  /** Machines whose guest is live and runs. */
  get serving(): Host[] {
    return this.#both.filter((host) => host.isRunning && host.recording !== undefined);
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
    this.#replay(this.options.replayEntriesPerRound);
    this.path.carryAll('primary', this.options.pieceBytesMax);
    this.#tellTime();
  }

  #begin(forMs: number): void {
    this.run.begin(forMs);
    for (const arrival of this.#networks.takeDue()) this.#arrive(arrival);
    for (const { recording } of this.serving) recording!.timer(this.#clock.nowTicks);
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
        return this.#replay(event.entriesMax);
      case 'break':
        return this.path.setLink(false, { backup: event.lateToBackup, primary: event.lateToPrimary });
      case 'heal':
        return this.path.setLink(true);
      case 'old acknowledgement':
        return this.#acknowledgeAgain(event.behind);
      case 'late output':
        return this.#delayOutput(event.acknowledgements);
      case 'wait':
        return this.#tellTime();
      case 'crash':
        return this.#crash(this.hosts[event.machine], event.lateBytes ?? Infinity);
      case 'request':
        return this.clients[event.client]?.request();
      case 'power off':
        return this.clients[event.client]?.powerOff();
      case 'storage':
        return this.#reachStorage(event.machine, event.reachable);
      case 'lose answer':
        this.storage.answersToLose[event.machine] += 1;
        return;
      default:
        return this.#networks.disturb(event);
    }
  }

  #reachStorage(machine: Role, reachable: boolean): void {
    if (reachable === this.storage.reachable[machine]) return;
    this.storage.reachable[machine] = reachable;
    if (reachable) this.run.trace.mark('storage', `the ${machine} can reach it again`, {});
    else this.run.trace.mark('storage', `the ${machine} cannot reach it`, { tone: 'fault' });
  }

  #arrive(arrival: Arrival): void {
    switch (arrival.what) {
      case 'request':
        return this.#deliverRequest(arrival.frame, arrival.message, arrival.client);
      case 'reply':
        return this.#deliverReply(arrival.frame, arrival.message, arrival.from);
      case 'heartbeat':
        return this.#running(arrival.to)?.failover?.heartbeat();
      case 'flag':
        return this.#answerFlag(this.hosts[arrival.to], arrival.owner);
      case 'log end':
        this.#replay(Infinity);
        return this.#running('backup')?.failover?.logEnd();
    }
  }

  #running(role: Role): Host | undefined {
    return this.hosts[role].isRunning ? this.hosts[role] : undefined;
  }

  /** A frame that finds no room, or a stalled guest, is lost, as on any network; the client sends again. */
  #deliverRequest(frame: Uint8Array, message: number, client: number): void {
    for (const { role, recording } of this.serving) {
      if (!this.#networks.reaches(client, role)) continue;
      this.run.trace.mark(role, 'the request arrives', { message });
      if (!recording!.packet(frame)) this.run.trace.note(role, 'the request finds no room, and is lost');
    }
  }

  #deliverReply(frame: Uint8Array, message: number, from: Role): void {
    for (const [id, client] of this.clients.entries()) if (this.#networks.reaches(id, from)) client.receive(frame, message);
  }

  #runGuests(attempts: number): void {
    for (const host of this.serving) {
      const wasOff = host.isOff;
      host.recording!.run(attempts);
      if (host.isOff && !wasOff) this.#switchedOff(host);
    }
  }

  #switchedOff(host: Host): void {
    this.run.trace.note(host.role, 'the guest switches itself off');
    if (host.isAlone) host.failover?.powerOff();
    else this.#powerOffSeq = host.recording!.entries.length;
  }

  #replay(entriesMax: number): void {
    const { backup } = this.hosts;
    if (backup.replaying === undefined || !backup.isRunning) return;
    this.path.replay(entriesMax);
    if (backup.isOff) backup.failover?.powerOff();
  }

  /** How long the backup takes for the entries that it holds, if it replays only so many in a round. */
  get #lagMs(): number {
    return ROUND_MS * Math.ceil((this.hosts.backup.replaying?.held ?? 0) / this.options.replayEntriesPerRound);
  }

  #tellTime(): void {
    this.path.time(this.run.nowMs);
    for (const { role } of this.#both) this.#running(role)?.failover?.time();
    for (const client of this.clients) client.time();
  }

  #acknowledged(seq: number): void {
    const primary = this.#running('primary');
    primary?.outputs.acknowledged(seq);
    if (this.#powerOffSeq !== undefined && seq >= this.#powerOffSeq) primary?.failover?.powerOff();
  }

  /** An acknowledgement that says nothing new: repeated after a break of the link, or overtaken by a later one. */
  #acknowledgeAgain(behind: number): void {
    const seq = this.path.acknowledgedSeq - behind;
    const { primary } = this.hosts;
    if (seq <= 0 || !primary.isRunning || primary.isAlone) return;
    this.run.trace.mark('primary', `hears again that entries up to ${seq} are acknowledged`, {});
    primary.outputs.acknowledged(seq);
  }

  #delayOutput(acknowledgements: number): void {
    const { primary } = this.hosts;
    if (!primary.isRunning || primary.isAlone) return;
    this.run.trace.mark('primary', 'the next output will reach the gate late', {});
    primary.outputs.delayNext(acknowledgements);
  }

  #left(role: Role, made: WorldOutput): void {
    const { trace } = this.run;
    if (made.device === 'console') {
      const character = String.fromCharCode(made.byte);
      this.consoles[role] += character;
      return trace.showed(role, character);
    }
    for (const frame of made.frames) {
      const message = this.#networks.number();
      const fate = this.#networks.send({ what: 'reply', frame, message, from: role });
      trace.mark(role, `sends ${nameOfFrame(frame)}${fate}`, { to: 'client', message });
    }
  }

  #testAndSet({ role }: Host): void {
    const { owner, fate } = this.storage.testAndSet(role, GENERATION);
    const words = { answered: '', unreachable: ', which it cannot reach', 'answer lost': '; the answer will be lost' }[fate];
    this.run.trace.mark(role, `asks the storage for the flag${words}`, { to: 'storage' });
    if (fate === 'answered') this.#networks.after(STORAGE_MS, { what: 'flag', to: role, owner });
    else this.#networks.after(UNANSWERED_MS, { what: 'flag', to: role, owner: undefined });
  }

  #answerFlag(host: Host, owner: Role | undefined): void {
    if (!host.isRunning) return;
    if (owner === undefined) {
      this.run.trace.note(host.role, 'no answer from the storage');
      return host.failover?.noAnswer();
    }
    this.run.trace.mark('storage', `the ${owner} holds the flag`, { to: host.role });
    host.failover?.answer(owner);
  }

  #goLive(host: Host): void {
    const other = this.hosts[otherThan(host.role)];
    if (other.isRunning && other.isAlone)
      this.run.report('one live', host.role, `one machine live: the ${other.role} is`, `the ${host.role} goes live too`);
    this.run.trace.note(host.role, host.role === 'primary' ? 'goes on alone' : 'goes live');
    this.path.close(host.role);
    if (host.replaying !== undefined) this.#expectRemembered(host, other);
    host.goAlone();
    if (host.isOff) host.failover?.powerOff();
  }

  /** Section 2.2: a backup that takes over must have passed every output that the primary let out. */
  #expectRemembered({ role, replaying }: Host, former: Host): void {
    const { outputs } = replaying!;
    if (former.outputsReleased <= outputs) return;
    const expected = `every output that the primary let out, ${former.outputsReleased} of them, in the log that the backup has replayed`;
    this.run.report('remembered', role, expected, `the backup goes live after ${outputs} outputs`);
  }

  #crash(host: Host, lateBytes: number): void {
    if (!host.isRunning) return;
    host.condition = 'crashed';
    const lost = this.path.cut(host.role, lateBytes);
    this.run.trace.mark(host.role, lost > 0 ? `crashes; ${lost} bytes of the log are lost` : 'crashes', { tone: 'fault' });
  }

  #halt(host: Host): void {
    host.condition = 'halted';
    this.path.close(host.role);
    this.run.trace.note(host.role, 'halts');
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

  #host(role: Role): Host {
    return new Host({
      role,
      run: this.run,
      world: this.options,
      clock: () => this.#clock.read(),
      appended: (entry) => this.path.append(entry),
      left: (made) => this.#left(role, made),
      replayedOutput: (output) => this.#compareStates(output),
    });
  }

  #loggingPath(): LoggingPath {
    const { channelPart, channel, stateBytesMax, judge, promptReplay } = this.options;
    return new LoggingPath({
      run: this.run,
      part: channelPart,
      channel,
      recording: this.hosts.primary.recording!,
      replaying: this.hosts.backup.replaying!,
      stateBytesMax,
      judge,
      promptReplay,
      acknowledged: (seq) => this.#acknowledged(seq),
      heard: (side) => this.#running(side)?.failover?.logTraffic(),
    });
  }

  #clients(count: number): Client[] {
    const holders = new Map<number, string>();
    return Array.from({ length: count }, (_, id) => {
      const send = (frame: Uint8Array, words: string): void => {
        const message = this.#networks.number();
        const fate = this.#networks.send({ what: 'request', frame, message, client: id });
        const to = this.serving.find(({ role }) => this.#networks.reaches(id, role))?.role ?? 'primary';
        this.run.trace.mark('client', words + fate, { to, message });
      };
      return new Client({ id, run: this.run, holders, retryAfterMs: CLIENT_RETRY_MS, send });
    });
  }

  #startFailover(host: Host): void {
    const { failoverPart, failover, stateBytesMax } = this.options;
    if (failoverPart === undefined) return;
    host.failover = new FailoverStage({
      run: this.run,
      part: failoverPart,
      failover: { ...failover, role: host.role },
      stateBytesMax,
      sendHeartbeat: () => {
        this.run.trace.heartbeat(host.role);
        this.#networks.sendHeartbeat(otherThan(host.role));
      },
      replayToEnd: () => {
        this.path.close(host.role);
        this.#networks.after(REPLAY_MS + this.#lagMs, { what: 'log end' });
      },
      testAndSet: () => this.#testAndSet(host),
      goLive: () => this.#goLive(host),
      halt: () => this.#halt(host),
    });
  }
}

function otherThan(role: Role): Role {
  return role === 'primary' ? 'backup' : 'primary';
}
