/**
 * Two machines with one log and different turns of their harts: where they go different ways, which hart comes out differently first, and that a
 * cluster shows it where the backup follows by the log, and only there (VMware FT, section 1: uniprocessors).
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HartSchedule } from '../../../../labs-runtime/emulator/machine.ts';
import { Machine, seededSchedule } from '../../../../labs-runtime/emulator/machine.ts';
import type { Recorded } from '../../../../labs-runtime/ft/log-entry.ts';
import { createRecorder } from '../../../../labs-runtime/ft/recorder.ts';
import { createCluster } from '../../../../labs-runtime/sim/cluster/create-cluster.ts';
import { ExhaustiveSearch, RandomWalks } from '../../../../labs-runtime/sim/cluster/explore.ts';
import {
  describeFirstDifference,
  firstDifference,
  firstDifferenceOf,
  type FirstDifference,
} from '../../../../labs-runtime/sim/cluster/first-difference.ts';
import type { Scenario } from '../../../../labs-runtime/sim/cluster/scenario.ts';
import { demonstrations, scenarios } from '../../../../labs-runtime/sim/cluster/scenarios.ts';
import type { Code } from '../../emulator/assembler.ts';
import {
  addi,
  atomics,
  bne,
  bytesOf,
  csrrs,
  csrrw,
  csrrwi,
  jal,
  li,
  lw,
  MTIME,
  NOP,
  RAM,
  sb,
  SPIN,
  sw,
  UART,
} from '../../emulator/assembler.ts';

const SHARED = RAM + 0x1000;
const MHARTID = 0xf14;

/** Every hart adds 1 to one word, for ever: x5 is the hart, x6 the address, x7 the value. The load is the fourth instruction. */
const ADDITIONS: Code = [csrrs(5, MHARTID, 0), li(6, SHARED), lw(7, 6, 0), addi(7, 7, 1), sw(7, 6, 0), jal(0, -12)];
const [LOAD, STORE] = [RAM + 12, RAM + 20];

/** Turns as listed, and one of each hart's after another from there on. */
function turns(...listed: [hart: number, attempts: number][]): HartSchedule {
  return (turn) => {
    const [hart, attempts] = listed[turn] ?? [turn % 2, 5];
    return { hart, attempts };
  };
}

function machineOf(code: Code, schedule: HartSchedule): Machine {
  const machine = new Machine({ harts: 2, schedule });
  machine.load(bytesOf(code));
  return machine;
}

/** Records a run of the primary's for so many attempts; the last entry says that it lives. */
function record(code: Code, schedule: HartSchedule, attempts: number): { start: ReturnType<Machine['snapshot']>; log: Recorded[] } {
  const machine = machineOf(code, schedule);
  const start = machine.snapshot();
  const log: Recorded[] = [];
  let ticks = 0n;
  const recorder = createRecorder({ machine, clock: () => ++ticks, log: (each) => log.push(each), output: () => {} });
  recorder.run(attempts);
  log.push({ at: machine.position, event: { kind: 'control', operation: 'alive' } });
  return { start, log };
}

function difference(code: Code, primary: HartSchedule, backup: HartSchedule, attempts = 100): FirstDifference | undefined {
  return firstDifference({ ...record(code, primary, attempts), diskSectors: 0, outputs: 0, schedules: { primary, backup } });
}

/** What each attempt of a free run did: hart, pc before, and the hart after it. */
function traced(code: Code, schedule: HartSchedule, attempts: number): { hart: number; pc: number; after: string }[] {
  const machine = machineOf(code, schedule);
  return Array.from({ length: attempts }, (_, position) => {
    const before = [0, 1].map((hart) => machine.hart(hart).pc);
    machine.run(position + 1);
    const hart = machine.currentHart;
    const { pc, registers } = machine.hart(hart);
    return { hart, pc: before[hart]!, after: [pc, ...registers].join(' ') };
  });
}

