/**
 * Machines with several harts: one position for all, turns as the schedule says, interrupts of one's own, and one memory in which every store
 * is seen by everybody at once. Privileged architecture, sections 3.1.5, 3.2.1 and 3.3.3; unprivileged ISA, chapter on the A extension.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HartSchedule } from '../../../labs-runtime/emulator/machine.ts';
import { Machine, seededSchedule } from '../../../labs-runtime/emulator/machine.ts';
import type { Code } from './assembler.ts';
import {
  addi,
  arithmetic,
  atomics,
  auipc,
  beq,
  bne,
  bytesOf,
  CLINT,
  csrrs,
  csrrsi,
  csrrw,
  immediates,
  jal,
  jalr,
  li,
  loads,
  lw,
  MTIMECMP,
  NOP,
  RAM,
  sb,
  SPIN,
  stores,
  sw,
  UART,
  WFI,
  wordAt,
} from './assembler.ts';
import { CAUSE, CSR, set } from './modes.ts';

const DATA = RAM + 0x2000;
/** Where a hart may go when it traps: it spins there. */
const HANDLER = RAM + 0x1000;
const { lr, sc } = atomics;

/** Bytes from one hart's program to the next one's, and the attempts that each hart makes to come to its own. */
const PROGRAM_BYTES = 0x200;
const PRELUDE = 5;

/** A machine on which each hart spins at the end of its own program: hart n's is at `programOf(n)`. */
function bootHarts(programs: readonly Code[], schedule?: HartSchedule, ramBytes = 65536): Machine {
  const machine = new Machine({ ramBytes, harts: programs.length, ...(schedule && { schedule }) });
  const image = new Uint8Array(HANDLER - RAM + 4);
  image.set(
    bytesOf([csrrs(1, CSR.mhartid, 0), immediates.slli(1, 1, 9), auipc(2, 0), arithmetic.add(2, 2, 1), jalr(0, 2, PROGRAM_BYTES - 8)]),
  );
  programs.forEach((program, hart) => image.set(bytesOf([...program, SPIN]), PROGRAM_BYTES * (hart + 1)));
  image.set(bytesOf([SPIN]), HANDLER - RAM);
  machine.load(image);
  return machine;
}

function programOf(hart: number): number {
  return RAM + PROGRAM_BYTES * (hart + 1);
}

/** The same, with all harts at the first instruction of their programs. From there on turns are as listed, over and over. */
function bootAtPrograms(programs: readonly Code[], ...list: [hart: number, attempts: number][]): Machine {
  const preludes = programs.map((_, hart): [number, number] => [hart, PRELUDE]);
  const machine = bootHarts(programs, (turn) => {
    const [hart, attempts] = turn < preludes.length ? preludes[turn]! : list[(turn - preludes.length) % list.length]!;
    return { hart, attempts };
  });
  machine.run(PRELUDE * programs.length);
  programs.forEach((_, hart) => expect(machine.hart(hart).pc).toBe(programOf(hart)));
  return machine;
}

const step = (machine: Machine, attempts = 1) => machine.run(machine.position + attempts);
const register = (machine: Machine, hart: number, number: number) => machine.hart(hart).registers[number]!;

