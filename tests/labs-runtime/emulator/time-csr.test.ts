/**
 * The CSRs time and timeh: the same clock as mtime, which the machine has to ask its caller for, and which therefore is logged and replayed in
 * the same way. Unprivileged ISA, chapter on Zicntr; VMware FT, section 2.1 (a clock read is its first example of nondeterminism).
 */
import { describe, expect, test } from 'vitest';
import type { HartSchedule } from '../../../labs-runtime/emulator/machine.ts';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { decodeRecorded, encodeRecorded } from '../../../labs-runtime/ft/log-codec.ts';
import type { LogEntry } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer, ReplayDivergence } from '../../../labs-runtime/ft/replayer.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import type { Code } from './assembler.ts';
import {
  arithmetic,
  atomics,
  bne,
  boot,
  bytesOf,
  csrrc,
  csrrci,
  csrrs,
  csrrsi,
  csrrw,
  csrrwi,
  HANDLER,
  immediates,
  jal,
  li,
  lw,
  MRET,
  MTIME,
  NOP,
  RAM,
  runToTrap,
  SPIN,
  sw,
  withHandler,
} from './assembler.ts';
import { bootUser, CAUSE, CSR, set } from './modes.ts';

const rdtime = (rd: number) => csrrs(rd, CSR.time, 0);
const rdtimeh = (rd: number) => csrrs(rd, CSR.timeh, 0);

describe('reading time', () => {
  test('stops the run before the attempt, and gives the low or the high word of what the caller says', () => {
    const machine = boot([NOP, rdtime(2), rdtimeh(3), SPIN]);
    expect(machine.run(100)).toEqual({ reason: 'clock' });
    expect([machine.position, machine.pc]).toEqual([1, RAM + 4]);
    machine.provideClock(0x1111_2222_9333_4444n);
    expect(machine.run(100)).toEqual({ reason: 'clock' });
    expect([machine.position, machine.pc]).toEqual([2, RAM + 8]);
    machine.provideClock(0xf555_6666_7777_8888n);
    expect(machine.run(100)).toEqual({ reason: 'position' });
    expect([machine.registers[2], machine.registers[3]]).toEqual([0x93334444, 0xf5556666]);
  });

  test('without a value stops again, and nothing has changed', () => {
    const machine = boot([NOP, rdtime(2), SPIN]);
    machine.run(100);
    const hash = machine.stateHash();
    expect(machine.run(100)).toEqual({ reason: 'clock' });
    expect([machine.position, machine.stateHash()]).toEqual([1, hash]);
    expect(machine.csr(CSR.minstret)).toBe(1);
  });

  test('takes a value that is there already, and none that was meant for another attempt', () => {
    const machine = boot([NOP, rdtime(2), rdtime(3), SPIN]);
    machine.run(1);
    machine.provideClock(7n);
    expect(machine.run(2)).toEqual({ reason: 'position' });
    expect(machine.registers[2]).toBe(7);
    expect(machine.run(3)).toEqual({ reason: 'clock' });
    const early = boot([NOP, rdtime(2), SPIN]);
    early.provideClock(7n);
    expect(early.run(2)).toEqual({ reason: 'clock' });
  });

  test('drops the value if an interrupt comes first', () => {
    const machine = boot(withHandler([set(CSR.mie, 8), csrrsi(0, CSR.mstatus, 8), rdtime(2)]));
    expect(machine.run(100)).toEqual({ reason: 'clock' });
    const { position } = machine;
    machine.provideClock(7n);
    machine.interrupt(3);
    expect(machine.run(position + 10)).toEqual({ reason: 'position' });
    expect([machine.csr(CSR.mcause), machine.registers[2]]).toEqual([0x80000003, 0]);
  });

  test('stops in each form that only reads, also into x0', () => {
    for (const instruction of [rdtime(0), csrrc(2, CSR.time, 0), csrrsi(2, CSR.time, 0), csrrci(0, CSR.timeh, 0)]) {
      const machine = boot([instruction, SPIN]);
      expect(machine.run(10)).toEqual({ reason: 'clock' });
      machine.provideClock(5n);
      expect(machine.run(10)).toEqual({ reason: 'position' });
      expect(machine.registers[0]).toBe(0);
    }
  });

  test('a write is illegal at once and asks nobody', () => {
    for (const number of [CSR.time, CSR.timeh]) {
      for (const instruction of [
        csrrw(2, number, 0),
        csrrs(2, number, 1),
        csrrc(2, number, 1),
        csrrwi(2, number, 0),
        csrrsi(2, number, 1),
      ]) {
        expect(runToTrap([instruction])).toMatchObject({ cause: CAUSE.illegal, value: instruction });
      }
    }
  });

  test('in user mode stops where mcounteren lets it read, and traps without a stop where it does not', () => {
    const open = bootUser([rdtime(2), SPIN], { setup: [set(CSR.mcounteren, 2)] });
    expect(open.run(open.position + 10)).toEqual({ reason: 'clock' });
    open.provideClock(9n);
    open.run(open.position + 1);
    expect(open.registers[2]).toBe(9);
    const closed = bootUser([rdtime(2), SPIN], { setup: [set(CSR.mcounteren, 5)] });
    expect(closed.run(closed.position + 10)).toEqual({ reason: 'position' });
    expect([closed.pc, closed.csr(CSR.mcause)]).toEqual([HANDLER, CAUSE.illegal]);
  });

  test('a caller cannot read it: only a guest’s read has a value', () => {
    const machine = boot([rdtime(2), SPIN]);
    expect([machine.csr(CSR.time), machine.csr(CSR.timeh)]).toEqual([undefined, undefined]);
    machine.provideClock(0x1_0000_0002n);
    expect([machine.csr(CSR.time), machine.csr(CSR.timeh)]).toEqual([2, 1]);
    machine.run(5);
    expect(machine.csr(CSR.time)).toBeUndefined();
  });

  test('stops for the hart whose turn it is', () => {
    const schedule: HartSchedule = (turn) => ({ hart: 1 - (turn % 2), attempts: 2 });
    const machine = new Machine({ harts: 2, schedule });
    machine.load(bytesOf([csrrs(5, CSR.mhartid, 0), rdtime(2), SPIN]));
    for (const hart of [1, 0]) {
      expect(machine.run(100)).toEqual({ reason: 'clock' });
      expect([machine.currentHart, machine.position]).toEqual([hart, hart === 1 ? 1 : 3]);
      machine.provideClock(BigInt(50 + hart));
    }
    machine.run(100);
    expect([0, 1].map((hart) => machine.hart(hart).registers[2])).toEqual([50, 51]);
  });
});

