/**
 * Why replay cannot follow several harts, down to the instruction: two machines replay one log from one state, each with the turns of its own
 * harts, and here is the first attempt at which they do different things. With turns of different lengths that is no more than whose turn it is;
 * so there is also the first attempt that came out differently for the same hart, which says what the log would have had to hold. VMware FT
 * replicates uniprocessors only (section 1).
 */
import { immediateI, immediateS, OPCODE } from '../../emulator/decode.ts';
import { REGISTER_NAMES } from '../../emulator/disassemble.ts';
import { instructionAt, type InstructionView, wordAt } from '../../emulator/instruction-view.ts';
import { type HartSchedule, Machine, seededSchedule, type Snapshot } from '../../emulator/machine.ts';
import { takeFrames } from '../../ft/frame.ts';
import { decodeRecorded } from '../../ft/log-codec.ts';
import type { Position, Recorded } from '../../ft/log-entry.ts';
import { createReplayer, ReplayDivergence, type Replayer } from '../../ft/replayer.ts';
import { guests } from '../../guests/index.ts';
import type { ClusterEvent } from './cluster-event.ts';
import type { Cluster } from './cluster.ts';

export type Both<Value> = Record<'primary' | 'backup', Value>;

/** Two replays of one log. */
export interface RacedReplay {
  /** The state in which both machines begin. */
  start: Snapshot;
  diskSectors: number;
  /** How many outputs the guest had made by then. */
  outputs: number;
  /** What the primary logged from there on, in order. */
  log: readonly Recorded[];
  /** Whose turn it is on each machine. */
  schedules: Both<HartSchedule>;
}

/** One attempt of a hart. An interrupt may be taken in place of the instruction, which is the one at pc. */
export interface HartAttempt {
  position: Position;
  hart: number;
  /** Which of the hart's own attempts it is, from 1 at the start. */
  count: number;
  instruction: InstructionView;
}

/** A hart's attempt of the same count on both machines, after which the hart is not the same any more. Before it, the hart was. */
export interface ValueDifference extends Both<HartAttempt> {
  /** What differs after it: registers by their ABI names, and `pc`. Unsigned. */
  registers: ({ name: string } & Both<number>)[];
  /** For a load or an atomic in RAM, the word that it read, and who had written there last since the start. */
  memory: ({ address: number } & Both<HartAttempt | undefined>) | undefined;
}

export interface FirstDifference {
  /** The first attempts at one position that differ: in the hart, the instruction or what comes out of it. One is absent if its machine ended there. */
  attempt: Both<HartAttempt | undefined>;
  /** Absent if no hart has seen anything else than on the other machine: then only the order of turns differs. */
  value: ValueDifference | undefined;
  /** How the backup's replay ended: where the log says something else than what its guest did. Absent if it came to the log's end. */
  divergence: ReplayDivergence | undefined;
}

/**
 * Replays the log on both machines, an attempt at a time; undefined if they do the same up to its end. Throws a `ReplayDivergence` if the log
 * is not the primary's, and a RangeError if the snapshot is not of machines like these.
 */
export function firstDifference(replay: RacedReplay): FirstDifference | undefined {
  const sides = { primary: new Side(replay, 'primary'), backup: new Side(replay, 'backup') };
  const values = new ValueComparison(sides);
  let attempt: FirstDifference['attempt'] | undefined;
  for (;;) {
    const steps = { primary: sides.primary.step(), backup: sides.backup.step() };
    if (steps.primary === undefined && steps.backup === undefined) break;
    if (attempt === undefined && !isSameStep(steps.primary, steps.backup))
      attempt = { primary: steps.primary?.attempt, backup: steps.backup?.attempt };
    values.take(steps);
  }
  if (sides.primary.divergence !== undefined) throw sides.primary.divergence;
  return attempt && { attempt, value: values.first, divergence: sides.backup.divergence };
}

/**
 * The same for a schedule of a cluster's, on the log that its first pair wrote: `undefined` if the backup's harts can have followed it. The cluster
 * is left where the schedule ends. Preconditions: it keeps its states and is at the beginning of its scenario, and its logging channel is the
 * reference's.
 */
export function firstDifferenceOf(cluster: Cluster, events: readonly ClusterEvent[]): FirstDifference | undefined {
  const { scenario, state } = cluster;
  const { guest, outputs, id: primary, peer: backup } = state.servers[state.witness.live]!.replica!;
  const { diskSectors = 0 } = guests[scenario.guest];
  const schedule = (server: number) => seededSchedule({ seed: scenario.hartSeeds[server]!, harts: scenario.harts });
  const schedules = { primary: schedule(primary), backup: schedule(backup) };
  return firstDifference({ start: guest.snapshot, diskSectors, outputs, log: logOf(cluster, primary, events), schedules });
}