describe('harts and their turns', () => {
  test('each hart knows its number, and all start at the entry point with the program’s registers', () => {
    for (let harts = 1; harts <= 4; harts++) {
      const machine = new Machine({ harts, schedule: (turn) => ({ hart: turn % harts, attempts: 1 }) });
      const code = bytesOf([csrrs(5, CSR.mhartid, 0), SPIN]);
      machine.load({ segments: [{ offset: 0x40, bytes: code }], entry: RAM + 0x40, registers: [[10, 7]] });
      expect(machine.hartCount).toBe(harts);
      for (let hart = 0; hart < harts; hart++) expect(machine.hart(hart)).toMatchObject({ pc: RAM + 0x40, privilege: 3 });
      machine.run(harts);
      for (let hart = 0; hart < harts; hart++) {
        expect([register(machine, hart, 5), register(machine, hart, 10), machine.hart(hart).csr(CSR.mhartid)]).toEqual([hart, 7, hart]);
      }
    }
  });

  test('turns are those of the schedule, attempt by attempt, and the position counts the attempts of all', () => {
    const count = [addi(5, 5, 1), jal(0, -4)];
    const list: [number, number][] = [
      [2, 6],
      [0, 2],
      [1, 10],
      [0, 4],
    ];
    const machine = bootAtPrograms([count, count, count], ...list);
    const made = [0, 0, 0];
    const start = machine.position;
    for (let turn = 0; turn < 40; turn++) {
      const [hart, attempts] = list[turn % list.length]!;
      for (let attempt = 0; attempt < attempts; attempt++) {
        step(machine);
        made[hart]!++;
        expect(machine.currentHart).toBe(hart);
        expect(made.map((_, index) => register(machine, index, 5))).toEqual(made.map((attemptsMade) => Math.ceil(attemptsMade / 2)));
      }
    }
    expect(machine.position).toBe(start + made.reduce((sum, attemptsMade) => sum + attemptsMade, 0));
  });

  test('registers, pc and csr are those of the hart whose turn it is', () => {
    const machine = bootAtPrograms([[addi(5, 0, 10)], [addi(5, 0, 11), set(CSR.mscratch, 99)]], [1, 4], [0, 1]);
    step(machine, 4);
    expect([machine.currentHart, machine.registers[5], machine.pc, machine.csr(CSR.mscratch)]).toEqual([1, 11, programOf(1) + 16, 99]);
    step(machine);
    expect([machine.currentHart, machine.registers[5], machine.pc, machine.csr(CSR.mscratch)]).toEqual([0, 10, programOf(0) + 4, 0]);
  });

  test('CSRs and registers of one hart are not those of another', () => {
    const writes = (value: number) => [set(CSR.mscratch, value), set(CSR.mtvec, RAM + 4 * value), set(CSR.mie, 8), addi(7, 0, value)];
    const machine = bootAtPrograms([writes(1), writes(2)], [0, 1], [1, 1]);
    step(machine, 20);
    for (const [hart, value] of [
      [0, 1],
      [1, 2],
    ] as const) {
      expect([machine.hart(hart).csr(CSR.mscratch), machine.hart(hart).csr(CSR.mtvec), register(machine, hart, 7)]).toEqual([
        value,
        RAM + 4 * value,
        value,
      ]);
    }
  });

  test('mcycle counts the attempts of all, minstret those that the hart retired', () => {
    const read = [csrrs(5, CSR.mcycle, 0), csrrs(6, CSR.minstret, 0), NOP, csrrs(7, CSR.mcycle, 0), csrrs(8, CSR.minstret, 0)];
    const machine = bootAtPrograms([read, read], [0, 3], [1, 5], [0, 2]);
    step(machine, 10);
    const [start, own] = [2 * PRELUDE, PRELUDE];
    expect(Array.from(machine.hart(0).registers.slice(5, 9))).toEqual([start, own + 1, start + 8, own + 4]);
    expect(Array.from(machine.hart(1).registers.slice(5, 9))).toEqual([start + 3, own + 1, start + 6, own + 4]);
    for (const hart of [0, 1]) {
      expect([machine.hart(hart).csr(CSR.mcycle), machine.hart(hart).csr(CSR.minstret)]).toEqual([start + 10, own + 5]);
    }
  });

  test('looking at a hart changes nothing', () => {
    const machine = bootAtPrograms([[NOP], [NOP]], [0, 7]);
    step(machine, 5);
    const hash = machine.stateHash();
    for (const hart of [0, 1]) for (const number of Object.values(CSR)) machine.hart(hart).csr(number);
    expect(machine.stateHash()).toBe(hash);
  });

  test('a machine with one hart never asks its schedule', () => {
    const machine = new Machine({
      schedule: () => {
        throw new Error('asked');
      },
    });
    machine.load(bytesOf([WFI, SPIN]));
    expect(machine.run(100)).toEqual({ reason: 'wait' });
    expect(machine.run(100)).toEqual({ reason: 'position' });
  });

  test('a turn begins with its first attempt: the schedule is not asked before', () => {
    const asked: number[] = [];
    const machine = bootHarts([[], []], (turn) => {
      asked.push(turn);
      return { hart: turn % 2, attempts: 3 };
    });
    machine.run(0);
    expect(asked).toEqual([]);
    machine.run(3);
    expect(asked).toEqual([0]);
    machine.run(3);
    expect(asked).toEqual([0]);
    machine.run(4);
    expect(asked).toEqual([0, 1]);
  });

  test('turns beyond what one call of the interpreter makes stay whole', () => {
    const machine = bootAtPrograms([[], []], [0, 50_000], [1, 50_001]);
    step(machine, 50_000);
    expect(machine.currentHart).toBe(0);
    step(machine, 50_001);
    expect(machine.currentHart).toBe(1);
    step(machine);
    expect(machine.currentHart).toBe(0);
    expect(machine.hart(1).csr(CSR.minstret)).toBe(PRELUDE + 50_001);
  });
});