describe('time and mtime are one clock', () => {
  test('the same value gives the same words', () => {
    const value = 0x89ab_cdef_0123_4567n;
    const byCsr = boot([li(1, MTIME), rdtime(2), rdtimeh(3), SPIN]);
    const byLoad = boot([li(1, MTIME), lw(2, 1, 0), lw(3, 1, 4), SPIN]);
    for (const machine of [byCsr, byLoad]) {
      for (let read = 0; read < 2; read++) {
        expect(machine.run(100)).toEqual({ reason: 'clock' });
        machine.provideClock(value);
      }
      machine.run(100);
    }
    expect(byCsr.registers).toEqual(byLoad.registers);
    expect(byCsr.snapshot().core).toEqual(byLoad.snapshot().core);
  });

  test('the loop that the manual gives for reading 64 bits asks three times, and again if the high word changed', () => {
    const machine = boot([rdtimeh(2), rdtime(3), rdtimeh(4), bne(2, 4, -12), SPIN]);
    const values = [0x0_ffff_ffffn, 0x1_0000_0000n, 0x1_0000_0001n, 0x1_0000_0002n, 0x1_0000_0003n, 0x1_0000_0004n];
    for (const value of values) {
      expect(machine.run(100)).toEqual({ reason: 'clock' });
      machine.provideClock(value);
    }
    expect(machine.run(100)).toEqual({ reason: 'position' });
    expect([machine.registers[2], machine.registers[3], machine.registers[4]]).toEqual([1, 3, 1]);
  });
});

