/**
 * One run of a machine, from boot on, with its past: the monitor runs it in the present, time travel brings it to any point of what has been,
 * and the console's transcript follows. This is walk one without a backup: the log is kept here to go back by (VMware FT, section 2.1).
 */
import type { Machine } from '../../labs-runtime/emulator/machine.ts';
import type { Output } from '../../labs-runtime/ft/log-entry.ts';
import { memoryDisk } from '../../labs-runtime/monitor/disk.ts';
import { Monitor, type SliceEnd } from '../../labs-runtime/monitor/monitor.ts';
import { bootMachine, type MachineSetup } from '../../labs-runtime/monitor/setup.ts';
import { TimeTravel } from '../../labs-runtime/monitor/time-travel.ts';
import type { ConsoleFlow } from './console-flow.ts';
import { ConsoleTranscript } from './console-transcript.ts';
import { TickClock } from './tick-clock.ts';

export interface RecordedRunOptions {
  setup: MachineSetup;
  console: ConsoleFlow;
  /** The reader's time. */
  nowMs: () => number;
  /** Random bytes, for the guest's entropy device. */
  entropy: (byteCount: number) => Uint8Array;
  /** Entries of the log from which on the past is given up, for the sake of memory. Default 2,000,000: some 200 MB. */
  entriesMax?: number;
}

const ENTRIES_MAX = 2_000_000;

/** What a step back replays at most, near the present: some ten milliseconds. */
const SNAPSHOT_ATTEMPTS = 2_000_000;

/** Memory that snapshots may take in the worst case, in which the guest changes all of RAM between two of them. */
const SNAPSHOT_BYTES_MAX = 2 ** 30;
const SNAPSHOTS_MAX = 64;

/** Console text that is drawn again after a way back: some thousand lines, which a terminal draws while a slider is dragged. */
const REDRAWN_BYTES_MAX = 2 ** 18;

const NEWLINE = 10;

export class RecordedRun {
  readonly machine: Machine;
  readonly clock: TickClock;
  readonly #options: RecordedRunOptions;
  readonly #entriesMax: number;
  #monitor: Monitor;
  #disk: Uint8Array;
  /** Undefined once the log has become too long. */
  #past: { time: TimeTravel; transcript: ConsoleTranscript } | undefined;
  /** Bytes of the transcript that the console has, or has on the way. */
  #consoleBytes = 0;

  constructor(options: RecordedRunOptions) {
    const { setup, nowMs, entriesMax = ENTRIES_MAX } = options;
    this.#options = options;
    this.#entriesMax = entriesMax;
    this.machine = bootMachine(setup);
    this.clock = new TickClock(nowMs);
    this.#disk = setup.disk.slice();
    const snapshotsMax = Math.min(SNAPSHOTS_MAX, Math.floor(SNAPSHOT_BYTES_MAX / setup.ramBytes));
    const time = new TimeTravel({ machine: this.machine, disk: setup.disk, snapshotAttempts: SNAPSHOT_ATTEMPTS, snapshotsMax });
    this.#past = { time, transcript: new ConsoleTranscript() };
    this.#monitor = this.#createMonitor();
  }

  get position(): number {
    return this.machine.position;
  }

  /** How far the run has come. */
  get endPosition(): number {
    return this.#past?.time.endPosition ?? this.position;
  }

  get isPresent(): boolean {
    return this.#past?.time.isAtEnd ?? true;
  }

  get hasPast(): boolean {
    return this.#past !== undefined;
  }

  /** What is on the disk at this point: a copy. */
  diskContent(): Uint8Array {
    return this.isPresent || this.#past === undefined ? this.#disk.slice() : this.#past.time.diskContent();
  }

  type(bytes: Uint8Array): void {
    this.#monitor.type(bytes);
  }

  /** Runs on in the present, at most so many attempts. */
  advance(attemptsMax: number): SliceEnd {
    const end = this.#monitor.run(attemptsMax);
    this.#past?.time.note();
    if (this.#past !== undefined && this.#past.time.entries.length > this.#entriesMax) this.#past = undefined;
    return end;
  }

  /** Where the nearest point at or before a position is from which the way there leads by replay alone. */
  startOfWayTo(position: number): number {
    const saved = this.#past?.time.savedPositions.findLast((each) => each <= position) ?? 0;
    return this.position <= position ? Math.max(saved, this.position) : saved;
  }

  /** Brings the machine to a position of the run that has been; outside of it, to its beginning or end. The console follows. */
  travelTo(position: number): void {
    if (this.#past === undefined) return;
    this.#past.time.runTo(position);
    this.#redraw(this.#past.transcript);
  }

  /** Cuts off what came after this point: the run goes on from here, and time with it. */
  forgetFuture(): void {
    if (this.#past === undefined || this.isPresent) return;
    const { time, transcript } = this.#past;
    this.#disk = time.diskContent();
    time.cut();
    transcript.cut(transcript.countAt(this.position));
    this.clock.set(time.lastClock);
    this.#monitor = this.#createMonitor();
  }

  #createMonitor(): Monitor {
    const { entropy, console } = this.#options;
    return new Monitor({
      machine: this.machine,
      clock: () => this.clock.ticks,
      log: (recorded) => this.#past?.time.log(recorded),
      output: (made: Output) => this.#past?.time.output(made),
      consoleOutput: (byte) => {
        console.push(byte);
        this.#past?.transcript.append(byte, this.position);
        this.#consoleBytes++;
      },
      disk: memoryDisk(this.#disk),
      entropy,
      outputs: this.#past?.time.outputs ?? 0,
    });
  }

  /** Brings the console to what the guest had written at this point. */
  #redraw(transcript: ConsoleTranscript): void {
    const count = transcript.countAt(this.position);
    if (count >= this.#consoleBytes) this.#options.console.append(transcript.slice(this.#consoleBytes, count));
    else this.#options.console.replace(lastLines(transcript.slice(Math.max(0, count - REDRAWN_BYTES_MAX), count)));
    this.#consoleBytes = count;
  }
}

/** Where a long text was cut, it begins with a whole line. */
function lastLines(bytes: Uint8Array): Uint8Array {
  return bytes.length < REDRAWN_BYTES_MAX ? bytes : bytes.subarray(bytes.indexOf(NEWLINE) + 1);
}