describe('the first difference of two replays', () => {
  it('is none where the turns are the same', () => {
    expect(difference(ADDITIONS, turns([0, 7], [1, 3]), turns([0, 7], [1, 3]))).toBeUndefined();
  });

  it('is whose turn it is, and later the first load that got another value, with who wrote there', () => {
    // Primary: hart 0 loads, adds and stores, then hart 1 loads 1. Backup: hart 1 loads 0, since hart 0 has not stored yet.
    const found = difference(ADDITIONS, turns([0, 6], [1, 20]), turns([0, 5], [1, 4], [0, 1], [1, 20]))!;
    expect(found.attempt).toEqual({
      primary: { position: 5, hart: 0, count: 6, instruction: { address: STORE, text: 'sw t2, 0(t1)' } },
      backup: { position: 5, hart: 1, count: 1, instruction: { address: RAM, text: 'csrr t0, mhartid' } },
    });
    expect(found.value).toEqual({
      primary: { position: 9, hart: 1, count: 4, instruction: { address: LOAD, text: 'lw t2, 0(t1)' } },
      backup: { position: 8, hart: 1, count: 4, instruction: { address: LOAD, text: 'lw t2, 0(t1)' } },
      registers: [{ name: 't2', primary: 1, backup: 0 }],
      memory: { address: SHARED, primary: found.attempt.primary, backup: undefined },
    });
    expect(found.divergence).toBeUndefined();
  });

  it('is only the order of turns where no hart reads what another has written', () => {
    const apart: Code = [csrrs(5, MHARTID, 0), addi(7, 7, 1), jal(0, -4)];
    const found = difference(apart, turns([0, 3], [1, 3]), turns([0, 2], [1, 3]))!;
    expect(found.attempt.primary).toMatchObject({ position: 2, hart: 0, count: 3 });
    expect(found.attempt.backup).toMatchObject({ position: 2, hart: 1, count: 1 });
    expect(found.value).toBeUndefined();
    expect(describeFirstDifference(found)).toEqual([
      'The machines do the same up to position 2. There hart 0 attempts "j 0x80000004" at 0x80000008 on the primary and ' +
        'hart 1 attempts "csrr t0, mhartid" at 0x80000000 on the backup.',
      'No hart has read anything that it did not read on the other machine too: only the order of turns differs.',
    ]);
  });

  it('shows in pc where an interrupt of the log finds its hart elsewhere, and no register differs', () => {
    const HANDLER = RAM + 36;
    const waits: Code = [
      [csrrs(5, MHARTID, 0), li(10, HANDLER), csrrw(0, 0x305, 10), csrrwi(0, 0x304, 8), csrrwi(0, 0x300, 8)].flat(),
      [NOP, NOP, jal(0, -8), SPIN],
    ];
    const [primary, backup] = [turns([0, 6], [1, 30]), turns([0, 6], [1, 9], [0, 1], [1, 30])];
    const machine = machineOf(waits, primary);
    const start = machine.snapshot();
    const log: Recorded[] = [];
    const recorder = createRecorder({ machine, clock: () => 0n, log: (each) => log.push(each), output: () => {} });
    recorder.run(16);
    recorder.interrupt(3, 1);
    recorder.run(25);
    log.push({ at: machine.position, event: { kind: 'control', operation: 'alive' } });
    const replay = { start, diskSectors: 0, outputs: 0, log };
    expect(firstDifference({ ...replay, schedules: { primary, backup: primary } })).toBeUndefined();
    const { value } = firstDifference({ ...replay, schedules: { primary, backup } })!;
    expect(value).toMatchObject({
      primary: { position: 15, hart: 1, count: 10, instruction: { address: RAM + 24, text: 'nop' } },
      registers: [{ name: 'pc', primary: RAM + 28, backup: HANDLER }],
      memory: undefined,
    });
  });

  it('counts a conditional store as a write only if it has stored', () => {
    // Hart 0 reserves and stores under condition; hart 1 stores plainly in between, on one machine or on both.
    const contend: Code = [
      csrrs(5, MHARTID, 0),
      li(6, SHARED),
      bne(5, 0, 20),
      atomics.lr(7, 6, 0),
      atomics.sc(8, 6, 6),
      lw(9, 6, 0),
      jal(0, 0),
      sw(5, 6, 0),
      jal(0, 0),
    ];
    const found = difference(contend, turns([1, 5], [0, 20]), turns([0, 5], [1, 5], [0, 20]), 40)!;
    expect(found.value).toMatchObject({
      primary: { hart: 0, count: 5, instruction: { text: 'lr.w t2, (t1)' } },
      registers: [{ name: 't2', primary: 1, backup: 0 }],
      memory: { primary: { hart: 1, position: 4 }, backup: undefined },
    });
    // With the same value reserved, the condition itself comes out differently, and the load behind it reads what the other hart wrote.
    const zero = contend.map((word, index) => (index === 7 ? sw(0, 6, 0) : word));
    const second = difference(zero, turns([0, 5], [1, 5], [0, 20]), turns([0, 20], [1, 20]), 40)!;
    expect(second.value).toMatchObject({
      primary: { hart: 0, count: 6, instruction: { text: 'sc.w s0, t1, (t1)' } },
      registers: [{ name: 's0', primary: 1, backup: 0 }],
      memory: { primary: { hart: 1 }, backup: undefined },
    });
    // Where the condition fails on both, the load behind it reads what the other hart wrote, not what would have been stored.
    const twice = [...contend.slice(0, 7), sw(0, 6, 0), sw(5, 6, 0), jal(0, 0)];
    const third = difference(twice, turns([0, 5], [1, 5], [0, 20], [1, 20]), turns([0, 5], [1, 6], [0, 20], [1, 20]), 40)!;
    expect(third.value).toMatchObject({
      primary: { hart: 0, count: 7, instruction: { text: 'lw s1, 0(t1)' } },
      registers: [{ name: 's1', primary: 0, backup: 1 }],
      memory: { primary: { hart: 1, position: 9 }, backup: { hart: 1, position: 10 } },
    });
  });

  it('names no memory where a device gave another value', () => {
    const clock: Code = [csrrs(5, MHARTID, 0), li(6, MTIME), lw(7, 6, 0), jal(0, -4)];
    // Both harts read the clock, in another order: the log gives its first value to whoever comes first.
    const found = difference(clock, turns([0, 3], [1, 3], [0, 1], [1, 20]), turns([0, 3], [1, 3], [1, 1], [0, 20]), 8)!;
    expect(found.value).toMatchObject({ registers: [{ name: 't2', primary: 1, backup: 2 }], memory: undefined });
    expect(describeFirstDifference(found).join(' ')).not.toContain('The word at');
  });

  it('says where the log ends to fit the backup, and goes on with the primary alone', () => {
    const prints: Code = [csrrs(5, MHARTID, 0), li(6, UART), bne(5, 0, 12), sb(5, 6, 0), jal(0, 0), jal(0, 0)];
    const [primary, backup] = [turns([1, 6], [0, 20]), turns([0, 20], [1, 20])];
    const found = difference(prints, primary, backup, 30)!;
    expect(found.divergence).toMatchObject({ position: 5, guestDid: 'made an output' });
    expect(found.value).toBeUndefined();
    expect(describeFirstDifference(found).at(-1)).toBe(
      'In the end the replay diverged at position 5: the next log entry is number 1 at position 11, output 0, but the guest made an output.',
    );
  });

  it('numbers outputs from where the guest was', () => {
    const prints: Code = [csrrs(5, MHARTID, 0), li(6, UART), sb(5, 6, 0), jal(0, -4)];
    const schedule = turns([0, 9]);
    const { start, log } = record(prints, schedule, 20);
    const later = log.map(({ at, event }) => ({ at, event: event.kind === 'output' ? { ...event, output: event.output + 7 } : event }));
    const replay = { start, diskSectors: 0, schedules: { primary: schedule, backup: schedule } };
    expect(firstDifference({ ...replay, log: later, outputs: 7 })).toBeUndefined();
    expect(() => firstDifference({ ...replay, log: later, outputs: 6 })).toThrow('made an output of another number');
  });

  it('refuses a log that is not the primary’s', () => {
    const { start } = record(ADDITIONS, turns(), 10);
    const log: Recorded[] = [{ at: 3, event: { kind: 'output', output: 0 } }];
    expect(() => firstDifference({ start, diskSectors: 0, outputs: 0, log, schedules: { primary: turns(), backup: turns() } })).toThrow(
      'replay diverged at position 3',
    );
  });

  it('is what two free runs, laid side by side, show first: by position, and by each hart’s own count', () => {
    const ATTEMPTS = 300;
    const schedules = fc.integer().map((seed) => seededSchedule({ seed, harts: 2, attemptsMax: 12 }));
    fc.assert(
      fc.property(schedules, schedules, (primary, backup) => {
        const [left, right] = [traced(ADDITIONS, primary, ATTEMPTS), traced(ADDITIONS, backup, ATTEMPTS)];
        const byPosition = left.findIndex((step, index) => JSON.stringify(step) !== JSON.stringify(right[index]));
        const found = difference(ADDITIONS, primary, backup, ATTEMPTS);
        if (byPosition === -1) return found === undefined;
        expect(found?.attempt.primary).toMatchObject({ position: byPosition, hart: left[byPosition]!.hart });
        expect(found?.attempt.backup).toMatchObject({ position: byPosition, hart: right[byPosition]!.hart });
        // The position at which it is there on both machines decides which hart's is the first.
        const candidates = [0, 1].flatMap((hart) => {
          const [own, others] = [left, right].map((steps) => [...steps.entries()].filter(([, step]) => step.hart === hart));
          const at = own!.findIndex(([, step], index) => others![index] !== undefined && step.after !== others![index]![1].after);
          return at < 0 ? [] : [{ hart, count: at + 1, seenAt: Math.max(own![at]![0], others![at]![0]) }];
        });
        candidates.sort((a, b) => a.seenAt - b.seenAt);
        expect(found?.value && { hart: found.value.primary.hart, count: found.value.primary.count }).toEqual(
          candidates[0] && { hart: candidates[0].hart, count: candidates[0].count },
        );
        return true;
      }),
      { numRuns: 60 },
    );
  });
});