describe('a run that reads time is recorded and replayed', () => {
  /** Mixes reads of the clock, by all four ways, into x8 and memory, with a handler that counts interrupts and reads it too. */
  const program: Code = [
    jal(0, 4 * 9),
    [rdtime(20), arithmetic.add(9, 9, 20), atomics.amoadd(0, 7, 20), csrrs(20, CSR.mcause, 0), li(21, 0x11000000), sw(0, 21, 0), MRET],
    [li(1, MTIME), li(7, RAM + 0x1000), set(CSR.mtvec, RAM + 4), set(CSR.mie, 8), csrrsi(0, CSR.mstatus, 8)].flat(),
    [rdtime(2), lw(3, 1, 0), rdtimeh(4), lw(5, 1, 4)],
    [arithmetic.add(8, 8, 2), arithmetic.xor(8, 8, 3), arithmetic.add(8, 8, 4), arithmetic.sub(8, 8, 5)],
    [immediates.slli(6, 8, 3), arithmetic.xor(8, 8, 6), sw(8, 7, 4), jal(0, -4 * 11)],
  ].flat(2);
  const END = 20_000;

  const create = () => {
    const machine = new Machine({ ramBytes: 8192 });
    machine.load(bytesOf(program));
    return machine;
  };

  const record = (seed: number) => {
    const machine = create();
    const prng = createPrng(seed);
    const entries: LogEntry[] = [];
    let ticks = BigInt(prng.next()) << 10n;
    const recorder = createRecorder({
      machine,
      clock: () => (ticks += BigInt(prng.int(2 ** 31))),
      log: (recorded) => entries.push({ seq: entries.length + 1, ...recorded }),
      output: () => expect.unreachable(),
    });
    while (machine.position < END) {
      expect(recorder.run(Math.min(END, machine.position + 1 + prng.int(200)))).toBe('position');
      recorder.interrupt(3);
    }
    return { entries, hash: machine.stateHash(), digest: machine.registers[8] };
  };

  const replay = (entries: LogEntry[]) => {
    const machine = create();
    const replayer = createReplayer({ machine });
    for (const entry of entries) replayer.accept(entry);
    replayer.run();
    expect(machine.position).toBe(END);
    return machine.stateHash();
  };

  test('each read is an entry at its position, and the replay comes to the same state', () => {
    const { entries, hash } = record(1);
    const clocks = entries.filter(({ event }) => event.kind === 'clock');
    expect(clocks.length).toBeGreaterThan(4000);
    expect(new Set(clocks.map(({ at }) => at)).size).toBe(clocks.length);
    expect(replay(entries)).toBe(hash);
    const encoded = entries.map((entry) => ({ seq: entry.seq, ...decodeRecorded(encodeRecorded(entry)) }));
    expect(replay(encoded)).toBe(hash);
    expect(record(2).hash).not.toBe(hash);
  });

  test('control: another value of any one read, high word or low, is another state', () => {
    const { entries, hash } = record(3);
    const prng = createPrng(3);
    const clocks = [...entries.keys()].filter((index) => entries[index]!.event.kind === 'clock');
    let differing = 0;
    for (let round = 0; round < 20; round++) {
      const index = prng.pick(clocks);
      const changed = entries.map((entry, at) =>
        at === index && entry.event.kind === 'clock' ? { ...entry, event: { kind: 'clock' as const, value: ~entry.event.value } } : entry,
      );
      if (replay(changed) !== hash) differing++;
    }
    expect(differing).toBe(20);
  });

  test('control: a log that lacks one read, or has it elsewhere, is refused there', () => {
    const { entries } = record(4);
    const index = entries.findIndex(({ event, at }) => event.kind === 'clock' && at > 5000);
    const without = entries.filter((_, at) => at !== index).map((entry, at) => ({ ...entry, seq: at + 1 }));
    expect(() => replay(without)).toThrow(ReplayDivergence);
    expect(() => replay(without)).toThrow(/read the clock/);
    const moved = entries.map((entry, at) => (at === index ? { ...entry, at: entry.at + 1 } : entry));
    expect(() => replay(moved)).toThrow(ReplayDivergence);
  });
});
