/**
 * Time travel: brings a machine to any position of its recorded run, forward or back, exactly. Going back means restoring the nearest snapshot
 * before the position and replaying the log from there (deterministic replay, VMware FT, section 2.1). From any point the machine can go live
 * again: what came after is cut off, and another future begins.
 *
 * The state at a position is that after all entries at it, and before the attempt there; a load of the clock is part of the attempt.
 */
import type { Machine, Snapshot } from '../emulator/machine.ts';
import type { LogEntry, Output, Position, Recorded } from '../ft/log-entry.ts';
import { DiskJournal } from './disk-journal.ts';
import { ReplayRun } from './replay-run.ts';

export interface TimeTravelOptions {
  /** The machine at boot. Time travel moves it; who runs it live does so between. */
  machine: Machine;
  /** The log of the run so far; it is copied. Default: none yet, since the machine is about to be recorded. */
  entries?: readonly LogEntry[];
  /** How far the run reaches. Default: to the last entry. */
  endPosition?: Position;
  /** What is on the disk at boot. Default: there is none. */
  disk?: Uint8Array;
  /** Attempts between two snapshots, at least: what a step back replays, at most, near the present. Default 1,000,000. */
  snapshotAttempts?: number;
  /**
   * Snapshots kept, at least 2, of which those far from the present are thinned out. Each costs the pages of RAM that differ from the next
   * one's. Default 64.
   */
  snapshotsMax?: number;
}

/** A point that can be restored. */
interface Saved {
  position: Position;
  /** How many entries its state contains, and how many outputs came before it. */
  consumed: number;
  outputs: number;
  snapshot: Snapshot;
}

export class TimeTravel {
  readonly #machine: Machine;
  readonly #entries: LogEntry[];
  readonly #snapshotAttempts: number;
  readonly #snapshotsMax: number;
  readonly #journal: DiskJournal;
  /** In the order of their positions; the first is boot. */
  readonly #saved: Saved[] = [];
  #end: Position;
  /** How far the machine is along the log. */
  #consumed = 0;
  #outputs = 0;
  /** The replay under way; undefined when the machine is live, or was moved by a restore. */
  #replay: ReplayRun | undefined;

  constructor(options: TimeTravelOptions) {
    const { machine, entries = [], endPosition = 0, disk = new Uint8Array(0), snapshotAttempts = 1_000_000, snapshotsMax = 64 } = options;
    if (machine.position !== 0) throw new RangeError(`Time travel begins at boot, and the machine is at position ${machine.position}.`);
    this.#machine = machine;
    this.#entries = [...entries];
    this.#snapshotAttempts = snapshotAttempts;
    this.#snapshotsMax = snapshotsMax;
    this.#journal = new DiskJournal(disk);
    this.#end = Math.max(endPosition, endOfLog(entries));
    this.#save();
  }

  /** The log of the whole run. */
  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  /** Where the machine is. */
  get position(): Position {
    return this.#machine.position;
  }

