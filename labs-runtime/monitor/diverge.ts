/**
 * Compares two recordings of one program, and finds the first instruction that did something different: the question of everybody whose
 * replay went wrong. Where two logs agree, their replays do; so the search begins at the first entries that differ, steps from there, and falls
 * back to strides and bisection over snapshots where a difference shows only later (VMware FT, section 2.1).
 */
import type { Machine } from '../emulator/machine.ts';
import { encodeRecorded } from '../ft/log-codec.ts';
import type { LogEntry, Position } from '../ft/log-entry.ts';
import { CheckedReplay, NotReplayable, type SavedReplay } from './checked-replay.ts';
import type { Recording } from './recording.ts';
import { nextInstruction, registerViews, type InstructionView, type RegisterView } from './register-view.ts';
import { setupDifferences } from './setup-differences.ts';

export type Which = 'a' | 'b';
export type Both<Value> = Record<Which, Value>;

export interface Divergence {
  kind: 'diverged';
  /** The first position at which the machines differ in anything: a register, a device, a byte of RAM. */
  differsAt: Position;
  /** The first entries that differ; one is absent where its log has ended. */
  firstDifferent: Both<LogEntry | undefined>;
  /**
   * The first attempt after which registers differ; undefined if that is too far from `differsAt`. An interrupt may be taken in place of the
   * instruction shown, which is the one at pc.
   */
  attempt: { position: Position; hart: number; instruction: Both<InstructionView> } | undefined;
  /** All harts after that attempt, or at `differsAt` without one. */
  harts: Both<RegisterView[]>;
  /** The latest entries that these states contain, oldest first. */
  lastEntries: Both<LogEntry[]>;
}

export type Comparison =
  | Divergence
  /** They are recordings of different machines: there is nothing to compare. Each line names one difference. */
  | { kind: 'different machines'; differences: string[] }
  /** No difference up to `position`, where the shorter one ends. `longer` is the one that goes on. */
  | { kind: 'same'; position: Position; longer: Which | undefined }
  /** One of them does not replay to the run that it recorded: something that its log does not hold made a difference after `after`. */
  | { kind: 'not replayable'; which: Which; after: Position; before: Position; explanation: string };

/** Steps from the first entries that differ before the search takes strides: most differences show at once. */
const STEPS = 64;
/** Attempts followed until a difference shows in registers. */
const ATTEMPTS_TO_REGISTERS_MAX = 200_000;
const LAST_ENTRIES = 5;

export function compareRecordings(a: Recording, b: Recording): Comparison {
  const differences = setupDifferences(a.setup, b.setup);
  if (differences.length > 0) return { kind: 'different machines', differences };
  const sides = { a: new Side('a', a), b: new Side('b', b) };
  try {
    return compareSides(sides);
  } catch (error) {
    if (!(error instanceof OneNotReplayable)) throw error;
    const { after, before, message } = error.cause;
    return { kind: 'not replayable', which: error.which, after, before, explanation: message };
  }
}

function compareSides(sides: Both<Side>): Comparison {
  const end = Math.min(sides.a.recording.endPosition, sides.b.recording.endPosition);
  const firstDifferent = firstDifferentEntries(sides.a.recording.entries, sides.b.recording.entries);
  const from = Math.min(firstDifferent.a?.at ?? Infinity, firstDifferent.b?.at ?? Infinity, end);
  limitEntries(sides, firstDifferent);
  const same = lastSamePosition(sides, Math.max(0, from - 1), end);
  if (same === undefined) return { kind: 'same', position: end, longer: longerOf(sides) };
  return describe(sides, same, end, firstDifferent);
}

/**
 * Where one log has ended, the other may go on at that very position, as when a guest waited there: what the other got then is no difference,
 * but what the first would have got next.
 */
function limitEntries({ a, b }: Both<Side>, firstDifferent: Both<LogEntry | undefined>): void {
  for (const [ended, other, next] of [
    [a, b, firstDifferent.b],
    [b, a, firstDifferent.a],
  ] as const) {
    const { entries, endPosition } = ended.recording;
    if (next !== undefined && next.seq === entries.length + 1 && next.at >= endPosition) other.entriesMax = entries.length;
  }
}

function longerOf({ a, b }: Both<Side>): Which | undefined {
  const difference = a.recording.endPosition - b.recording.endPosition || a.recording.entries.length - b.recording.entries.length;
  if (difference === 0) return undefined;
  return difference > 0 ? 'a' : 'b';
}

function firstDifferentEntries(a: readonly LogEntry[], b: readonly LogEntry[]): Both<LogEntry | undefined> {
  for (let index = 0; ; index++) {
    const left = a[index];
    const right = b[index];
    if (left === undefined || right === undefined || !isSameEntry(left, right)) return { a: left, b: right };
  }
}