describe('what is refused', () => {
  test('no harts, too many, or a part of one', () => {
    for (const harts of [0, 5, -1, 1.5, Number.NaN]) expect(() => new Machine({ harts })).toThrow(/harts is .*1 to 4/);
  });

  test('a schedule’s turn of a hart that is not there or of no whole number of attempts, with the number of the turn', () => {
    const bad = [
      { hart: 2, attempts: 1 },
      { hart: -1, attempts: 1 },
      { hart: 0.5, attempts: 1 },
      { hart: 0, attempts: 0 },
      { hart: 0, attempts: -3 },
      { hart: 0, attempts: 1.5 },
      { hart: 0, attempts: Number.NaN },
      { hart: 0, attempts: Infinity },
    ];
    for (const turn of bad) {
      const machine = bootHarts([[], []], (number) => (number < 3 ? { hart: 0, attempts: 2 } : turn));
      machine.run(6);
      const hash = machine.stateHash();
      expect(() => machine.run(7)).toThrow(new RegExp(`^Turn 3 of the schedule is ${turn.attempts} attempts of hart ${turn.hart}`));
      expect([machine.position, machine.stateHash()]).toEqual([6, hash]);
    }
  });

  test('bounds of a seeded schedule that are none', () => {
    for (const [attemptsMin, attemptsMax] of [
      [0, 5],
      [5, 4],
      [1.5, 4],
      [1, 4.5],
      [-1, 4],
    ] as const) {
      expect(() => seededSchedule({ seed: 1, harts: 2, attemptsMin, attemptsMax })).toThrow(RangeError);
    }
  });

  test('a look at, or an interrupt for, a hart that is not there', () => {
    const machine = bootHarts([[], []]);
    for (const hart of [2, -1, 0.5]) {
      expect(() => machine.hart(hart)).toThrow(/There is no hart/);
      expect(() => machine.interrupt(3, hart)).toThrow(/There is no hart/);
      expect(() => machine.interruptTimer(hart)).toThrow(/There is no hart/);
    }
  });

  test('a snapshot of a machine with another number of harts', () => {
    const two = bootHarts([[], []]);
    expect(() => bootHarts([[], [], []]).restore(two.snapshot())).toThrow(/2 harts, this machine 3/);
    expect(() => new Machine().restore(two.snapshot())).toThrow(/2 harts, this machine 1/);
  });
});

describe('a seeded schedule', () => {
  test('gives the same turns for a seed, others for another, within its bounds and for all harts', () => {
    for (let harts = 1; harts <= 4; harts++) {
      const turns = (seed: number) => {
        const schedule = seededSchedule({ seed, harts, attemptsMin: 3, attemptsMax: 9 });
        return Array.from({ length: 500 }, (_, turn) => schedule(turn));
      };
      expect(turns(7)).toEqual(turns(7));
      expect(turns(7)).not.toEqual(turns(8));
      expect(new Set(turns(7).map(({ hart }) => hart))).toEqual(new Set(Array.from({ length: harts }, (_, hart) => hart)));
      expect(new Set(turns(7).map(({ attempts }) => attempts))).toEqual(new Set([3, 4, 5, 6, 7, 8, 9]));
    }
  });

  test('depends on nothing but the number of the turn', () => {
    const schedule = seededSchedule({ seed: 3, harts: 4 });
    const turns = Array.from({ length: 100 }, (_, turn) => schedule(turn));
    for (const turn of [99, 0, 50, 50, 7]) expect(schedule(turn)).toEqual(turns[turn]);
    expect(schedule(2 ** 40)).toEqual(schedule(2 ** 40));
  });

  /** Each hart adds to one word without care, again and again. */
  const race = [li(5, DATA), lw(6, 5, 0), addi(6, 6, 1), sw(6, 5, 0), jal(0, -12)];
  const raceWith = (seed: number) => {
    const machine = bootHarts([race, race, race], seededSchedule({ seed, harts: 3 }));
    machine.run(20_000);
    return [machine.stateHash(), wordAt(machine, DATA)] as const;
  };

  test('is a whole run: the same one gives the same state, another one another', () => {
    expect(raceWith(1)).toEqual(raceWith(1));
    const sums = new Set(Array.from({ length: 20 }, (_, seed) => raceWith(seed)[1]));
    expect(sums.size).toBeGreaterThan(15);
  });
});

