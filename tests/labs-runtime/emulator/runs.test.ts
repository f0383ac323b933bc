import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import { boot, NOP, RAM, SPIN } from './assembler.ts';
import { drive, randomProgram, randomSchedule, randomWord } from './programs.ts';

const END = 3000;
const ramBytes = 8192;

function load(image: Uint8Array): Machine {
  const machine = new Machine({ ramBytes });
  machine.load(image);
  return machine;
}

/** Compares without the hash, which is under test too. */
function sameRam(one: Machine, other: Machine): boolean {
  const bytes = other.readRam(RAM, ramBytes);
  return one.readRam(RAM, ramBytes).every((byte, index) => byte === bytes[index]);
}

const seed = fc.integer({ min: 0, max: 0x7fffffff });
const positions = fc.array(fc.integer({ min: 0, max: END }), { maxLength: 40 });

describe('the same image with the same events at the same positions (VMware FT, section 2.1)', () => {
  test('reaches the same state however the run is split', () => {
    fc.assert(
      fc.property(seed, positions, (number, pauses) => {
        const schedule = randomSchedule(number, END);
        const [whole, unbroken] = drive(load(randomProgram(number)), schedule);
        const [parts, split] = drive(load(randomProgram(number)), schedule, pauses);
        expect(parts).toEqual(whole);
        expect(split.stateHash()).toBe(unbroken.stateHash());
      }),
      { numRuns: 80 },
    );
  });

  test('reaches the same state when it goes on in another machine, restored from a snapshot with nothing decoded yet', () => {
    fc.assert(
      fc.property(seed, positions, (number, pauses) => {
        const schedule = randomSchedule(number, END);
        const [whole, unbroken] = drive(load(randomProgram(number)), schedule);
        const [parts, moved] = drive(load(randomProgram(number)), schedule, pauses, (machine) => {
          const next = new Machine({ ramBytes });
          next.restore(structuredClone(machine.snapshot()));
          expect(next.stateHash()).toBe(machine.stateHash());
          return next;
        });
        expect(parts).toEqual(whole);
        expect(moved.stateHash()).toBe(unbroken.stateHash());
        expect(moved.snapshot().core).toEqual(unbroken.snapshot().core);
        expect(sameRam(moved, unbroken)).toBe(true);
      }),
      { numRuns: 80 },
    );
  });

  test('reaches the same states again after being rewound to a snapshot', () => {
    fc.assert(
      fc.property(seed, (number) => {
        const machine = load(randomProgram(number));
        const hashes = (count: number) =>
          Array.from({ length: count }, () => {
            machine.run(machine.position + 7);
            return machine.stateHash();
          });
        hashes(10);
        const snapshot = machine.snapshot();
        const first = hashes(40);
        machine.restore(snapshot);
        expect(hashes(40)).toEqual(first);
      }),
      { numRuns: 60 },
    );
  });

  test('the random programs do what a guest does: they read the clock, send, wait and take interrupts', () => {
    const reasons = new Set<string>();
    const causes = new Set<number>();
    for (let number = 0; number < 60; number++) {
      const [seen, machine] = drive(load(randomProgram(number)), randomSchedule(number, END), [100, 200, 300, 400], (paused) => {
        causes.add(paused.csr(0x342)!);
        return paused;
      });
      for (const stop of seen) reasons.add(stop.split(' ')[1]!);
      causes.add(machine.csr(0x342)!);
    }
    expect([...reasons].sort()).toEqual(expect.arrayContaining(['clock', 'output', 'wait']));
    expect(causes.size).toBeGreaterThanOrEqual(8);
  });
});

describe('positions', () => {
  test('a run stops exactly where it was told, also far away and across the interpreter’s own pauses', () => {
    const machine = boot([SPIN]);
    for (const until of [0, 1, 2, 4095, 4096, 4097, 8192, 100_000, 1_000_003]) {
      expect(machine.run(until)).toEqual({ reason: 'position' });
      expect(machine.position).toBe(until);
    }
  });

  test('a position in the past, or one that is no integer, is refused', () => {
    const machine = boot([NOP, NOP, SPIN]);
    machine.run(2);
    for (const until of [1, -1, 2.5, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => machine.run(until)).toThrow(RangeError);
    expect(machine.position).toBe(2);
  });
});

describe('any words at all', () => {
  test('never crash the host, and give one state', () => {
    fc.assert(
      fc.property(seed, (number) => {
        const prng = createPrng(number);
        const image = new Uint8Array(Uint32Array.from({ length: ramBytes / 4 }, () => randomWord(prng)).buffer);
        const schedule = randomSchedule(number, 1500);
        const [seen, machine] = drive(load(image), schedule);
        const [again, twin] = drive(load(image), schedule, [1, 10, 100, 1000]);
        expect(again).toEqual(seen);
        expect(twin.stateHash()).toBe(machine.stateHash());
        expect(machine.pc % 4).toBe(0);
      }),
      { numRuns: 80 },
    );
  });
});