  /** How far the run reaches. */
  get endPosition(): Position {
    return Math.max(this.#end, this.isAtEnd ? this.#machine.position : 0);
  }

  /** Whether the machine is where its run ends, and nothing of the log lies ahead: it may run on live. */
  get isAtEnd(): boolean {
    return this.#machine.position >= this.#end && this.#consumed === this.#entries.length;
  }

  /** How many entries of the log the machine's state contains. */
  get consumed(): number {
    return this.#consumed;
  }

  /** How many outputs the guest had made: what a recorder that goes on from here begins with. */
  get outputs(): number {
    return this.#outputs;
  }

  /** Positions that can be restored at once, in order. */
  get savedPositions(): Position[] {
    return this.#saved.map(({ position }) => position);
  }

  /** The last value of the clock that the guest read; a clock that goes on from here must not fall behind it. */
  get lastClock(): bigint {
    for (let index = this.#consumed - 1; index >= 0; index--) {
      const { event } = this.#entries[index]!;
      if (event.kind === 'clock') return event.value;
    }
    return 0n;
  }

  /** What is on the disk at this point: a copy. */
  diskContent(): Uint8Array {
    return this.#journal.contentAfter(this.#consumed);
  }

  /** Takes the next entry of the live run, as the recorder gives it. Throws where the machine is not live: `cut` first. */
  log(recorded: Recorded): void {
    if (this.#consumed !== this.#entries.length || recorded.at < this.#end) {
      throw new Error(`time travel: an entry came at position ${recorded.at}, in the past of a recorded run: cut() it off first`);
    }
    const entry = { seq: this.#entries.length + 1, ...recorded };
    this.#entries.push(entry);
    this.#consumed++;
    if (entry.event.kind === 'output') this.#outputs++;
    this.#journal.entry(entry);
    this.#replay = undefined;
  }

  /** Sees each output of the live run, after its entry: what is written to the disk is kept. */
  output(made: Output): void {
    this.#journal.output(made);
  }

  /** To be called between two slices of the live run: takes a snapshot if it is time for one. */
  note(): void {
    if (this.#consumed !== this.#entries.length) return;
    this.#end = Math.max(this.#end, this.#machine.position);
    this.#replay = undefined;
    this.#saveIfFar();
  }

  /**
   * Brings the machine to a position of the run; outside of the run, to its beginning or end. Throws ReplayDivergence where a log is not the
   * log of this machine.
   */
  runTo(position: Position): void {
    this.note();
    this.#moveTo(Math.min(Math.max(0, position), this.#end), Infinity);
  }

  /**
   * Brings the machine to where entry `seq` has just taken effect, and no later one has: between two entries of one position there is a
   * moment too, e.g. between two keys for a guest that waits. Number 0 is boot.
   */
  runToEntry(seq: number): void {
    this.note();
    const entry = this.#entries[seq - 1];
    if (seq !== 0 && entry === undefined) throw new RangeError(`There is no entry ${seq}: the log has 1 to ${this.#entries.length}.`);
    this.#moveTo(entry === undefined ? 0 : endOf(entry), seq);
  }

  /** Goes back by some attempts, or to boot. */
  stepBack(attempts = 1): void {
    this.runTo(this.#machine.position - attempts);
  }

  /** Cuts off everything after this point of the run, so that the machine can go live from here with another future. */
  cut(): void {
    this.#entries.length = this.#consumed;
    this.#end = this.#machine.position;
    this.#replay = undefined;
    const kept = this.#saved.filter(({ position, consumed }) => position <= this.#end && consumed <= this.#consumed);
    this.#saved.splice(0, this.#saved.length, ...kept);
    this.#journal.cut(this.#consumed, this.#machine.pendingDiskRequests);
  }

  #moveTo(position: Position, entriesMax: number): void {
    this.#restoreBefore(position, entriesMax);
    while (this.#machine.position < position && this.#machine.power === 'on') {
      const before = this.#machine.position;
      this.#replayTo(Math.min(position, before + this.#snapshotAttempts), entriesMax);
      if (this.#machine.position === before) break; // All harts wait.
      this.#saveIfFar();
    }
    this.#replayTo(position, entriesMax);
  }

  /** Restores the latest snapshot that does not lie beyond, unless running on from where the machine is comes cheaper. */
  #restoreBefore(target: Position, entriesMax: number): void {
    const saved = this.#saved.findLast(({ position, consumed }) => position <= target && consumed <= entriesMax)!;
    const here = this.#machine.position;
    if (here <= target && here >= saved.position && this.#consumed <= entriesMax) return;
    this.#machine.restore(saved.snapshot);
    this.#consumed = saved.consumed;
    this.#outputs = saved.outputs;
    this.#replay = undefined;
  }

  #replayTo(position: Position, entriesMax: number): void {
    this.#replay ??= new ReplayRun({
      machine: this.#machine,
      entries: this.#entries,
      consumed: this.#consumed,
      outputs: this.#outputs,
      output: (_, made) => this.#journal.output(made),
    });
    const first = this.#consumed;
    this.#replay.runTo(position, entriesMax);
    this.#consumed = this.#replay.consumed;
    this.#outputs = this.#replay.outputs;
    for (let index = first; index < this.#consumed; index++) this.#journal.entry(this.#entries[index]!);
  }

  #saveIfFar(): void {
    const before = this.#saved.findLast(({ position }) => position <= this.#machine.position);
    if (before === undefined || this.#machine.position - before.position >= this.#snapshotAttempts) this.#save();
  }

  #save(): void {
    const position = this.#machine.position;
    const place = this.#saved.findLastIndex((saved) => saved.position <= position) + 1;
    this.#saved.splice(place, 0, { position, consumed: this.#consumed, outputs: this.#outputs, snapshot: this.#machine.snapshot() });
    if (this.#saved.length > this.#snapshotsMax) this.#forgetOne(position);
  }

  /**
   * Drops the snapshot that is missed least: the one that leaves the smallest gap for its distance from the present, so that gaps grow with the
   * distance. Boot stays, since everything can be replayed from there, and so does the present.
   */
  #forgetOne(present: Position): void {
    let least = 1;
    let leastLoss = Infinity;
    for (let index = 1; index < this.#saved.length; index++) {
      const { position } = this.#saved[index]!;
      if (position === present) continue;
      const next = this.#saved[index + 1]?.position ?? this.#end;
      const loss = (next - this.#saved[index - 1]!.position) / Math.abs(present - position);
      if (loss < leastLoss) [least, leastLoss] = [index, loss];
    }
    this.#saved.splice(least, 1);
  }
}

/** The first position at which an entry has taken effect, for the last one: a load of the clock is an attempt of its own. */
function endOfLog(entries: readonly LogEntry[]): Position {
  const last = entries.at(-1);
  return last === undefined ? 0 : endOf(last);
}

function endOf({ at, event }: LogEntry): Position {
  return event.kind === 'clock' ? at + 1 : at;
}
