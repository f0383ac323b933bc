/**
 * Programs and states at random: nothing that a guest does throws, hangs or moves the position in another way than one at a time, and what it
 * does is the same however the run is cut and however much of it the fast path does. Between two attempts, a state hash closes all lines of
 * RAM, so that in such a run every store goes the slow way; a machine restored from a snapshot has decoded nothing.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../../labs-runtime/emulator/machine.ts';
import { Machine, seededSchedule } from '../../../labs-runtime/emulator/machine.ts';
import { createPrng, type Prng } from '../../../labs-runtime/sim/prng.ts';
import { addi, boot, bytesOf, csrrs, csrrw, MRET, NOP, RAM } from './assembler.ts';
import { MACHINE, MPIE, MPP, MPRV, TW, USER } from './modes.ts';
import { drive, type ProgramOptions, randomProgram, randomSchedule, randomWord, type Schedule, type Seen } from './programs.ts';

const END = 1000;
const ramBytes = 8192;

const seed = fc.integer({ min: 0, max: 0x7fffffff });
const positions = fc.array(fc.integer({ min: 0, max: END }), { maxLength: 30 });
const everyPosition = Array.from({ length: END }, (_, index) => index + 1);

function machineWith(harts: number, seedOfTurns: number): Machine {
  return new Machine({ ramBytes, harts, schedule: seededSchedule({ seed: seedOfTurns, harts, attemptsMax: 16 }) });
}

/** Steps over what trapped, and goes back; what interrupts does so again at once, which is as good as any state. */
const STEP_OVER = [csrrs(29, 0x341, 0), addi(29, 29, 4), csrrw(0, 0x341, 29), MRET];

/** What a run came to. Compared as a whole and without the hash, which is under test too. */
interface Result {
  seen: Seen[];
  core: Snapshot['core'];
  ram: Uint8Array;
}

function resultOf([seen, machine]: [Seen[], Machine]): Result {
  expect(machine.position === END || machine.power !== 'on', `position ${machine.position}`).toBe(true);
  return { seen, core: machine.snapshot().core, ram: machine.readRam(RAM, ramBytes) };
}

/** Runs a machine in one piece, in pieces, attempt by attempt with all lines closed, and from snapshots in other machines: all come to one result. */
function expectOneResult(
  create: () => Machine,
  createBlank: () => Machine,
  schedule: Schedule,
  pauses: number[],
  look?: (machine: Machine) => void,
): Result {
  const whole = resultOf(drive(create(), schedule));
  expect(resultOf(drive(create(), schedule, pauses))).toEqual(whole);
  const checked = drive(create(), schedule, everyPosition, (machine) => {
    machine.stateHash();
    const { registers, pc } = machine;
    look?.(machine);
    if (registers[0] !== 0 || pc % 4 !== 0) throw new Error(`at position ${machine.position}, pc is ${pc} and x0 ${registers[0]}`);
    return machine;
  });
  expect(resultOf(checked)).toEqual(whole);
  const moved = drive(create(), schedule, pauses, (machine) => {
    const next = createBlank();
    next.restore(structuredClone(machine.snapshot()));
    return next;
  });
  expect(resultOf(moved)).toEqual(whole);
  expect(moved[1].stateHash()).toBe(checked[1].stateHash());
  return whole;
}

const PROGRAMS: [name: string, harts: number, options: ProgramOptions][] = [
  ['in machine mode', 1, {}],
  ['in user mode', 1, { isUser: true }],
  ['that modify themselves', 1, { isSelfModifying: true }],
  ['that modify themselves in user mode', 1, { isUser: true, isSelfModifying: true }],
  ['on two harts', 2, {}],
  ['on four harts that modify them, in user mode', 4, { isUser: true, isSelfModifying: true }],
];

describe.each(PROGRAMS)('programs %s', (_name, harts, options) => {
  const create = (number: number) => {
    const machine = machineWith(harts, number);
    machine.load(randomProgram(number, options));
    return machine;
  };

  test('come to one result however they are run', () => {
    fc.assert(
      fc.property(seed, positions, (number, pauses) => {
        const schedule = randomSchedule(number, END);
        expectOneResult(
          () => create(number),
          () => machineWith(harts, number),
          schedule,
          pauses,
        );
      }),
      { numRuns: 12 },
    );
  });

  test('do something: they store, trap, and are not stuck', () => {
    const causes = new Set<number>();
    const places = new Set<number>();
    let changed = 0;
    for (let number = 0; number < 30; number++) {
      const machine = create(number);
      const before = machine.readRam(RAM, ramBytes);
      const [, after] = drive(
        machine,
        randomSchedule(number, END),
        everyPosition.filter((at) => at % 30 === 0),
        (paused) => {
          for (let hart = 0; hart < harts; hart++) {
            causes.add(paused.hart(hart).csr(0x342)!);
            places.add(paused.hart(hart).pc);
          }
          return paused;
        },
      );
      if (after.readRam(RAM, ramBytes).some((byte, index) => byte !== before[index])) changed++;
    }
    expect(changed).toBeGreaterThan(20);
    expect(causes.size).toBeGreaterThan(5);
    expect(places.size).toBeGreaterThan(80);
  });
});