describe('interrupts of one’s own (CLINT)', () => {
  const cause = (machine: Machine, hart: number) => machine.hart(hart).csr(CSR.mcause);
  const interruptCause = (code: number) => 0x80000000 + code;
  const enabled = [set(CSR.mtvec, HANDLER), set(CSR.mie, 0x888), csrrsi(0, CSR.mstatus, 8)];
  const ENABLED = 7;

  test('a line raised by the caller is pending for that hart alone', () => {
    for (const line of [3, 7] as const) {
      for (let hart = 0; hart < 4; hart++) {
        const machine = bootHarts([[], [], [], []]);
        machine.interrupt(line, hart);
        for (let other = 0; other < 4; other++) expect(machine.hart(other).csr(CSR.mip)).toBe(other === hart ? 1 << line : 0);
      }
    }
  });

  test('it is taken at that hart’s next attempt, even in the middle of its turn, and not by others', () => {
    const machine = bootAtPrograms([enabled, enabled], [0, ENABLED + 2], [1, ENABLED + 4]);
    step(machine, 2 * ENABLED + 4);
    expect([machine.currentHart, cause(machine, 0), cause(machine, 1)]).toEqual([1, 0, 0]);
    machine.interrupt(3, 0);
    machine.interrupt(7, 1);
    step(machine);
    expect([machine.currentHart, cause(machine, 0), cause(machine, 1)]).toEqual([1, 0, interruptCause(7)]);
    step(machine);
    step(machine);
    expect([machine.currentHart, cause(machine, 0)]).toEqual([0, interruptCause(3)]);
    expect(machine.hart(0).csr(CSR.mepc)).toBe(programOf(0) + 4 * ENABLED);
  });

  test('a hart interrupts another by msip, each at its own address', () => {
    for (let target = 0; target < 4; target++) {
      const send = [li(5, CLINT + 4 * target), addi(6, 0, 1), sw(6, 5, 0)];
      const programs = [0, 1, 2, 3].map((hart) => (hart === (target + 1) % 4 ? [...enabled, ...send] : enabled));
      const list = [0, 1, 2, 3].map((hart): [number, number] => [hart, ENABLED + 4]);
      const machine = bootAtPrograms(programs, ...list);
      step(machine, 2 * 4 * (ENABLED + 4));
      for (let hart = 0; hart < 4; hart++) expect(cause(machine, hart)).toBe(hart === target ? interruptCause(3) : 0);
    }
  });

  test('mtimecmp and its line are each hart’s own', () => {
    const programs = [0, 1, 2].map((hart) => [li(5, MTIMECMP + 8 * hart), addi(6, 0, 100 + hart), sw(6, 5, 0), sw(0, 5, 4)]);
    const machine = bootAtPrograms(programs, [0, 5], [2, 5], [1, 5]);
    for (const hart of [0, 1, 2]) machine.interrupt(7, hart);
    step(machine, 10);
    expect([0, 1, 2].map((hart) => machine.hart(hart).csr(CSR.mip))).toEqual([0, 0x80, 0]);
    expect([0, 1, 2].map((hart) => machine.interruptTimer(hart))).toEqual([100n, 2n ** 64n - 1n, 102n]);
    step(machine, 5);
    expect(machine.interruptTimer(1)).toBe(101n);
    expect(machine.interruptTimer()).toBe(100n);
  });

  test('devices interrupt hart 0 alone', () => {
    const listen = [li(5, UART), addi(6, 0, 1), sb(6, 5, 1)];
    const machine = bootAtPrograms([[], listen], [1, 5], [0, 5]);
    step(machine, 5);
    machine.receive(65);
    expect([0, 1].map((hart) => machine.hart(hart).csr(CSR.mip))).toEqual([0x800, 0]);
  });
});

