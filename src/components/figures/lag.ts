/**
 * Two real machines with a bounded log between them: the logic of the figure on lag, buffers and the share control. The primary records the
 * guest `clockwork`, the backup replays it with the processor time it gets. VMware FT, section 3.2 (managing the logging channel).
 * Time is the pair's own, in steps of a millisecond.
 */
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer } from '../../../labs-runtime/ft/replayer.ts';

/** What a reader sets, also while the pair runs. */
export interface LagControls {
  /** Processor time of the backup; 1 is what the primary has at most. */
  backupShare: number;
  /** The most entries that each of the two log buffers holds. */
  bufferEntries: number;
  shareControl: boolean;
  primaryStopped: boolean;
}

/** How things stood over the last `SAMPLE_MS`. */
export interface LagSample {
  atMs: number;
  /** Time since the primary was where the backup is. */
  lagMs: number;
  /** What the primary may use of its processor at most, and what it used; less where it was stalled. */
  limit: number;
  speed: number;
}

export interface Takeover {
  /** From the primary's end to the last entry that the backup held. */
  afterMs: number;
  /** Entries that the backup held at the primary's end, and those that had not left the primary. */
  replayedEntries: number;
  lostEntries: number;
}

export interface LagFrame {
  samples: readonly LagSample[];
  /** Entries made and not replayed, and how many of them each buffer holds. */
  lagEntries: number;
  primaryHeld: number;
  backupHeld: number;
  largestLagMs: number;
  stalledMs: number;
  takeover: Takeover | undefined;
}

export const SAMPLE_MS = 100;
/** The lag at which the share control sets in, as in the paper. */
export const LAG_MAX_MS = 1000;
/** A run ends by itself after so much of the pair's time. */
export const RUN_MS_MAX = 240_000;

const RAM_BYTES = 65536;
/** A slow processor, so that a page can run two of them many times faster than in their own time. */
const ATTEMPTS_PER_MS = 2000;
const TICKS_PER_MS = 10_000;

/** The feedback loop of section 3.2: small steps, seldom, and none down while the lag shrinks by this share of itself between two looks. */
const control = { everyMs: 250, down: 0.02, up: 0.01, leastLimit: 0.05, shrinkEnough: 0.01, slightLagMs: 100 };

/** Runs the pair; yields a frame each `SAMPLE_MS`, until the backup has taken over or the run is long enough. */
export function* runLaggingPair(image: Uint8Array, controls: () => LagControls): Generator<LagFrame> {
  const pair = new LaggingPair(image);
  const samples: LagSample[] = [];
  let largestLagMs = 0;
  while (pair.nowMs < RUN_MS_MAX && pair.takeover === undefined) {
    const [usedBefore, untilMs] = [pair.usedMs, pair.nowMs + SAMPLE_MS];
    while (pair.nowMs < untilMs && pair.takeover === undefined) pair.step(controls());
    const { nowMs: atMs, lagMs, limit } = pair;
    samples.push({ atMs, lagMs, limit, speed: (pair.usedMs - usedBefore) / SAMPLE_MS });
    largestLagMs = Math.max(largestLagMs, lagMs);
    const { lagEntries, primaryHeld, backupHeld, stalledMs, takeover } = pair;
    yield { samples, lagEntries, primaryHeld, backupHeld, largestLagMs, stalledMs, takeover };
  }
}

/** What a run came to, in a few sentences. */
export function describeLag({ samples, takeover, largestLagMs, stalledMs }: LagFrame): string {
  if (takeover) {
    return (
      `The backup replayed ${entries(takeover.replayedEntries)} that it held, and could go live ${formatMs(takeover.afterMs)} after the ` +
      `primary’s end. ${entries(takeover.lostEntries)} had not left the primary and died with it; no output that was sent depends on them.`
    );
  }
  const stalled = stalledMs < 1 ? 'The primary was never stalled.' : `Stalls took ${formatMs(stalledMs)} from the primary.`;
  return `In ${formatMs(samples.at(-1)!.atMs)} the lag was ${formatMs(largestLagMs)} at most. ${stalled}`;
}

/** A number of log entries in words. */
export function entries(count: number): string {
  return `${count.toLocaleString('en')} ${count === 1 ? 'entry' : 'entries'}`;
}