/** A state in which a hart could be, or almost: any registers, any protection, any mode, any words in RAM. */
function randomSnapshot(prng: Prng, blank: Snapshot): Snapshot {
  const address = () => RAM + 4 * prng.int(ramBytes / 4);
  const near = () => (prng.int(3) === 0 ? prng.next() : address() + prng.int(16) - 8);
  const pmpAddress = () => prng.pick([near() >>> 2, (address() >>> 2) | (2 ** prng.int(31) - 1), prng.next()]);
  const permissions = () => prng.pick([7, 7, 7, 7, 1, 3, 4, 5, 0]);
  const configuration = () => (prng.int(4) > 0 ? 0 : prng.pick([0x08, 0x10, 0x18]) | permissions() | (prng.int(16) === 0 ? 0x80 : 0));
  // Often the last entry allows the rest, or most states would end at their first fetch.
  const rest = prng.int(4) > 0 ? [0x1f, -1] : [0, 0];
  const harts = blank.core.harts.map((hart) => ({
    ...hart,
    registers: hart.registers.map((_, index) => (index === 0 ? 0 : near() | 0)),
    pc: address() | 0,
    privilege: prng.pick([USER, MACHINE]),
    mstatus: prng.next() & (8 | MPIE | MPRV | TW | (prng.int(2) * MPP)) & (prng.int(4) === 0 ? -1 : ~MPRV),
    mie: prng.int(3) === 0 ? prng.next() & 0x888 : 0,
    mtvec: (prng.int(4) === 0 ? address() | prng.int(2) : RAM) | 0,
    mepc: address() | 0,
    mcounteren: prng.int(8),
    pmp: {
      configurations: hart.pmp.configurations.map(configuration).with(15, rest[0]!),
      addresses: hart.pmp.addresses.map(() => pmpAddress() | 0).with(15, rest[1]!),
    },
  }));
  // MPP holds one of the two modes that there are.
  for (const hart of harts) if ((hart.mstatus & MPP) !== MPP) hart.mstatus &= ~MPP;
  const pages = blank.pages.map((page) => new Uint8Array(Uint32Array.from({ length: page.length / 4 }, () => randomWord(prng)).buffer));
  pages[0]!.set(bytesOf(STEP_OVER));
  return { ...blank, core: { ...blank.core, harts }, pages };
}

describe.each([1, 3])('any words in any state, with %i harts', (harts) => {
  test('neither throw nor hang, and come to one result however they are run', () => {
    const found = new Set<string>();
    fc.assert(
      fc.property(seed, positions, (number, pauses) => {
        const create = () => {
          const machine = machineWith(harts, number);
          machine.restore(randomSnapshot(createPrng(number), machine.snapshot()));
          return machine;
        };
        const look = (machine: Machine) => found.add(`${machine.hart(0).privilege} ${machine.csr(0x342)}`);
        expectOneResult(create, () => machineWith(harts, number), randomSchedule(number, END), pauses, look);
      }),
      { numRuns: 40 },
    );
    expect(found.size).toBeGreaterThan(8);
  });
});

describe('memory protection that allows everything', () => {
  /** Where a program in user mode has just come there. */
  const snapshotOf = (number: number, isSelfModifying: boolean) => {
    const machine = boot([NOP], ramBytes);
    machine.load(randomProgram(number, { isUser: true, isSelfModifying }));
    while (machine.hart(0).privilege !== USER) machine.run(machine.position + 1);
    return machine.snapshot();
  };
  const withEntries = (snapshot: Snapshot, list: [configuration: number, address: number][]) => {
    const configurations = Array.from({ length: 16 }, (_, index) => list[index]?.[0] ?? 0);
    const addresses = Array.from({ length: 16 }, (_, index) => (list[index]?.[1] ?? 0) | 0);
    return { ...snapshot, core: { ...snapshot.core, harts: [{ ...snapshot.core.harts[0]!, pmp: { configurations, addresses } }] } };
  };
  const [TOR, NA4, NAPOT, RWX, LOCKED] = [0x08, 0x10, 0x18, 7, 0x80];
  /** Beyond what the programs touch, since an access over an edge is refused even where both sides would allow it. */
  const edge = (RAM + 0x1f00) / 4;

  test('gives one result by one entry, by several, and by locked ones that bind machine mode too', () => {
    const ways: [number, number][][] = [
      [[NAPOT | RWX, 0xffffffff]],
      [[TOR | RWX, 0x40000000]],
      [
        [NAPOT | RWX, 0x0fffffff],
        [NAPOT | RWX, 0x2fffffff],
      ],
      [
        [TOR | RWX, edge],
        [TOR | RWX, 0x40000000],
      ],
      [
        [NA4 | RWX, edge],
        [NAPOT | RWX, 0xffffffff],
      ],
      [[LOCKED | NAPOT | RWX, 0xffffffff]],
      [
        [LOCKED | TOR | RWX, RAM / 4],
        [LOCKED | NAPOT | RWX, 0xffffffff],
      ],
      Array.from({ length: 16 }, (_, index): [number, number] => [TOR | RWX, index === 15 ? 0x40000000 : edge + index]),
    ];
    fc.assert(
      fc.property(seed, fc.boolean(), positions, (number, isSelfModifying, pauses) => {
        const start = snapshotOf(number, isSelfModifying);
        const schedule = { events: randomSchedule(number, END).events.filter(({ at }) => at > 100), end: END };
        const results = ways.map((way) => {
          const machine = new Machine({ ramBytes });
          machine.restore(withEntries(start, way));
          const [seen, after] = drive(
            machine,
            schedule,
            pauses.filter((at) => at > 100),
          );
          const { core } = after.snapshot();
          const { pmp, ...hart } = core.harts[0]!;
          expect(pmp.configurations[0]).toBe(way[0]![0]);
          return { seen, core: { ...core, harts: [hart] }, ram: after.readRam(RAM, ramBytes) };
        });
        for (const result of results) expect(result).toEqual(results[0]);
      }),
      { numRuns: 15 },
    );
  });
});
