/**
 * The replayer: runs the backup's machine along the log, and injects each event at exactly the position it was recorded at. It never runs
 * past the last entry it holds. Fourth step of walk one; VMware FT, sections 2.1 (deterministic replay) and 2.2 (FT protocol).
 */
import type { DiskRequest, Machine, Stop } from '../emulator/machine.ts';
import type { LogEntry, LogEvent, Output, Position } from './log-entry.ts';
import { outputOf } from './log-entry.ts';

export interface ReplayerOptions {
  /** The machine to replay on: at boot, or in the state of a recorded run after the entry `consumed`. */
  machine: Machine;
  /** Sees each output as the replay makes it again. A backup drops them: the primary sends the real ones. */
  output?: (output: number, made: Output) => void;
  /** Sees the reads that the guest asks the disk for: for a backup that does them itself (section 4.2). */
  diskReads?: (requests: DiskRequest[]) => void;
  /** Sees all requests of one notification in the guest's order, before the output among them. */
  diskRequests?: (requests: DiskRequest[]) => void;
  /** Number of the last entry that the machine's state already contains. Default 0: a machine at boot. */
  consumed?: number;
  /** How many outputs the guest has made before that state. Default 0. */
  outputs?: number;
}

export interface Replayer {
  /** Takes the next entry of the log; the first is `consumed + 1`. Throws `WrongSequence` for any other number. */
  accept(entry: LogEntry): void;
  /**
   * Runs as far as the held entries permit, but at most `attemptsMax` instruction attempts (default: no bound), so that a simulated backup
   * can lag. Ends at the last held entry's position, after its load if it is a clock entry. Returns the number of the last entry that
   * was consumed in this or an earlier run. Throws `ReplayDivergence` where guest and log disagree; the machine is of no more use then.
   */
  run(attemptsMax?: number): { consumed: number };
  /**
   * Runs to the place of the next held entry without consuming it: what the guest asks for on the way may be needed for it. To what the guest does
   * itself, an output or its own switching off, there is no way but the run that consumes the entry: nothing is done then.
   */
  approach(): void;
  /** Number of the last entry consumed. */
  readonly consumed: number;
  /** Number of entries accepted and not consumed yet. */
  readonly held: number;
  /** How many outputs the guest has made. */
  readonly outputs: number;
}

/** An entry that is not the next one of the log. */
export class WrongSequence extends Error {
  readonly expectedSeq: number;
  readonly seq: number;

  constructor(expectedSeq: number, seq: number) {
    super(`the replayer was given log entry ${seq}, the next one is ${expectedSeq}: entries come in order, each once`);
    this.name = 'WrongSequence';
    this.expectedSeq = expectedSeq;
    this.seq = seq;
  }
}

/** What the guest did where the log says something else. */
export type GuestDid =
  | 'read the clock'
  | 'made an output'
  | 'made an output of another number'
  | 'had no room for the frame'
  | 'had no such disk request'
  | 'did not want such entropy'
  | 'has no such hart'
  | 'powered off'
  | 'rebooted'
  | 'did something else'
  | 'was already past it';

/** The guest and the log disagree: the log is not the one of this run, or the machine is not deterministic. */
export class ReplayDivergence extends Error {
  /** Where the guest was, in instruction attempts. */
  readonly position: Position;
  /** The next entry of the log at that point. */
  readonly entry: LogEntry;
  readonly guestDid: GuestDid;

  constructor(position: Position, entry: LogEntry, guestDid: GuestDid) {
    super(`replay diverged at position ${position}: the next log entry is ${describeEntry(entry)}, but the guest ${guestDid}`);
    this.name = 'ReplayDivergence';
    this.position = position;
    this.entry = entry;
    this.guestDid = guestDid;
  }
}