/** What the primary of the first pair puts into its log in a schedule. */
function logOf(cluster: Cluster, primary: number, events: readonly ClusterEvent[]): Recorded[] {
  const { generation } = cluster.state.servers[primary]!.replica!;
  const { entryBytesMax, batchEntriesMax } = cluster.scenario.options.channel;
  const log: Recorded[] = [];
  const { observe } = cluster;
  cluster.observe = (server, effect) => {
    if (server !== primary || effect.kind !== 'log bytes' || effect.generation !== generation) return;
    for (const frame of takeFrames(effect.bytes, entryBytesMax, batchEntriesMax).frames) {
      if (frame.kind === 'acknowledge') continue;
      const entries = frame.kind === 'batch' ? frame.entries : [frame.payload];
      // An entry that is sent again takes its own place again.
      for (const [index, entry] of entries.entries()) log[frame.seq - 1 + index] = decodeRecorded(entry);
    }
  };
  for (const event of events) cluster.apply(event);
  cluster.observe = observe;
  return log;
}

/** The difference in sentences. */
export function describeFirstDifference({ attempt, value, divergence }: FirstDifference): string[] {
  const sentences = [`The machines do the same up to position ${positionOf(attempt)}. There ${both(attempt, describeAttempt)}.`];
  if (value === undefined)
    sentences.push('No hart has read anything that it did not read on the other machine too: only the order of turns differs.');
  else sentences.push(...describeValue(value));
  if (divergence !== undefined) sentences.push(`In the end the ${divergence.message}.`);
  return sentences;
}

function describeValue({ primary, backup, registers, memory }: ValueDifference): string[] {
  const { hart, count, instruction } = primary;
  const results = registers.map((register) => `${register.name} is ${both(register, hexadecimal)}`).join(', ');
  const sentences = [
    `Hart ${hart} is the first to come out differently, at attempt ${count} of its own: ${nameOf(instruction)}, at position ${primary.position} ` +
      `on the primary and at position ${backup.position} on the backup. After it ${results}.`,
  ];
  if (memory !== undefined) {
    sentences.push(`The word at ${hexadecimal(memory.address)} had last been written ${both(memory, describeWriter)}.`);
    sentences.push('The log holds what comes from outside, and what one hart stores before another one loads does not.');
  }
  return sentences;
}

function positionOf({ primary, backup }: FirstDifference['attempt']): Position {
  return (primary ?? backup)!.position;
}

function both<Value>({ primary, backup }: Both<Value>, describe: (value: Value) => string): string {
  return `${describe(primary)} on the primary and ${describe(backup)} on the backup`;
}

function describeAttempt(attempt: HartAttempt | undefined): string {
  return attempt === undefined ? 'the replay has ended' : `hart ${attempt.hart} attempts ${nameOf(attempt.instruction)}`;
}

function describeWriter(writer: HartAttempt | undefined): string {
  return writer === undefined ? 'by nobody since the start' : `by hart ${writer.hart} at position ${writer.position}`;
}

function nameOf({ text, address }: InstructionView): string {
  return `"${text}" at ${hexadecimal(address)}`;
}

function hexadecimal(value: number): string {
  return `0x${value.toString(16)}`;
}

/** An attempt that was made, with what came out of it. */
interface Step {
  attempt: HartAttempt;
  /** The hart's after it. */
  pc: number;
  registers: Uint32Array;
  /** The word that it read, if it did, and who had written it. */
  memory: { address: number; writer: HartAttempt | undefined } | undefined;
}

function isSameStep(left: Step | undefined, right: Step | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.attempt.hart === right.attempt.hart && hasSameEnd(left, right);
}

/** Whether two attempts of a hart that was the same before them leave it the same. */
function hasSameEnd(left: Step, right: Step): boolean {
  return (
    left.attempt.instruction.address === right.attempt.instruction.address &&
    left.pc === right.pc &&
    left.registers.every((value, register) => value === right.registers[register])
  );
}

/** Compares a hart's attempts with its own on the other machine: each waits until the other machine has come as far with that hart. */
class ValueComparison {
  first: ValueDifference | undefined;
  readonly #waiting: Both<Step[][]>;

  constructor({ primary, backup }: Both<Side>) {
    this.#waiting = { primary: primary.perHart(() => []), backup: backup.perHart(() => []) };
  }