describe('waiting (section 3.3.3)', () => {
  test('a hart that waits gives up its turn at once, and others go on without a stop', () => {
    const machine = bootAtPrograms(
      [
        [WFI, addi(5, 0, 1)],
        [addi(5, 5, 1), jal(0, -4)],
      ],
      [0, 100],
      [1, 4],
    );
    const { position } = machine;
    expect(step(machine, 41)).toEqual({ reason: 'position' });
    expect(machine.position).toBe(position + 41);
    // One attempt was the WFI, the turns of the waiting hart went to the other.
    expect([register(machine, 0, 5), register(machine, 1, 5)]).toEqual([0, 20]);
    expect(machine.hart(0).pc).toBe(programOf(0) + 4);
  });

  test('the turn of a waiting hart goes to the next that does not, in order and around', () => {
    const machine = bootAtPrograms(
      [[addi(5, 5, 1), jal(0, -4)], [WFI], [WFI], [addi(5, 5, 1), jal(0, -4)]],
      [1, 1],
      [2, 1],
      [2, 6],
      [1, 10],
    );
    step(machine, 2 + 16);
    // Both waited in the first two turns; then hart 2's turn of 6 and hart 1's of 10 went to hart 3.
    expect([0, 1, 2, 3].map((hart) => machine.hart(hart).csr(CSR.minstret)! - PRELUDE)).toEqual([0, 1, 1, 16]);
    const around = bootAtPrograms([[], [WFI], [WFI], [WFI]], [1, 1], [2, 1], [3, 1], [3, 5]);
    step(around, 8);
    expect(around.hart(0).csr(CSR.minstret)! - PRELUDE).toBe(5);
  });

  test('an interrupt that mie enables wakes it for its next turn, taken or not', () => {
    const waiting = [set(CSR.mie, 8), WFI, addi(5, 0, 1)];
    const machine = bootAtPrograms([waiting, [NOP]], [0, 4], [1, 5]);
    step(machine, 30);
    expect(register(machine, 0, 5)).toBe(0);
    machine.interrupt(7, 0); // not enabled
    step(machine, 30);
    expect(register(machine, 0, 5)).toBe(0);
    machine.interrupt(3, 1); // another hart's
    step(machine, 30);
    expect(register(machine, 0, 5)).toBe(0);
    machine.interrupt(3, 0);
    step(machine, 30);
    expect(register(machine, 0, 5)).toBe(1);
  });

  test('WFI with something pending does not give up the turn', () => {
    const machine = bootAtPrograms([[set(CSR.mie, 8), WFI, addi(5, 0, 1)], []], [0, 5], [1, 5]);
    machine.interrupt(3, 0);
    step(machine, 5);
    expect(register(machine, 0, 5)).toBe(1);
  });

  test('a hart wakes another and waits itself, in both directions', () => {
    const ENABLE = 3;
    /** Waits for its msip, clears it, counts, and sets that of the other. */
    const ping = (hart: number) => [
      set(CSR.mie, 8),
      li(5, CLINT),
      addi(6, 0, 1),
      WFI,
      lw(7, 5, 4 * hart),
      beq(7, 0, -8),
      sw(0, 5, 4 * hart),
      addi(8, 8, 1),
      sw(6, 5, 4 * (1 - hart)),
      jal(0, -24),
    ];
    const machine = bootHarts([ping(0), ping(1)], seededSchedule({ seed: 5, harts: 2 }));
    expect(machine.run(1000)).toEqual({ reason: 'wait' });
    expect(machine.position).toBe(2 * (PRELUDE + ENABLE + 3 + 1));
    machine.interrupt(3, 1);
    expect(machine.run(20_000)).toEqual({ reason: 'position' });
    const [first, second] = [register(machine, 0, 8), register(machine, 1, 8)];
    expect(first).toBeGreaterThan(1000);
    expect(second - first).toBeGreaterThanOrEqual(0);
    expect(second - first).toBeLessThanOrEqual(1);
  });

  test('the run stops only when all wait, right after the last WFI; then it goes on where it is told to', () => {
    const wait = [WFI, addi(5, 5, 1), WFI, addi(5, 5, 1)];
    const machine = bootAtPrograms([wait, wait, wait], [2, 10], [0, 10], [1, 10]);
    const { position } = machine;
    expect(step(machine, 100)).toEqual({ reason: 'wait' });
    expect([machine.position, machine.currentHart]).toEqual([position + 3, 1]);
    expect([0, 1, 2].map((hart) => register(machine, hart, 5))).toEqual([0, 0, 0]);
    // Nobody injected anything, and the caller runs on: each goes on to its next WFI.
    expect(step(machine, 100)).toEqual({ reason: 'wait' });
    expect(machine.position).toBe(position + 9);
    expect([0, 1, 2].map((hart) => register(machine, hart, 5))).toEqual([1, 1, 1]);
  });

  test('a wait at the position asked for is reported, and an interrupt there goes to whom it is for', () => {
    const enabledWait = [set(CSR.mtvec, HANDLER), set(CSR.mie, 8), csrrsi(0, CSR.mstatus, 8), WFI, addi(5, 0, 1)];
    const machine = bootAtPrograms([enabledWait, enabledWait], [0, 8], [1, 8], [1, 3]);
    expect(step(machine, 16)).toEqual({ reason: 'wait' });
    expect(step(machine, 0)).toEqual({ reason: 'position' });
    machine.interrupt(3, 1);
    step(machine);
    expect([machine.hart(1).csr(CSR.mcause), machine.hart(1).csr(CSR.mepc)]).toEqual([0x80000003, programOf(1) + 4 * 8]);
    expect(machine.hart(0).csr(CSR.mcause)).toBe(0);
  });
});

