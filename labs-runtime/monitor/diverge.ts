/**
 * Compares two recordings of one program, and finds the first instruction that did something different: the question of everybody whose
 * replay went wrong. Where two logs agree, their replays do; so the search begins at the first entries that differ, steps from there, and falls
 * back to strides and bisection over snapshots where a difference shows only later (VMware FT, section 2.1).
 */
import { CSR } from '../emulator/csr.ts';
import { disassemble } from '../emulator/disassemble.ts';
import { RAM_START, type Machine, type Snapshot } from '../emulator/machine.ts';
import { encodeRecorded } from '../ft/log-codec.ts';
import type { LogEntry, Position } from '../ft/log-entry.ts';
import { ReplayDivergence } from '../ft/replayer.ts';
import { PastLogEnd, ReplayRun } from './replay-run.ts';
import type { Mark, Recording } from './recording.ts';
import { setupDifferences } from './setup-differences.ts';
import { bootMachine } from './setup.ts';

export type Which = 'a' | 'b';
export type Both<Value> = Record<Which, Value>;

/** Registers of one hart, unsigned. */
export interface HartView {
  pc: number;
  registers: number[];
  /** Registers of traps and interrupts, by name. */
  csrs: Record<string, number>;
}

/** An instruction that is about to be attempted, or what stands in its place where nothing can be fetched. */
export interface InstructionView {
  address: number;
  text: string;
}

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
  harts: Both<HartView[]>;
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

const SHOWN_CSRS = ['mstatus', 'mie', 'mip', 'mtvec', 'mepc', 'mcause', 'mtval', 'mscratch'] as const;

export function compareRecordings(a: Recording, b: Recording): Comparison {
  const differences = setupDifferences(a.setup, b.setup);
  if (differences.length > 0) return { kind: 'different machines', differences };
  const sides = { a: new Side('a', a), b: new Side('b', b) };
  try {
    return compareSides(sides);
  } catch (error) {
    if (!(error instanceof NotReplayable)) throw error;
    const { which, after, before, message } = error;
    return { kind: 'not replayable', which, after, before, explanation: message };
  }
}

function compareSides(sides: Both<Side>): Comparison {
  const end = Math.min(sides.a.recording.endPosition, sides.b.recording.endPosition);
  const firstDifferent = firstDifferentEntries(sides.a.recording.entries, sides.b.recording.entries);
  const from = Math.min(firstDifferent.a?.at ?? Infinity, firstDifferent.b?.at ?? Infinity, end);
  const same = lastSamePosition(sides, Math.max(0, from - 1), end);
  if (same === undefined) return { kind: 'same', position: end, longer: longerOf(sides) };
  return describe(sides, same, end, firstDifferent);
}

function longerOf({ a, b }: Both<Side>): Which | undefined {
  if (a.recording.endPosition === b.recording.endPosition) return undefined;
  return a.recording.endPosition > b.recording.endPosition ? 'a' : 'b';
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
    const instruction = { a: a.nextInstruction(), b: b.nextInstruction() };
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
    harts: { a: a.harts(), b: b.harts() },
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

/** The replay of one side came to something else than was recorded. */
class NotReplayable extends Error {
  readonly which: Which;
  readonly after: Position;
  readonly before: Position;

  constructor(which: Which, after: Position, before: Position, message: string) {
    super(message);
    this.which = which;
    this.after = after;
    this.before = before;
  }
}

interface Saved {
  snapshot: Snapshot;
  consumed: number;
  outputs: number;
}

/** One recording and the machine that replays it. */
class Side {
  readonly machine: Machine;
  readonly recording: Recording;
  readonly #which: Which;
  readonly #boot: Saved;
  /** Hashes that were recorded, with the end's. */
  readonly #marks: readonly Mark[];
  #saved: Saved;
  #run: ReplayRun;
  /** How many marks were found right; after a restore they lie ahead again, and are right still. */
  #marksSeen = 0;

  constructor(which: Which, recording: Recording) {
    this.#which = which;
    this.recording = recording;
    this.machine = bootMachine(recording.setup);
    this.#run = new ReplayRun({ machine: this.machine, entries: recording.entries });
    this.#boot = this.#saved = { snapshot: this.machine.snapshot(), consumed: 0, outputs: 0 };
    this.#marks = recording.end === undefined ? recording.marks : [...recording.marks, recording.end];
  }

  /** Runs on to a position; the hashes recorded on the way must be those of the replay. */
  runTo(position: Position): void {
    for (let mark = this.#marks[this.#marksSeen]; mark !== undefined && mark.at <= position; mark = this.#marks[this.#marksSeen]) {
      this.#check(mark);
      this.#marksSeen++;
    }
    this.#replayTo(position);
  }

  save(): void {
    this.#saved = { snapshot: this.machine.snapshot(), consumed: this.#run.consumed, outputs: this.#run.outputs };
  }

  restore(saved = this.#saved): void {
    const { snapshot, consumed, outputs } = saved;
    this.machine.restore(snapshot);
    this.#run = new ReplayRun({ machine: this.machine, entries: this.recording.entries, consumed, outputs });
  }

  /** To a position that lies back, from the saved state or else from boot. */
  runAgainTo(position: Position): void {
    this.restore();
    if (this.machine.position > position) this.restore(this.#boot);
    this.runTo(position);
  }

  nextInstruction(): InstructionView {
    const address = this.machine.hart(this.machine.currentHart).pc;
    const offset = address - RAM_START;
    if (offset < 0 || offset + 4 > this.recording.setup.ramBytes) return { address, text: 'nothing: the address is outside RAM' };
    const bytes = this.machine.readRam(address, 4);
    return { address, text: disassemble(new DataView(bytes.buffer).getUint32(0, true), address) };
  }

  harts(): HartView[] {
    return Array.from({ length: this.machine.hartCount }, (_, index) => {
      const hart = this.machine.hart(index);
      const csrs = Object.fromEntries(SHOWN_CSRS.map((name) => [name, hart.csr(CSR[name]) ?? 0]));
      return { pc: hart.pc, registers: Array.from(hart.registers), csrs };
    });
  }

  lastEntries(): LogEntry[] {
    return this.recording.entries.slice(Math.max(0, this.#run.consumed - LAST_ENTRIES), this.#run.consumed);
  }

  #check({ at, entries, hash }: Mark): void {
    if (at < this.machine.position || entries < this.#run.consumed) return;
    this.#replayTo(at, entries);
    if (this.machine.stateHash() === hash) return;
    throw new NotReplayable(this.#which, this.#lastRight, at, `the state recorded at position ${at} is not the one that the log leads to`);
  }

  /** The last position whose recorded hash was found right. */
  get #lastRight(): Position {
    return this.#marks[this.#marksSeen - 1]?.at ?? 0;
  }

  #replayTo(position: Position, entriesMax = Infinity): void {
    try {
      this.#run.runTo(position, entriesMax);
    } catch (error) {
      if (!(error instanceof ReplayDivergence) && !(error instanceof PastLogEnd)) throw error;
      throw new NotReplayable(this.#which, this.#lastRight, error.position, error.message);
    }
  }
}