describe('a guest whose harts race, in a cluster', () => {
  const racing = demonstrations.find(({ name }) => name === 'racing replay')!;
  const explored = async (scenario: Scenario) => {
    const cluster = await createCluster(scenario, { keepsStates: true });
    const start = cluster.state;
    const search = new ExhaustiveSearch(cluster);
    while (search.goOn(1000));
    return { cluster, start, search };
  };

  it('is not among the scenarios that have to be clean', () => {
    expect(racing.options.follows).toBe('log');
    expect(scenarios.map(({ name }) => name)).not.toContain(racing.name);
  });

  it('cannot be followed by its log, and the first instruction that differed is named', async () => {
    const { cluster, start, search } = await explored(racing);
    expect(search.finding?.breach.property).toBe('the backup follows');
    cluster.state = start;
    const found = firstDifferenceOf(cluster, search.finding!.events)!;
    expect(found.attempt.primary!.hart).not.toBe(found.attempt.backup!.hart);
    expect(found.value!.primary.hart).toBe(found.value!.backup.hart);
    expect(found.value!.primary.count).toBe(found.value!.backup.count);
    const text = describeFirstDifference(found);
    expect(text[1]).toMatch(
      /^Hart 1 is the first to come out differently, at attempt \d+ of its own: "lw t0, 0\(t1\)" at 0x80000070, at position/,
    );
    expect(text[2]).toMatch(
      /^The word at 0x[0-9a-f]+ had last been written by nobody since the start on the primary and by hart 0 at position \d+/,
    );
    expect(text.at(-1)).toBe(`In the end the ${search.finding!.breach.observed}.`);
  });

  it('is followed where the turns of both machines are the same', async () => {
    const { cluster, start, search } = await explored({ ...racing, hartSeeds: [1, 1, 1] });
    expect(search).toMatchObject({ finding: undefined, isExhausted: true, depth: racing.depthMax });
    cluster.state = start;
    expect(firstDifferenceOf(cluster, new Array(racing.depthMax).fill({ kind: 'run', at: 0, to: 0 }))).toBeUndefined();
    cluster.state = start;
    const walks = new RandomWalks(cluster, { firstSeed: 1, walks: 2 });
    while (walks.goOn(1000));
    expect(walks.finding).toBeUndefined();
  });

  it('is followed by checkpoints whatever its turns are', async () => {
    const options = { ...racing.options, follows: 'checkpoints' as const };
    const allowance = { ...racing.allowance, faults: 1, ticks: 5 };
    const cluster = await createCluster({ ...racing, options, allowance, faults: ['crash'] }, { keepsStates: true });
    const walks = new RandomWalks(cluster, { firstSeed: 1, walks: 30 });
    while (walks.goOn(1000));
    expect(walks.finding).toBeUndefined();
    expect(walks.settled).toBe(30);
  });
});
