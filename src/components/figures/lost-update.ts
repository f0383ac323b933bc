/**
 * Lost updates on one processor: the logic of the live figure in the chapter on many cores. Two threads add to one counter, interrupts at seeded
 * positions switch between them, and a replay of their log loses exactly the same additions (walk one; FT paper, section 2.1).
 */
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry } from '../../../labs-runtime/ft/log-entry.ts';
import { encodeRecorded } from '../../../labs-runtime/ft/log-codec.ts';
import { createRecorder } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer } from '../../../labs-runtime/ft/replayer.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import { ADDITIONS_PER_THREAD, COUNTER_ADDRESS, imageOf, twoThreads } from './programs.ts';

export const RUNS = 60;
export const ADDITIONS = 2 * ADDITIONS_PER_THREAD;
/** A load and a store for each addition. */
export const ACCESSES = 2 * ADDITIONS;
const RAM_BYTES = 8192;

export interface LostUpdateSettings {
  /** Attempts between two interrupts, on average. */
  interruptEvery: number;
  /** Of the first run; the others have the seeds after it. */
  seed: number;
}

/** One run and the replay of its log. */
export interface Run {
  /** What the counter came to, at most `ADDITIONS`. */
  counter: number;
  entries: number;
  logBytes: number;
  hash: string;
  replayed: { counter: number; hash: string };
}

/** Runs the threads again and again, with other interrupts each time; yields the same list, with one run more. */
export function* loseUpdates({ interruptEvery, seed }: LostUpdateSettings): Generator<readonly Run[]> {
  const runs: Run[] = [];
  while (runs.length < RUNS) {
    runs.push(runOnce(interruptEvery, seed + runs.length));
    yield runs;
  }
}

function runOnce(interruptEvery: number, seed: number): Run {
  const machine = bootedMachine();
  const entries: LogEntry[] = [];
  const prng = createPrng(seed);
  const recorder = createRecorder({
    machine,
    clock: () => 0n,
    log: (recorded) => entries.push({ seq: entries.length + 1, ...recorded }),
    output: () => {},
  });
  while (recorder.run(machine.position + 1 + prng.int(2 * interruptEvery)) !== 'power-off') recorder.interrupt(7);

  const replica = bootedMachine();
  const replayer = createReplayer({ machine: replica });
  for (const entry of entries) replayer.accept(entry);
  replayer.run();
  return {
    counter: counterOf(machine),
    entries: entries.length,
    logBytes: entries.reduce((sum, entry) => sum + encodeRecorded(entry).length, 0),
    hash: machine.stateHash(),
    replayed: { counter: counterOf(replica), hash: replica.stateHash() },
  };
}

function bootedMachine(): Machine {
  const machine = new Machine({ ramBytes: RAM_BYTES });
  machine.load(imageOf(twoThreads));
  return machine;
}

function counterOf(machine: Machine): number {
  return new DataView(machine.readRam(COUNTER_ADDRESS, 4).buffer).getUint32(0, true);
}

/** What the runs came to, in a few sentences. */
export function describeRuns(runs: readonly Run[]): string {
  const counters = runs.map(({ counter }) => counter);
  const same = runs.filter(({ hash, replayed }) => hash === replayed.hash).length;
  const entries = Math.round(runs.reduce((sum, run) => sum + run.entries, 0) / runs.length);
  const bytes = Math.round(runs.reduce((sum, run) => sum + run.logBytes, 0) / runs.length);
  const range = `Counters from ${Math.min(...counters)} to ${Math.max(...counters).toLocaleString('en')} of ${ADDITIONS.toLocaleString('en')}.`;
  const replays =
    same === runs.length
      ? 'Each replay ended in the very state of its run.'
      : `Only ${same} of ${runs.length} replays ended in the state of their run.`;
  return `${range} ${replays} A log had ${entries} entries in ${bytes} bytes on average, for ${ACCESSES.toLocaleString('en')} accesses to the counter.`;
}