/** One entry in words, e.g. `number 17 at position 812, console byte 65`. */
export function describeEntry(entry: LogEntry): string {
  const { seq, at, event } = entry;
  const place = `number ${seq} at position ${at}`;
  switch (event.kind) {
    case 'clock':
      return `${place}, clock value ${event.value}`;
    case 'interrupt':
      return `${place}, interrupt line ${event.line}${event.hart === undefined ? '' : ` of hart ${event.hart}`}`;
    case 'console':
      return `${place}, console byte ${event.byte}`;
    case 'output':
      return `${place}, output ${event.output}`;
    case 'packet':
      return `${place}, packet of ${event.frame.length} bytes`;
    case 'entropy':
      return `${place}, entropy of ${event.bytes.length} bytes`;
    case 'disk':
      return `${place}, disk request ${event.request} ${event.status}${event.data === undefined ? '' : ` with ${event.data.length} bytes`}`;
    case 'control':
      return `${place}, control operation ${event.operation}`;
    case 'power-off':
    case 'reboot':
      return `${place}, ${event.kind}`;
  }
}

export function createReplayer(options: ReplayerOptions): Replayer {
  return new MachineReplayer(options);
}

class MachineReplayer implements Replayer {
  consumed: number;
  outputs: number;
  readonly #machine: Machine;
  readonly #output: ReplayerOptions['output'];
  readonly #diskReads: ReplayerOptions['diskReads'];
  readonly #diskRequests: ReplayerOptions['diskRequests'];
  /** Held entries by number. */
  readonly #entries = new Map<number, LogEntry>();
  #divergence: ReplayDivergence | undefined;

  constructor(options: ReplayerOptions) {
    this.#machine = options.machine;
    this.#output = options.output;
    this.#diskReads = options.diskReads;
    this.#diskRequests = options.diskRequests;
    this.consumed = options.consumed ?? 0;
    this.outputs = options.outputs ?? 0;
  }

  get held(): number {
    return this.#entries.size;
  }

  accept(entry: LogEntry): void {
    const expectedSeq = this.consumed + this.held + 1;
    if (entry.seq !== expectedSeq) throw new WrongSequence(expectedSeq, entry.seq);
    this.#entries.set(entry.seq, entry);
  }