  take(steps: Both<Step | undefined>): void {
    if (this.first !== undefined) return;
    for (const which of ['primary', 'backup'] as const) {
      const step = steps[which];
      if (step !== undefined) this.#waiting[which][step.attempt.hart]!.push(step);
    }
    for (const [hart, primaries] of this.#waiting.primary.entries()) {
      const backups = this.#waiting.backup[hart]!;
      while (primaries.length > 0 && backups.length > 0 && this.first === undefined) this.#compare(primaries.shift()!, backups.shift()!);
    }
  }

  #compare(primary: Step, backup: Step): void {
    if (hasSameEnd(primary, backup)) return;
    const registers = REGISTER_NAMES.flatMap((name, register) =>
      differing(name, primary.registers[register]!, backup.registers[register]!),
    );
    const memory = primary.memory && { address: primary.memory.address, primary: primary.memory.writer, backup: backup.memory?.writer };
    this.first = {
      primary: primary.attempt,
      backup: backup.attempt,
      registers: [...registers, ...differing('pc', primary.pc, backup.pc)],
      memory,
    };
  }
}

function differing(name: string, primary: number, backup: number): ValueDifference['registers'] {
  return primary === backup ? [] : [{ name, primary, backup }];
}

/** One of the machines, at its replay. */
class Side {
  divergence: ReplayDivergence | undefined;
  readonly #machine: Machine;
  readonly #ramBytes: number;
  readonly #replayer: Replayer;
  readonly #counts: number[];
  /** Who has stored to a word last, by its address. */
  readonly #writers = new Map<number, HartAttempt>();

  constructor({ start, diskSectors, outputs, log, schedules }: RacedReplay, which: 'primary' | 'backup') {
    const { ramBytes, core } = start;
    this.#ramBytes = ramBytes;
    this.#machine = new Machine({ ramBytes, diskSectors, harts: core.harts.length, schedule: schedules[which] });
    this.#machine.restore(start);
    this.#replayer = createReplayer({ machine: this.#machine, outputs });
    for (const [index, recorded] of log.entries()) this.#replayer.accept({ seq: index + 1, ...recorded });
    this.#counts = this.perHart(() => 0);
  }

  perHart<Value>(make: () => Value): Value[] {
    return Array.from({ length: this.#machine.hartCount }, make);
  }

  /** Makes the next attempt; undefined once the log has ended, or does not fit. */
  step(): Step | undefined {
    const machine = this.#machine;
    const { position } = machine;
    if (this.divergence !== undefined) return undefined;
    // Whose turn comes next shows only when it has begun.
    const before = Array.from({ length: machine.hartCount }, (_, index) => machine.hart(index));
    try {
      this.#replayer.run(1);
    } catch (error) {
      if (!(error instanceof ReplayDivergence)) throw error;
      this.divergence = error;
    }
    return machine.position === position ? undefined : this.#stepOf(position, before[machine.currentHart]!);
  }

  #stepOf(position: Position, { pc, registers }: { pc: number; registers: Uint32Array }): Step {
    const hart = this.#machine.currentHart;
    const after = this.#machine.hart(hart);
    const count = ++this.#counts[hart]!;
    const attempt = { position, hart, count, instruction: instructionAt(this.#machine, pc, this.#ramBytes) };
    const { reads, writes } = accessOf(wordAt(this.#machine, pc, this.#ramBytes) ?? 0, registers, after.registers);
    const isInRam = reads !== undefined && wordAt(this.#machine, reads, this.#ramBytes) !== undefined;
    const memory = isInRam ? { address: reads, writer: this.#writers.get(reads) } : undefined;
    if (writes !== undefined) this.#writers.set(writes, attempt);
    return { attempt, pc: after.pc, registers: after.registers, memory };
  }
}

const STORE_CONDITIONAL = 3;
const LOAD_RESERVED = 2;

/** Addresses of the words that an instruction reads and writes, from the registers before it, and after it for what came of a conditional store. */
function accessOf(word: number, before: Uint32Array, after: Uint32Array): { reads?: number; writes?: number } {
  const base = before[(word >>> 15) & 0x1f]!;
  switch (word & 0x7f) {
    case OPCODE.load:
      return { reads: wordAddress(base + immediateI(word)) };
    case OPCODE.store:
      return { writes: wordAddress(base + immediateS(word)) };
    case OPCODE.atomic: {
      const [operation, address] = [word >>> 27, wordAddress(base)];
      if (operation === LOAD_RESERVED) return { reads: address };
      const hasFailed = operation === STORE_CONDITIONAL && after[(word >>> 7) & 0x1f] !== 0;
      return hasFailed ? { reads: address } : { reads: address, writes: address };
    }
    default:
      return {};
  }
}

function wordAddress(address: number): number {
  return (address & ~3) >>> 0;
}
