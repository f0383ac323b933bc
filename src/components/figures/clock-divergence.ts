/**
 * Two machines with the same image, of which the second is told another time at one read of its clock: the logic of the figure in the chapter
 * on determinism. Both are run by the real recorder, or the second by the real replayer (walk one, steps 2 and 4; FT paper, section 2.1).
 */
import { Machine, RAM_START } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry, Output, Position } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer, ReplayDivergence } from '../../../labs-runtime/ft/replayer.ts';
import { clockTable, imageOf } from './programs.ts';

/** What the second machine lives on: its own clock, the first one's log, or that log with the entry of the read changed. */
export type Source = 'clock' | 'log' | 'damaged-log';

export interface Settings {
  source: Source;
  /** Number of the read, from 1. */
  read: number;
  /** By how much the clocks differ there. */
  ticks: number;
}

export const POINTS = 100;
export const ATTEMPTS_PER_POINT = 500;
/** Words in the program's table: all that can differ in memory. */
export const TABLE_WORDS = 512;
const RAM_BYTES = 8192;

/** Both machines at one position. */
export interface Point {
  position: Position;
  hashes: readonly [string, string];
  wordsDiffering: number;
  /** Registers that differ, and pc, with both values. */
  registersDiffering: { name: string; values: readonly [number, number] }[];
}

export interface Comparison {
  points: Point[];
  /** What each machine has written to its console so far. */
  texts: [string, string];
  /** The read in question, once the first machine's run is past it: what the clocks showed. */
  read: { at: Position; values: readonly [bigint, bigint] };
  /** Why the replay stopped, if it did. */
  divergence?: ReplayDivergence;
}

interface Sample {
  position: Position;
  hash: string;
  registers: Uint32Array;
  pc: number;
  words: Uint32Array;
}

/** Something that runs a machine to a position and knows what it has printed. */
interface Lane {
  machine: Machine;
  text: string;
  runTo(position: Position): void;
}

/** Runs both machines and compares them point by point; yields the same comparison each time, with one point more. */
export function* compareMachines({ source, read, ticks }: Settings): Generator<Comparison> {
  const entries: LogEntry[] = [];
  const first = recordedLane(entries, 0, 0);
  const samples: Sample[] = [];
  const texts: string[] = [];
  for (let point = 1; point <= POINTS; point++) {
    first.runTo(point * ATTEMPTS_PER_POINT);
    samples.push(sample(first.machine));
    texts.push(first.text);
  }
  // A replayer never runs past the last entry it holds: the first machine goes on until there is one past the last point.
  while (entries.at(-1)!.at < POINTS * ATTEMPTS_PER_POINT) first.runTo(first.machine.position + ATTEMPTS_PER_POINT);

  const entry = entries.filter(({ event }) => event.kind === 'clock')[read - 1]!;
  const value = entry.event.kind === 'clock' ? entry.event.value : 0n;
  const other = value + BigInt(ticks);
  const second =
    source === 'clock' ? recordedLane([], read, ticks) : replayedLane(source === 'log' ? entries : changed(entries, entry, other));
  const comparison: Comparison = { points: [], texts: ['', ''], read: { at: entry.at, values: [value, other] } };
  for (const [index, expected] of samples.entries()) {
    try {
      second.runTo(expected.position);
    } catch (error) {
      if (!(error instanceof ReplayDivergence)) throw error;
      comparison.divergence = error;
    }
    comparison.texts = [texts[index]!, second.text];
    if (comparison.divergence) return;
    comparison.points.push(compare(expected, sample(second.machine)));
    yield comparison;
  }
}

/** The first point at which the machines are not in the same state. */
export function firstDifference({ points }: Comparison): Point | undefined {
  return points.find(({ hashes }) => hashes[0] !== hashes[1]);
}

/** What a comparison came to, in a few sentences. */
export function describeComparison({ source, read }: Settings, comparison: Comparison): string {
  const [shown, other] = comparison.read.values.map((value) => value.toLocaleString('en')) as [string, string];
  const different = firstDifference(comparison);
  const from = different ? `The states differ from position ${different.position.toLocaleString('en')} on.` : '';
  const last = comparison.points.at(-1)!;
  const end = `At the end ${last.wordsDiffering} words of memory and ${last.registersDiffering.length} registers do.`;
  if (source === 'clock') return `At read ${read} the clocks showed ${shown} and ${other}. ${from} ${end}`;
  if (comparison.divergence)
    return `The log said ${other} where the first machine had read ${shown}. ${from} Then: ${comparison.divergence.message}.`;
  const agree = `The state hashes agree at all ${comparison.points.length} positions.`;
  return `Its own clock would have shown ${other} at read ${read}; the log said ${shown}. ${different ? from : agree}`;
}

function changed(entries: readonly LogEntry[], entry: LogEntry, value: bigint): LogEntry[] {
  return entries.map((other) => (other === entry ? { ...other, event: { kind: 'clock', value } } : other));
}

function bootedMachine(): Machine {
  const machine = new Machine({ ramBytes: RAM_BYTES });
  machine.load(imageOf(clockTable));
  return machine;
}

/** A machine by itself: its clock goes one tick an attempt, but for the one read at which it shows `ticks` more. */
function recordedLane(entries: LogEntry[], read: number, ticks: number): Lane {
  const machine = bootedMachine();
  let reads = 0;
  const recorder = createRecorder({
    machine,
    clock: () => BigInt(machine.position + (++reads === read ? ticks : 0)),
    log: (recorded) => entries.push({ seq: entries.length + 1, ...recorded }),
    output: (_, made) => (lane.text += letter(made)),
  });
  const lane: Lane = { machine, text: '', runTo: (position) => void recorder.run(position) };
  return lane;
}

/** A machine that takes every event from a log; its own clock is never asked. */
function replayedLane(entries: readonly LogEntry[]): Lane {
  const machine = bootedMachine();
  const replayer = createReplayer({ machine, output: (_, made) => (lane.text += letter(made)) });
  for (const entry of entries) replayer.accept(entry);
  const lane: Lane = { machine, text: '', runTo: (position) => void replayer.run(position - machine.position) };
  return lane;
}

function letter(made: Output): string {
  return made.device === 'console' ? String.fromCharCode(made.byte) : '';
}

function sample(machine: Machine): Sample {
  const words = new Uint32Array(machine.readRam(RAM_START, RAM_BYTES).buffer);
  return { position: machine.position, hash: machine.stateHash(), registers: machine.registers, pc: machine.pc, words };
}

function compare(first: Sample, second: Sample): Point {
  const names = [...first.registers.keys()].map((number) => `x${number}`);
  const [ours, theirs] = [
    [...first.registers, first.pc],
    [...second.registers, second.pc],
  ];
  const registers = [...names, 'pc'].map((name, index) => ({ name, values: [ours[index]!, theirs[index]!] as const }));
  return {
    position: first.position,
    hashes: [first.hash, second.hash],
    wordsDiffering: first.words.reduce((count, word, index) => count + Number(word !== second.words[index]), 0),
    registersDiffering: registers.filter(({ values }) => values[0] !== values[1]),
  };
}