function isSameEntry(left: LogEntry, right: LogEntry): boolean {
  if (left.at !== right.at || left.event.kind !== right.event.kind) return false;
  const encoded = encodeRecorded(right);
  return encodeRecorded(left).every((byte, index) => byte === encoded[index]);
}

/**
 * The last position before the machines differ, with both brought there; undefined if they do not. `start` is the last position at which
 * their logs cannot have made a difference yet.
 */
function lastSamePosition(sides: Both<Side>, start: Position, end: Position): Position | undefined {
  if (!isSameAt(sides, 0)) return -1;
  let same: Position | undefined;
  let stride = 1;
  let steps = 0;
  for (let next = start; ; next = Math.min(next + stride, end)) {
    if (!isSameAt(sides, next)) return bisect(sides, same ?? 0, next);
    same = next;
    for (const side of [sides.a, sides.b]) side.save();
    if (next >= end) return undefined;
    if (++steps > STEPS) stride *= 2;
  }
}

/** Both sides hold a saved state at `same`, or at boot; they differ at `different`. */
function bisect(sides: Both<Side>, same: Position, different: Position): Position {
  let [low, high] = [same, different];
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    for (const side of [sides.a, sides.b]) side.restore();
    if (isSameAt(sides, middle)) {
      low = middle;
      for (const side of [sides.a, sides.b]) side.save();
    } else {
      high = middle;
    }
  }
  for (const side of [sides.a, sides.b]) side.restore();
  return low;
}

function isSameAt({ a, b }: Both<Side>, position: Position): boolean {
  a.runTo(position);
  b.runTo(position);
  return a.machine.stateHash() === b.machine.stateHash();
}

/** Steps on from the last state that is the same, or from boot with `same` -1, until registers differ. */
function describe(sides: Both<Side>, same: Position, end: Position, firstDifferent: Both<LogEntry | undefined>): Divergence {
  const { a, b } = sides;
  const differsAt = same + 1;
  const last = Math.min(end, differsAt + ATTEMPTS_TO_REGISTERS_MAX);
  let attempt: Divergence['attempt'];
  for (let position = Math.max(0, same); position < last && attempt === undefined; position++) {
    const instruction = { a: a.instruction(), b: b.instruction() };
    const hart = a.machine.currentHart;
    a.runTo(position + 1);
    b.runTo(position + 1);
    if (!hasSameRegisters(a.machine, b.machine)) attempt = { position, hart, instruction };
  }
  if (attempt === undefined) {
    // The search went far beyond: what is shown is the first difference itself.
    for (const side of [a, b]) side.runAgainTo(differsAt);
  }
  return {
    kind: 'diverged',
    differsAt,
    firstDifferent,
    attempt,
    harts: { a: registerViews(a.machine), b: registerViews(b.machine) },
    lastEntries: { a: a.lastEntries(), b: b.lastEntries() },
  };
}

function hasSameRegisters(left: Machine, right: Machine): boolean {
  for (let index = 0; index < left.hartCount; index++) {
    const [hart, other] = [left.hart(index), right.hart(index)];
    const values = other.registers;
    if (hart.pc !== other.pc || !hart.registers.every((value, register) => value === values[register])) return false;
  }
  return true;
}

/** Says which of the two does not replay. */
class OneNotReplayable extends Error {
  readonly which: Which;
  override readonly cause: NotReplayable;

  constructor(which: Which, cause: NotReplayable) {
    super(cause.message);
    this.which = which;
    this.cause = cause;
  }
}

/** One of the two recordings, and its replay. */
class Side {
  readonly recording: Recording;
  /** Entries beyond this number are left out of the comparison. */
  entriesMax = Infinity;
  readonly #which: Which;
  readonly #replay: CheckedReplay;
  readonly #boot: SavedReplay;
  #saved: SavedReplay;

  constructor(which: Which, recording: Recording) {
    this.#which = which;
    this.recording = recording;
    this.#replay = new CheckedReplay(recording);
    this.#boot = this.#saved = this.#replay.save();
  }

  get machine(): Machine {
    return this.#replay.machine;
  }

  runTo(position: Position): void {
    try {
      this.#replay.runTo(position, this.entriesMax);
    } catch (error) {
      if (!(error instanceof NotReplayable)) throw error;
      throw new OneNotReplayable(this.#which, error);
    }
  }

  save(): void {
    this.#saved = this.#replay.save();
  }

  restore(): void {
    this.#replay.restore(this.#saved);
  }

  /** To a position that lies back, from the saved state or else from boot. */
  runAgainTo(position: Position): void {
    this.restore();
    if (this.machine.position > position) this.#replay.restore(this.#boot);
    this.runTo(position);
  }

  instruction(): InstructionView {
    return nextInstruction(this.machine, this.recording.setup.ramBytes);
  }

  lastEntries(): LogEntry[] {
    return this.#replay.lastEntries(LAST_ENTRIES);
  }
}