  run(attemptsMax: number = Infinity): { consumed: number } {
    if (this.#divergence) throw this.#divergence;
    const deadline = this.#machine.position + attemptsMax;
    for (;;) {
      const entry = this.#entries.get(this.consumed + 1);
      if (entry === undefined || !this.#replay(entry, deadline)) return { consumed: this.consumed };
      this.#entries.delete(entry.seq);
      this.consumed = entry.seq;
    }
  }

  approach(): void {
    if (this.#divergence) throw this.#divergence;
    const entry = this.#entries.get(this.consumed + 1);
    if (entry !== undefined && !isGuestsDoing(entry) && this.#machine.position < entry.at) this.#runTo(entry.at, entry);
  }

  /** Runs up to an entry and consumes it. False if the deadline comes first. */
  #replay(entry: LogEntry, deadline: Position): boolean {
    const machine = this.#machine;
    if (machine.power !== 'on') this.#diverge(entry, guestDid({ reason: machine.power }));
    if (machine.position > entry.at) this.#diverge(entry, 'was already past it');
    const stop = this.#runTo(Math.min(entry.at, deadline), entry);
    if (machine.position < entry.at) return false;
    if (entry.event.kind !== 'clock') this.#consume(entry, stop);
    else if (entry.at === deadline) return false;
    else this.#finishClockLoad(entry, entry.event.value);
    return true;
  }

  /** Injects what came from outside, or sees that the guest did what the entry says; `stop` is how the run to the entry ended. */
  #consume(entry: LogEntry, stop: Stop): void {
    const { event } = entry;
    switch (event.kind) {
      case 'output': {
        const made = outputOf(stop);
        if (made === undefined) this.#diverge(entry, guestDid(stop));
        if (event.output !== this.outputs) this.#diverge(entry, 'made an output of another number');
        this.outputs++;
        this.#output?.(event.output, made);
        break;
      }
      case 'power-off':
      case 'reboot':
        if (stop.reason !== event.kind) this.#diverge(entry, guestDid(stop));
        break;
      default: {
        const refusal = this.#inject(event);
        if (refusal !== undefined) this.#diverge(entry, refusal);
      }
    }
  }

  /** Hands the machine what came from outside; says why, if it does not take it. */
  #inject(event: LogEvent): GuestDid | undefined {
    const machine = this.#machine;
    switch (event.kind) {
      case 'console':
        machine.receive(event.byte);
        return undefined;
      case 'packet':
        return machine.receiveFrame(event.frame) ? undefined : 'had no room for the frame';
      case 'interrupt':
        if ((event.hart ?? 0) >= machine.hartCount) return 'has no such hart';
        machine.interrupt(event.line, event.hart);
        return undefined;
      case 'entropy':
        return machine.provideEntropy(event.bytes) ? undefined : 'did not want such entropy';
      case 'disk':
        if (!machine.canCompleteDisk(event.request, event.status, event.data)) return 'had no such disk request';
        machine.completeDisk(event.request, event.status, event.data);
        return undefined;
      default:
        return undefined;
    }
  }

  /**
   * Runs to a position at or before the entry's. On the way the guest may only wait, offer buffers to fill and ask for disk reads: the
   * recorder ran on from there too. What the guest itself does is due at the entry's own position. Everything else would have an entry of its own.
   */
  #runTo(position: Position, entry: LogEntry): Stop {
    for (;;) {
      const stop = this.#machine.run(position);
      if (stop.reason === 'position') return stop;
      if (stop.reason === 'disk') this.#takeRequests(stop.requests);
      if (isSilent(stop)) continue;
      if (isDue(stop, entry) && this.#machine.position === entry.at) return stop;
      this.#diverge(entry, guestDid(stop));
    }
  }

  #takeRequests(requests: DiskRequest[]): void {
    const reads = requests.filter(({ kind }) => kind === 'read');
    if (reads.length > 0) this.#diskReads?.(reads);
    this.#diskRequests?.(requests);
  }

  /** The attempt at the entry's position has to be a load of mtime; it is finished here, as the recorder did. */
  #finishClockLoad(entry: LogEntry, value: bigint): void {
    const machine = this.#machine;
    const stop = machine.run(entry.at + 1);
    if (stop.reason !== 'clock') this.#diverge(entry, guestDid(stop));
    machine.provideClock(value);
    machine.run(entry.at + 1);
  }

  #diverge(entry: LogEntry, guestDid: GuestDid): never {
    this.#divergence = new ReplayDivergence(this.#machine.position, entry, guestDid);
    throw this.#divergence;
  }
}

/** Whether a stop needs no entry: nothing left the guest, and nothing has come to it yet. */
function isSilent(stop: Stop): boolean {
  switch (stop.reason) {
    case 'wait':
    case 'receive-buffers':
    case 'entropy':
      return true;
    case 'disk':
      return outputOf(stop) === undefined;
    default:
      return false;
  }
}

/** Whether the guest comes to an entry by what it does in the attempt before. */
function isGuestsDoing({ event: { kind } }: LogEntry): boolean {
  return kind === 'output' || kind === 'power-off' || kind === 'reboot';
}

/** Whether a stop is of the kind that the entry records. */
function isDue(stop: Stop, { event }: LogEntry): boolean {
  return event.kind === 'output' ? outputOf(stop) !== undefined : stop.reason === event.kind;
}

/** A stop in the words of a divergence. */
function guestDid(stop: Stop): GuestDid {
  switch (stop.reason) {
    case 'clock':
      return 'read the clock';
    case 'output':
    case 'transmit':
      return 'made an output';
    case 'power-off':
      return 'powered off';
    case 'reboot':
      return 'rebooted';
    case 'disk':
      return isSilent(stop) ? 'did something else' : 'made an output';
    case 'position':
    case 'wait':
    case 'receive-buffers':
    case 'entropy':
      return 'did something else';
  }
}