describe('one memory for all', () => {
  test('a store is seen by the very next attempt of another hart, of whatever size', () => {
    for (const [store, load, expected] of [
      [stores.sw, loads.lw, 0x81828384],
      [stores.sh, loads.lhu, 0x8384],
      [stores.sb, loads.lbu, 0x84],
    ] as const) {
      const writer = [li(5, DATA), li(6, 0x81828384), store(6, 5, 0)];
      const reader = [li(5, DATA), load(6, 5, 0), load(7, 5, 0)];
      const machine = bootAtPrograms([writer, reader], [0, 4], [1, 3], [0, 1], [1, 1]);
      step(machine, 9);
      expect([register(machine, 1, 6), register(machine, 1, 7)]).toEqual([0, expected]);
    }
  });

  /** Every way in which two harts can make so many attempts each, as a list of turns of one attempt. */
  function* interleavings(first: number, second: number): Generator<[number, number][]> {
    if (first === 0 && second === 0) yield [];
    if (first > 0) for (const rest of interleavings(first - 1, second)) yield [[0, 1], ...rest];
    if (second > 0) for (const rest of interleavings(first, second - 1)) yield [[1, 1], ...rest];
  }

  /** What two programs of two instructions each can come to, in all orders: x10 of either hart. */
  const outcomes = (one: Code, two: Code) => {
    const found = new Set<string>();
    const prologue = [li(5, DATA), li(6, DATA + 64), addi(7, 0, 1)];
    for (const order of interleavings(2, 2)) {
      const machine = bootAtPrograms(
        [
          [...prologue, ...one],
          [...prologue, ...two],
        ],
        [0, 5],
        [1, 5],
        ...order,
      );
      step(machine, 10 + 4);
      found.add(`${register(machine, 0, 10)} ${register(machine, 1, 10)}`);
    }
    return [...found].sort();
  };

  test('is sequentially consistent: store buffering has the three outcomes that an order explains', () => {
    expect(outcomes([sw(7, 5, 0), lw(10, 6, 0)], [sw(7, 6, 0), lw(10, 5, 0)])).toEqual(['0 1', '1 0', '1 1']);
  });

  test('load buffering too', () => {
    expect(outcomes([lw(10, 5, 0), sw(7, 6, 0)], [lw(10, 6, 0), sw(7, 5, 0)])).toEqual(['0 0', '0 1', '1 0']);
  });

  test('code that another hart changes runs changed at the very next fetch, though it was decoded', () => {
    const target = programOf(0) + 8;
    const loop = [addi(6, 0, 0), addi(5, 5, 1), addi(6, 6, 1), jal(0, -8)];
    const patch = [li(5, target), li(6, addi(6, 6, 0x100)), sw(6, 5, 0)];
    const machine = bootAtPrograms([loop, patch], [0, 1 + 3 * 100 + 1], [1, 5], [0, 1]);
    step(machine, 302);
    expect([register(machine, 0, 5), register(machine, 0, 6), machine.hart(0).pc]).toEqual([101, 100, target]);
    step(machine, 5);
    step(machine);
    expect(register(machine, 0, 6)).toBe(100 + 0x100);
  });

  test('also when the change is made by halves, bytes and atomics, and is changed back', () => {
    const target = programOf(0) + 4;
    const loop = [addi(5, 5, 1), addi(6, 6, 1), jal(0, -8)];
    const [before, after] = [addi(6, 6, 1), addi(6, 6, 0x101)];
    for (const [changed, original, store] of [
      [after >>> 16, before >>> 16, (source: number) => stores.sh(source, 5, 2)],
      [after >>> 24, before >>> 24, (source: number) => stores.sb(source, 5, 3)],
      [after, before, (source: number) => atomics.amoswap(0, 5, source)],
    ] as const) {
      const patch = [li(5, target), li(7, changed), li(8, original), store(7), store(8)];
      const machine = bootAtPrograms([loop, patch], [0, 300], [1, 6], [0, 3], [1, 1], [0, 3], [1, 1], [0, 3]);
      const counts = [300 + 6, 3, 1 + 3, 1 + 3].map((attempts) => {
        step(machine, attempts);
        return register(machine, 0, 6);
      });
      expect(counts).toEqual([100, 101, 101 + 0x101, 102 + 0x101]);
    }
  });

  test('harts that share nothing come to what each comes to alone, whatever the turns', () => {
    /** Sums of squares into memory of one's own. */
    const work = (hart: number): Code => [
      li(5, DATA + 0x400 * hart),
      addi(6, 0, hart + 1),
      arithmetic.mul(7, 6, 6),
      arithmetic.add(8, 8, 7),
      sw(8, 5, 0),
      atomics.amoadd(9, 5, 6),
      immediates.andi(10, 6, 63),
      immediates.slli(10, 10, 2),
      arithmetic.add(10, 10, 5),
      sw(9, 10, 0),
      addi(6, 6, 1),
      jal(0, -36),
    ];
    const programs = [work(0), work(1), work(2)];
    const attempts = 400;
    const alone = programs.map((_, hart) => {
      const machine = bootHarts(programs, () => ({ hart, attempts: 1000 }));
      machine.run(attempts);
      return machine;
    });
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        // Turns at random until each has made its attempts; then theirs are over.
        const left = [attempts, attempts, attempts];
        const random = seededSchedule({ seed, harts: 3, attemptsMax: 20 });
        const list: { hart: number; attempts: number }[] = [];
        for (let turn = 0; left.some((count) => count > 0); turn++) {
          const { hart, attempts: most } = random(turn);
          const made = Math.min(most, left[hart]!);
          left[hart]! -= made;
          if (made > 0) list.push({ hart, attempts: made });
        }
        const machine = bootHarts(programs, (turn) => list[turn]!);
        machine.run(3 * attempts);
        for (const hart of [0, 1, 2]) {
          expect(machine.hart(hart).registers).toEqual(alone[hart]!.hart(hart).registers);
          const own = DATA + 0x400 * hart;
          expect(machine.readRam(own, 0x400)).toEqual(alone[hart]!.readRam(own, 0x400));
        }
      }),
      { numRuns: 40 },
    );
  });

  test('memory protection is each hart’s own', () => {
    const napot = (DATA + 32) / 4 - 1;
    const lock = [set(CSR.mtvec, HANDLER), set(CSR.pmpaddr0, napot), set(CSR.pmpcfg0, 0x98), li(5, DATA), lw(6, 5, 0)];
    const free = [li(5, DATA), addi(6, 0, 9), sw(6, 5, 0), lw(7, 5, 0)];
    const machine = bootAtPrograms([lock, free], [0, 12], [1, 5]);
    step(machine, 17);
    expect(machine.hart(0).csr(CSR.mcause)).toBe(CAUSE.loadAccess);
    expect([machine.hart(1).csr(CSR.mcause), register(machine, 1, 7)]).toEqual([0, 9]);
  });
});

