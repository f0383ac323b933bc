/**
 * Replay of a machine with several harts: the log has nothing of the order of their turns, so that it replays on a machine with the same
 * schedule, and on one with another does not. (VMware FT, section 1, leaves multiprocessors out for want of such a schedule.)
 */
import { describe, expect, it } from 'vitest';
import { Machine, seededSchedule } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder, type Recorder } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer, ReplayDivergence } from '../../../labs-runtime/ft/replayer.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import {
  addi,
  arithmetic,
  atomics,
  bne,
  bytesOf,
  CLINT,
  csrrs,
  csrrw,
  csrrwi,
  immediates,
  jal,
  lbu,
  li,
  lw,
  MRET,
  MTIME,
  MTIMECMP,
  RAM,
  sb,
  sw,
  UART,
  WFI,
} from '../emulator/assembler.ts';

const HARTS = 3;
const SHARED = RAM + 0x1000;
const { add } = arithmetic;
const { slli, andi } = immediates;
const { amoadd } = atomics;

/** Every hart mixes clock values and causes of interrupts into one word of memory, prints now and then, and every fourth time waits. */
const HANDLER = [
  csrrs(20, 0x342, 0),
  amoadd(0, 6, 20),
  sw(0, 7, 0), // msip of this hart
  sw(0, 8, 0), // its mtimecmp
  lbu(20, 9, 0),
  lbu(20, 9, 2),
  MRET,
];
const START = [
  csrrs(5, 0xf14, 0),
  li(6, SHARED),
  li(7, CLINT),
  slli(10, 5, 2),
  add(7, 7, 10),
  li(8, MTIMECMP),
  slli(10, 5, 3),
  add(8, 8, 10),
  li(9, UART),
  addi(10, 0, 1),
  sb(10, 9, 1),
  li(10, RAM + 4),
  csrrw(0, 0x305, 10),
  li(10, 0x888),
  csrrw(0, 0x304, 10),
  csrrwi(0, 0x300, 8),
  li(11, MTIME),
].flat();
const LOOP = [
  lw(12, 11, 0),
  add(12, 12, 5),
  amoadd(13, 6, 12),
  sb(13, 9, 0),
  addi(14, 14, 1),
  andi(15, 14, 3),
  bne(15, 0, -24),
  WFI,
  jal(0, -32),
];

function machineWith(scheduleSeed: number): Machine {
  const machine = new Machine({ harts: HARTS, schedule: seededSchedule({ seed: scheduleSeed, harts: HARTS }) });
  machine.load(bytesOf([jal(0, 4 * (HANDLER.length + 1)), HANDLER, START, LOOP]));
  return machine;
}

interface Run {
  entries: LogEntry[];
  /** Position, number of the last entry and state hash at points on the way. */
  points: { position: number; seq: number; hash: string }[];
  text: number[];
}

/** Runs with events by seed. With `stalls` the recorder is stalled behind every entry and told to go on. */
function record(seed: number, scheduleSeed: number, stalls = false): Run {
  const prng = createPrng(seed);
  const machine = machineWith(scheduleSeed);
  const run: Run = { entries: [], points: [], text: [] };
  const recorder: Recorder = createRecorder({
    machine,
    clock: () => BigInt(machine.position),
    log: (recorded) => {
      run.entries.push({ seq: run.entries.length + 1, ...recorded });
      if (stalls) recorder.stall();
    },
    output: (_, made) => {
      if (made.device === 'console') run.text.push(made.byte);
    },
  });
  const inject = (input: () => void) => {
    recorder.resume();
    input();
    recorder.resume();
  };
  while (run.points.length < 200) {
    const until = machine.position + 1 + prng.int(300);
    while (recorder.run(until) === 'stalled') recorder.resume();
    for (let count = prng.int(3); count > 0; count--) inject(() => recorder.interrupt(prng.pick([3, 7]), prng.int(HARTS)));
    if (machine.consoleRoom > 0) inject(() => recorder.console(prng.int(256)));
    run.points.push({ position: machine.position, seq: run.entries.length, hash: machine.stateHash() });
  }
  return run;
}

/** The first point at which a replay of the run is another machine, or the divergence that it ends in; undefined if there is none. */
function firstDifference(run: Run, machine: Machine): string | undefined {
  const replayer = createReplayer({ machine });
  for (const entry of run.entries) replayer.accept(entry);
  try {
    for (const { position, seq, hash } of run.points) {
      replayer.run(position - machine.position);
      if (replayer.consumed !== seq || machine.position !== position || machine.stateHash() !== hash) return `position ${position}`;
    }
  } catch (error) {
    if (error instanceof ReplayDivergence) return error.message;
    throw error;
  }
  return undefined;
}

describe('replay of a machine with several harts', () => {
  const run = record(1, 2);

  it('is about something: every hart read the clock, was interrupted and printed', () => {
    const kinds = new Set(
      run.entries.map(({ event }) => (event.kind === 'interrupt' ? `${event.line} of ${event.hart ?? 0}` : event.kind)),
    );
    expect([...kinds].sort()).toEqual(['3 of 0', '3 of 1', '3 of 2', '7 of 0', '7 of 1', '7 of 2', 'clock', 'console', 'output']);
    expect(run.text.length).toBeGreaterThan(200);
    const machine = machineWith(2);
    const replayer = createReplayer({ machine });
    for (const entry of run.entries) replayer.accept(entry);
    replayer.run();
    for (let hart = 0; hart < HARTS; hart++) {
      const { registers, csr } = machine.hart(hart);
      expect(registers[14]).toBeGreaterThan(20);
      expect(csr(0x342)! >>> 31).toBe(1);
    }
  });

  it('gives the same state at 200 points, for one seed of events and turns and another', () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(firstDifference(record(seed, seed + 1), machineWith(seed + 1)), `seed ${seed}`).toBeUndefined();
    }
  });

  it('logs the same when it is stalled behind every entry (section 3.2)', () => {
    const stalled = record(1, 2, true);
    expect(stalled.entries).toEqual(run.entries);
    expect(stalled.points).toEqual(run.points);
    expect(stalled.text).toEqual(run.text);
  });

  it('control: with another order of turns it is another run', () => {
    for (let seed = 3; seed <= 20; seed++) expect(firstDifference(run, machineWith(seed)), `seed ${seed}`).toBeDefined();
  });

  it('control: with one interrupt given to another hart it is another run', () => {
    const prng = createPrng(7);
    const indices = [...run.entries.keys()].filter((index) => run.entries[index]!.event.kind === 'interrupt').slice(0, -10);
    for (let count = 0; count < 20; count++) {
      const chosen = prng.pick(indices);
      const entries = run.entries.map((entry, index) =>
        index === chosen && entry.event.kind === 'interrupt'
          ? { ...entry, event: { ...entry.event, hart: ((entry.event.hart ?? 0) + 1) % HARTS } }
          : entry,
      );
      expect(firstDifference({ ...run, entries }, machineWith(2)), `entry ${chosen + 1}`).toBeDefined();
    }
  });
});