/** A time as a reader would write it: milliseconds, or from one second on seconds with one digit. */
export function formatMs(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

class LaggingPair {
  nowMs = 0;
  /** Processor time that the primary used, and that it could not use because it was stalled. */
  usedMs = 0;
  stalledMs = 0;
  /** The primary's limit, as a share of its processor. */
  limit = 1;
  takeover: Takeover | undefined;
  readonly #primary: Machine;
  readonly #backup: Machine;
  readonly #recorder;
  readonly #replayer;
  /** The primary's log buffer: entries that the backup has not acknowledged. */
  #waiting: LogEntry[] = [];
  #appended = 0;
  #bufferEntries = Infinity;
  /** Where the primary was at the end of each millisecond. */
  readonly #positions = [0];
  /** The last millisecond at whose end the primary was not past where the backup is now. */
  #reachedMs = 0;
  /** Attempts by which the backup was behind at the share control's last look. They tell at once what the lag in time tells late. */
  #behindBefore = 0;
  #timerTaken = -1n;
  #end: { atMs: number; replayedEntries: number; lostEntries: number } | undefined;

  constructor(image: Uint8Array) {
    [this.#primary, this.#backup] = [bootedMachine(image), bootedMachine(image)];
    this.#recorder = createRecorder({
      machine: this.#primary,
      clock: () => BigInt(this.#ticks()),
      log: (recorded) => {
        this.#waiting.push({ seq: ++this.#appended, ...recorded });
        if (this.#waiting.length >= this.#bufferEntries) this.#recorder.stall();
      },
      output: () => {},
    });
    this.#replayer = createReplayer({ machine: this.#backup });
  }

  get lagMs(): number {
    return (this.#end?.atMs ?? this.nowMs) - this.#reachedMs;
  }

  get lagEntries(): number {
    return this.#appended - (this.#end?.lostEntries ?? 0) - this.#replayer.consumed;
  }

  get primaryHeld(): number {
    return this.#waiting.length;
  }

  get backupHeld(): number {
    return this.#replayer.held;
  }

  /** One millisecond: the primary runs, the network carries what was made before it, the backup runs. */
  step(controls: LagControls): void {
    this.nowMs++;
    this.#bufferEntries = controls.bufferEntries;
    const onTheWay = this.#waiting.length;
    if (controls.primaryStopped) this.#endPrimary();
    else this.#runPrimary();
    const room = Math.max(0, controls.bufferEntries - this.#replayer.held);
    for (const entry of this.#waiting.splice(0, Math.min(onTheWay, room))) this.#replayer.accept(entry);
    this.#replayer.run(Math.round(ATTEMPTS_PER_MS * controls.backupShare));
    while ((this.#positions[this.#reachedMs + 1] ?? Infinity) <= this.#backup.position) this.#reachedMs++;
    if (this.nowMs % control.everyMs === 0) this.#adjustLimit(controls.shareControl);
    if (this.#end && this.#replayer.held === 0) this.takeover = { ...this.#end, afterMs: this.nowMs - this.#end.atMs };
  }

  #runPrimary(): void {
    if (this.#waiting.length < this.#bufferEntries) this.#recorder.resume();
    const before = this.#primary.position;
    const attempts = Math.round(ATTEMPTS_PER_MS * this.limit);
    if (!this.#recorder.stalled) this.#raiseTimer();
    this.#recorder.run(before + attempts);
    const used = this.#primary.position - before;
    this.usedMs += used / ATTEMPTS_PER_MS;
    this.stalledMs += (attempts - used) / ATTEMPTS_PER_MS;
    this.#positions.push(this.#primary.position);
  }

  /** What had not left the primary is lost with it. No output depends on it, by the output rule. */
  #endPrimary(): void {
    this.#end ??= { atMs: this.nowMs - 1, replayedEntries: this.#replayer.held, lostEntries: this.#waiting.length };
    this.#waiting = [];
  }

  #raiseTimer(): void {
    const due = this.#primary.interruptTimer();
    if (BigInt(this.#ticks()) < due || due === this.#timerTaken) return;
    this.#timerTaken = due;
    this.#recorder.interrupt(7);
  }

  /** The primary's clock: it goes on within a millisecond as the guest does. */
  #ticks(): number {
    const run = this.#primary.position - this.#positions.at(-1)!;
    return this.nowMs * TICKS_PER_MS + Math.floor((run * TICKS_PER_MS) / ATTEMPTS_PER_MS);
  }

  #adjustLimit(on: boolean): void {
    const behind = this.#primary.position - this.#backup.position;
    const shrinks = behind < this.#behindBefore * (1 - control.shrinkEnough);
    this.#behindBefore = behind;
    if (!on) this.limit = 1;
    else if (this.lagMs > LAG_MAX_MS && !shrinks) this.limit = Math.max(control.leastLimit, this.limit - control.down);
    else if (this.lagMs < control.slightLagMs) this.limit = Math.min(1, this.limit + control.up);
  }
}

function bootedMachine(image: Uint8Array): Machine {
  const machine = new Machine({ ramBytes: RAM_BYTES });
  machine.load(image);
  return machine;
}