describe('reservations between harts (A extension, LR and SC)', () => {
  /** Hart 0 reserves the word at DATA, hart 1 does something, hart 0 tries to store: the result of its SC. */
  const scAfter = (meanwhile: Code) => {
    const one = [li(5, DATA), li(6, 77), lr(7, 5, 0), sc(8, 5, 6)];
    const two = [li(5, DATA), li(6, 5), ...meanwhile];
    const attempts = two.flat().length;
    const machine = bootAtPrograms([one, two], [0, 5], [1, attempts], [0, 1]);
    step(machine, 5 + attempts + 1);
    expect(machine.hart(0).pc).toBe(programOf(0) + 24);
    const result = register(machine, 0, 8);
    expect(wordAt(machine, DATA) === 77).toBe(result === 0);
    return result;
  };

  test('hold over others’ turns as long as nobody stores to the word', () => {
    expect(scAfter([NOP])).toBe(0);
    expect(scAfter([lw(7, 5, 0), lr(7, 5, 0)])).toBe(0);
    expect(scAfter([sw(6, 5, 4), sw(6, 5, -4), sb(6, 5, 4), stores.sh(6, 5, -2)])).toBe(0);
    expect(scAfter([Array.from({ length: 100 }, () => sw(6, 5, 64))])).toBe(0);
  });

  test('are lost by any store of another to the word, of each kind and size', () => {
    for (const store of [
      sw(6, 5, 0),
      stores.sh(6, 5, 0),
      stores.sh(6, 5, 2),
      stores.sb(6, 5, 0),
      stores.sb(6, 5, 3),
      sw(6, 5, 1),
      sw(6, 5, -3),
      atomics.amoadd(0, 5, 6),
      atomics.amoadd(0, 5, 0),
      atomics.amoswap(7, 5, 6),
    ]) {
      expect(scAfter([store]), store.toString(16)).toBe(1);
    }
  });

  test('are lost though the word has its old value again: by a store of the same, and by there and back', () => {
    expect(scAfter([lw(7, 5, 0), sw(7, 5, 0)])).toBe(1);
    expect(scAfter([sw(6, 5, 0), sw(0, 5, 0)])).toBe(1);
  });

  test('are lost by an SC of another that succeeds, not by one that fails', () => {
    expect(scAfter([lr(7, 5, 0), sc(8, 5, 6)])).toBe(1);
    expect(scAfter([sc(8, 5, 6)])).toBe(0);
  });

  test('are each hart’s own: an LR or SC of one takes none from another, and each has one', () => {
    const one = [li(5, DATA), lr(7, 5, 0), sc(8, 5, 6)];
    const two = [li(5, DATA + 4), lr(7, 5, 0), sc(8, 5, 6)];
    const machine = bootAtPrograms([one, two], [0, 3], [1, 3], [0, 1], [1, 1]);
    step(machine, 8);
    expect([register(machine, 0, 8), register(machine, 1, 8)]).toEqual([0, 0]);
  });

  test('of one word by two harts: who stores first wins, the other fails', () => {
    const both = [li(5, DATA), lr(7, 5, 0), sc(8, 5, 6)];
    const machine = bootAtPrograms([both, both], [0, 3], [1, 3], [1, 1], [0, 1]);
    step(machine, 8);
    expect([register(machine, 0, 8), register(machine, 1, 8)]).toEqual([1, 0]);
  });

  test('go along in a snapshot, each with its hart', () => {
    const one = [li(5, DATA), lr(7, 5, 0), sc(8, 5, 6)];
    const two = [li(5, DATA + 4), lr(7, 5, 0), sc(8, 5, 6)];
    const machine = bootAtPrograms([one, two], [0, 3], [1, 3], [0, 1], [1, 1]);
    step(machine, 6);
    expect(machine.snapshot().core.reservations).toEqual([0x2000 / 4, 0x2004 / 4]);
    const other = bootAtPrograms([one, two], [0, 3], [1, 3], [0, 1], [1, 1]);
    other.restore(machine.snapshot());
    step(other, 2);
    expect([register(other, 0, 8), register(other, 1, 8)]).toEqual([0, 0]);
    // A store in the restored machine still takes it away: its line did not stay open.
    const stored = bootAtPrograms([one, [...two.slice(0, 1), sw(0, 5, -4)]], [0, 3], [1, 3], [0, 1]);
    step(stored, 5);
    const copy = bootAtPrograms([one, [...two.slice(0, 1), sw(0, 5, -4)]], [0, 3], [1, 3], [0, 1]);
    copy.restore(stored.snapshot());
    step(copy, 2);
    expect(register(copy, 0, 8)).toBe(1);
  });
});

