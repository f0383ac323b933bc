/**
 * The replay of a recording that looks, at each state hash that the recording has, whether it is still the same run. What the log does not hold
 * cannot be replayed; this is where it shows (VMware FT, section 3.5, has an example: DMA that races with the guest).
 */
import type { Machine, Snapshot } from '../emulator/machine.ts';
import type { LogEntry, Output, Position } from '../ft/log-entry.ts';
import { ReplayDivergence } from '../ft/replayer.ts';
import type { Mark, Recording } from './recording.ts';
import { PastLogEnd, ReplayRun } from './replay-run.ts';
import { bootMachine } from './setup.ts';

/** The replay came to something else than was recorded, after position `after` and not later than at `before`. */
export class NotReplayable extends Error {
  override name = 'NotReplayable';
  readonly after: Position;
  readonly before: Position;

  constructor(after: Position, before: Position, message: string) {
    super(message);
    this.after = after;
    this.before = before;
  }
}

/** A state of a replay that can be restored. */
export interface SavedReplay {
  snapshot: Snapshot;
  consumed: number;
  outputs: number;
}

export class CheckedReplay {
  readonly machine: Machine;
  readonly recording: Recording;
  readonly #output: ((output: number, made: Output) => void) | undefined;
  /** Hashes that were recorded, with the end's. */
  readonly #marks: readonly Mark[];
  /** How many of them were found right; after a restore they lie ahead again, and are right still. */
  #marksSeen = 0;
  #run: ReplayRun;

  /** A machine at boot. `output` sees each output as it is made again. */
  constructor(recording: Recording, output?: (output: number, made: Output) => void) {
    this.recording = recording;
    this.machine = bootMachine(recording.setup);
    this.#output = output;
    this.#marks = recording.end === undefined ? recording.marks : [...recording.marks, recording.end];
    this.#run = this.#runFrom(0, 0);
  }

  /** How many entries of the log the state contains. */
  get consumed(): number {
    return this.#run.consumed;
  }

  /** How many recorded states were found the same, with the end's. */
  get statesChecked(): number {
    return this.#marksSeen;
  }

  /** The latest entries that the state contains, at most so many, oldest first. */
  lastEntries(count: number): LogEntry[] {
    return this.recording.entries.slice(Math.max(0, this.consumed - count), this.consumed);
  }

  /**
   * Runs on to a position, with the entries there up to number `entriesMax`; each state recorded on the way must be that of the replay. Throws
   * NotReplayable.
   */
  runTo(position: Position, entriesMax = Infinity): void {
    for (let mark = this.#marks[this.#marksSeen]; mark !== undefined && mark.at <= position; mark = this.#marks[this.#marksSeen]) {
      if (mark.entries > entriesMax) break;
      this.#check(mark);
      this.#marksSeen++;
    }
    this.#replayTo(position, entriesMax);
  }

  save(): SavedReplay {
    return { snapshot: this.machine.snapshot(), consumed: this.#run.consumed, outputs: this.#run.outputs };
  }

  restore({ snapshot, consumed, outputs }: SavedReplay): void {
    this.machine.restore(snapshot);
    this.#run = this.#runFrom(consumed, outputs);
  }

  #check({ at, entries, hash }: Mark): void {
    if (at < this.machine.position || entries < this.#run.consumed) return;
    this.#replayTo(at, entries);
    if (this.machine.stateHash() === hash) return;
    throw new NotReplayable(this.#lastRight, at, `the state recorded at position ${at} is not the one that the log leads to`);
  }

  /** The last position whose recorded state was found right. */
  get #lastRight(): Position {
    return this.#marks[this.#marksSeen - 1]?.at ?? 0;
  }

  #replayTo(position: Position, entriesMax: number): void {
    try {
      this.#run.runTo(position, entriesMax);
    } catch (error) {
      if (!(error instanceof ReplayDivergence) && !(error instanceof PastLogEnd)) throw error;
      throw new NotReplayable(this.#lastRight, error.position, error.message);
    }
  }

  #runFrom(consumed: number, outputs: number): ReplayRun {
    const { machine, recording } = this;
    const output = this.#output;
    return new ReplayRun({ machine, entries: recording.entries, consumed, outputs, ...(output !== undefined && { output }) });
  }
}