describe('counting together', () => {
  const ROUNDS = 50;
  const counting = (body: number[]): Code => {
    return [li(5, DATA), addi(10, 0, 1), addi(11, 0, ROUNDS), ...body, addi(11, 11, -1), bne(11, 0, -4 * (body.length + 1))];
  };
  const ways = {
    amoadd: counting([atomics.amoadd(0, 5, 10)]),
    'lr and sc': counting([lr(6, 5, 0), addi(6, 6, 1), sc(7, 5, 6), bne(7, 0, -12)]),
    'load and store': counting([lw(6, 5, 0), addi(6, 6, 1), sw(6, 5, 0)]),
  };
  const sumOf = (way: Code, harts: number, seed: number) => {
    const machine = bootHarts(
      Array.from({ length: harts }, () => way),
      seededSchedule({ seed, harts, attemptsMax: 5 }),
    );
    machine.run(20_000);
    for (let hart = 0; hart < harts; hart++) expect(machine.hart(hart).pc).toBe(programOf(hart) + 4 * way.flat().length);
    return wordAt(machine, DATA);
  };

  test.each(['amoadd', 'lr and sc'] as const)('with %s nothing is lost, whatever the turns', (way) => {
    for (let harts = 1; harts <= 4; harts++) {
      for (let seed = 0; seed < 25; seed++) expect(sumOf(ways[way], harts, seed)).toBe(harts * ROUNDS);
    }
  });

  test('control: with plain loads and stores it is', () => {
    const lost = Array.from({ length: 25 }, (_, seed) => 4 * ROUNDS - sumOf(ways['load and store'], 4, seed));
    expect(lost.filter((count) => count > 0).length).toBe(25);
  });
});

describe('runs that are cut', () => {
  /** Harts that count under a lock, wake the next one and wait. */
  const relay = (harts: number) => (hart: number) => [
    set(CSR.mie, 8),
    li(5, DATA),
    li(6, CLINT),
    addi(7, 0, 1),
    atomics.amoadd(8, 5, 7),
    lr(9, 5, 64),
    lr(9, 5, 0),
    sc(10, 5, 9),
    sw(7, 6, 4 * ((hart + 1) % harts)),
    sw(0, 6, 4 * hart),
    csrrw(11, CSR.mscratch, 8),
    WFI,
    jal(0, -32),
  ];
  const create = (harts: number, seed: number) => {
    const programs = Array.from({ length: harts }, (_, hart) => relay(harts)(hart));
    return bootHarts(programs, seededSchedule({ seed, harts, attemptsMax: 12 }), 16384);
  };
  const END = 3000;
  const runTo = (machine: Machine, until: number, seen: string[]) => {
    for (;;) {
      const { reason } = machine.run(until);
      if (reason === 'position') return;
      seen.push(`${reason} at ${machine.position}`);
    }
  };

  test('a snapshot in the middle of a turn goes on with the rest of that turn', () => {
    const count = [addi(5, 5, 1), addi(5, 5, 1), addi(5, 5, 1), jal(0, -12)];
    const list: [number, number][] = [
      [1, 10],
      [0, 6],
    ];
    for (let cut = 0; cut <= 16; cut++) {
      const machine = bootAtPrograms([count, count], ...list);
      const end = machine.position + 40;
      step(machine, cut);
      const other = bootAtPrograms([count, count], ...list);
      other.restore(structuredClone(machine.snapshot()));
      for (const each of [machine, other]) each.run(end);
      expect(other.snapshot().core, `cut after ${cut}`).toEqual(machine.snapshot().core);
      expect(register(other, 1, 5)).toBe(21);
    }
  });

  test.each([1, 2, 3, 4])('come to what uncut ones come to, with %i harts', (harts) => {
    let waits = 0;
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer({ min: 0, max: END }), { maxLength: 30 }), (seed, cuts) => {
        const [whole, cut, moved] = [create(harts, seed), create(harts, seed), create(harts, seed)];
        const seen: string[][] = [[], [], []];
        runTo(whole, END, seen[0]!);
        let current = moved;
        for (const position of [...cuts.toSorted((a, b) => a - b), END]) {
          runTo(cut, position, seen[1]!);
          runTo(current, position, seen[2]!);
          const next = create(harts, seed);
          next.restore(structuredClone(current.snapshot()));
          current = next;
        }
        expect(seen[1]).toEqual(seen[0]);
        expect(seen[2]).toEqual(seen[0]);
        expect(cut.stateHash()).toBe(whole.stateHash());
        expect(current.stateHash()).toBe(whole.stateHash());
        expect(wordAt(whole, DATA)).toBeGreaterThan(20);
        waits += seen[0]!.length;
      }),
      { numRuns: 25 },
    );
    // Several harts all wait now and then too: when one has just cleared what another had sent it.
    expect(waits).toBeGreaterThan(harts === 1 ? 100 : 0);
  });
});
