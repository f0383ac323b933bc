/** The first instruction that did something different, found in pairs of recordings whose difference is known. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { LogEntry, LogEvent } from '../../../labs-runtime/ft/log-entry.ts';
import { compareRecordings, type Divergence } from '../../../labs-runtime/monitor/diverge.ts';
import type { Recording } from '../../../labs-runtime/monitor/recording.ts';
import { ReplayRun } from '../../../labs-runtime/monitor/replay-run.ts';
import { bootMachine, type MachineSetup } from '../../../labs-runtime/monitor/setup.ts';
import { clockworkRun, guestSetup, monitored, type Monitored } from './monitored.ts';

let setup: MachineSetup;
let run: Monitored;
let recording: Recording;
beforeAll(async () => {
  ({ setup, run } = await clockworkRun(29));
  recording = recordingOf(setup, run.entries, run.machine.position);
});

/** A recording that the run was cut off from: without an end and marks. */
function recordingOf(machine: MachineSetup, entries: readonly LogEntry[], endPosition: number): Recording {
  return { setup: machine, entries: [...entries], marks: [], endPosition, end: undefined, trouble: undefined };
}

/** The recording with one entry changed, up to the first `attempts` after it. */
function withEntry(index: number, change: (event: LogEvent) => LogEvent | undefined, attempts: number): Recording {
  const entry = run.entries[index]!;
  const changed = change(entry.event);
  const entries = run.entries.slice(0, index);
  if (changed !== undefined) entries.push({ ...entry, event: changed });
  return recordingOf(setup, entries, entry.at + attempts);
}

/** The middle entry of a kind. */
function indexOf(kind: LogEvent['kind']): number {
  const indices = [...run.entries.keys()].filter((index) => run.entries[index]!.event.kind === kind);
  return indices[indices.length >> 1]!;
}

function divergence(a: Recording, b: Recording): Divergence {
  const comparison = compareRecordings(a, b);
  expect(comparison.kind).toBe('diverged');
  return comparison as Divergence;
}

/** A machine of the run at a position. */
function machineAt(position: number) {
  const machine = bootMachine(setup);
  new ReplayRun({ machine, entries: run.entries }).runTo(position);
  return machine;
}

describe('a difference', () => {
  test('in a clock value shows in the load that got it: the instruction, both values, and all else the same', () => {
    const index = indexOf('clock');
    const { at, event } = run.entries[index]!;
    const value = event.kind === 'clock' ? event.value : 0n;
    const other = withEntry(index, () => ({ kind: 'clock', value: value + 5n }), 20);
    const found = divergence(recording, other);
    expect(found.differsAt).toBe(at + 1);
    expect(found.attempt).toMatchObject({ position: at, hart: 0 });
    const { instruction } = found.attempt!;
    expect(instruction.a).toEqual(instruction.b);
    expect(instruction.a.text).toMatch(/^lw /);
    expect(instruction.a.address).toBe(machineAt(at).pc);
    const [a, b] = [found.harts.a[0]!, found.harts.b[0]!];
    const different = a.registers.flatMap((register, number) => (register === b.registers[number] ? [] : [number]));
    expect(different).toHaveLength(1);
    expect([a.registers[different[0]!], b.registers[different[0]!]]).toEqual([Number(value), Number(value) + 5]);
    expect(a.pc).toBe(b.pc);
    expect(found.firstDifferent.a).toEqual(run.entries[index]);
    expect(found.firstDifferent.b!.event).toEqual({ kind: 'clock', value: value + 5n });
    expect(found.lastEntries.a.at(-1)).toEqual(run.entries[index]);
  });

  test('in an interrupt is there before the instruction: one machine is in its handler after the next attempt', () => {
    const index = indexOf('interrupt');
    const { at } = run.entries[index]!;
    const found = divergence(
      recording,
      withEntry(index, () => undefined, 200),
    );
    expect(found.differsAt).toBe(at);
    expect(found.attempt!.position).toBe(at);
    expect(found.harts.a[0]!.pc).not.toBe(found.harts.b[0]!.pc);
    expect(found.harts.a[0]!.csrs.mcause).toBe(0x80000007);
    expect(found.firstDifferent).toEqual({ a: run.entries[index], b: undefined });
  });

  test('in a key is in a device first, and in registers once the guest reads it', () => {
    const index = indexOf('console');
    const { at, event } = run.entries[index]!;
    const byte = event.kind === 'console' ? event.byte : 0;
    const found = divergence(
      recording,
      withEntry(index, () => ({ kind: 'console', byte: byte ^ 1 }), 2000),
    );
    expect(found.differsAt).toBe(at);
    expect(found.attempt!.position).toBeGreaterThan(at);
    expect(found.attempt!.instruction.a.text).toMatch(/^lbu /);
    const before = machineAt(found.attempt!.position);
    expect(found.attempt!.instruction.a.address).toBe(before.pc);
  });

  test('that comes to nothing in registers is shown where it is', () => {
    const index = indexOf('console');
    const { at } = run.entries[index]!;
    const found = divergence(
      recording,
      withEntry(index, () => ({ kind: 'console', byte: 200 }), 1),
    );
    expect(found).toMatchObject({ differsAt: at, attempt: undefined });
    expect(found.harts.a).toEqual(found.harts.b);
    expect(found.harts.a[0]!.pc).toBe(machineAt(at).pc);
  });

  test('before the first attempt is found', async () => {
    const counter = await guestSetup('counter');
    const typed = recordingOf(counter, [{ seq: 1, at: 0, event: { kind: 'console', byte: 1 } }], 20);
    expect(divergence(typed, recordingOf(counter, [], 20))).toMatchObject({ differsAt: 0, firstDifferent: { b: undefined } });
  });

  test('is the same seen from the other side', () => {
    const other = withEntry(indexOf('clock'), () => ({ kind: 'clock', value: 1n }), 20);
    const [one, two] = [divergence(recording, other), divergence(other, recording)];
    expect([two.differsAt, two.attempt]).toEqual([one.differsAt, one.attempt]);
    expect([two.harts.a, two.harts.b]).toEqual([one.harts.b, one.harts.a]);
  });

  test('between two whole runs with other keys is where the first other key came', async () => {
    const { run: other } = await clockworkRun(30);
    const found = divergence(recording, recordingOf(setup, other.entries, other.machine.position));
    const first = run.entries.findIndex((entry, index) => JSON.stringify(plain(entry)) !== JSON.stringify(plain(other.entries[index]!)));
    const at = Math.min(run.entries[first]!.at, other.entries[first]!.at);
    expect([at, at + 1]).toContain(found.differsAt);
  });
});

/** An entry that JSON can hold. */
function plain({ at, event }: LogEntry): unknown {
  return { at, ...event, ...(event.kind === 'clock' && { value: String(event.value) }) };
}

describe('no difference', () => {
  test('between a recording and itself, up to its end', () => {
    expect(compareRecordings(recording, recording)).toEqual({ kind: 'same', position: recording.endPosition, longer: undefined });
  });

  test('where one goes on longer, up to where the other ends', () => {
    const cut = run.entries[100]!;
    const shorter = recordingOf(setup, run.entries.slice(0, 100), cut.at - 1);
    expect(compareRecordings(shorter, recording)).toEqual({ kind: 'same', position: cut.at - 1, longer: 'b' });
    expect(compareRecordings(recording, shorter)).toEqual({ kind: 'same', position: cut.at - 1, longer: 'a' });
  });
});

test('an entry that comes where the other recording ends is no difference: there the guest waited for it', async () => {
  const counter = await guestSetup('counter');
  const waiting = monitored(counter);
  waiting.runOn(1_000_000);
  const shorter = recordingOf(counter, waiting.entries, waiting.machine.position);
  waiting.monitor.type([0x61]);
  waiting.runOn(1_000_000);
  const longer = recordingOf(counter, waiting.entries, waiting.machine.position);
  expect(longer.entries[shorter.entries.length]!.at).toBe(shorter.endPosition);
  expect(compareRecordings(shorter, longer)).toEqual({ kind: 'same', position: shorter.endPosition, longer: 'b' });
  expect(compareRecordings(longer, shorter)).toEqual({ kind: 'same', position: shorter.endPosition, longer: 'a' });
});

test('other machines are told at once, and by what they differ', async () => {
  const changes: [Partial<MachineSetup>, RegExp][] = [
    [{ ramBytes: 131072 }, /^RAM: 65536 and 131072 bytes$/],
    [{ harts: 2 }, /^harts: 1 and 2$/],
    [{ disk: new Uint8Array(512) }, /^disk: 0 and 512 bytes$/],
    [{ program: { ...setup.program, entry: 0x80000004 } }, /^entry point: 0x80000000 and 0x80000004$/],
    [{ program: { ...setup.program, registers: [[10, 1]] } }, /^registers at boot$/],
    [{ program: (await guestSetup('counter')).program }, /^program: \d+ bytes at 0; and \d+ bytes at 0$/],
  ];
  for (const [change, message] of changes) {
    const comparison = compareRecordings(recording, { ...recording, setup: { ...setup, ...change } });
    expect(comparison).toEqual({ kind: 'different machines', differences: [expect.stringMatching(message)] });
  }
  const { segments } = setup.program;
  const patched = [{ offset: 0, bytes: segments[0]!.bytes.with(40, segments[0]!.bytes[40]! ^ 0xff) }];
  const comparison = compareRecordings(recording, { ...recording, setup: { ...setup, program: { ...setup.program, segments: patched } } });
  expect(comparison).toMatchObject({ differences: [expect.stringMatching(/^segment 0 of the program: byte 40 is 0x.. and 0x..$/)] });
});

describe('a recording that does not replay is told from one that differs', () => {
  test('where its log does not fit its program', () => {
    const moved = run.entries.map((entry) => (entry.seq === 50 ? { ...entry, at: entry.at + 1 } : entry));
    const comparison = compareRecordings(recording, recordingOf(setup, moved, recording.endPosition));
    expect(comparison).toMatchObject({
      kind: 'not replayable',
      which: 'b',
      explanation: expect.stringMatching(/^replay diverged at position/),
    });
  });

  test('where the state that was recorded is another: something outside of the log made it', () => {
    const marks = [10_000, 20_000, 30_000].map((at) => {
      const entries = run.entries.filter((entry) => entry.at <= at && !(entry.at === at && entry.event.kind === 'clock')).length;
      return { at, entries, hash: machineAt(at).stateHash() };
    });
    const faithful = { ...recording, marks };
    expect(compareRecordings(faithful, recording)).toMatchObject({ kind: 'same' });
    const unfaithful = { ...recording, marks: marks.map((mark) => (mark.at === 20_000 ? { ...mark, hash: '0'.repeat(16) } : mark)) };
    expect(compareRecordings(faithful, unfaithful)).toMatchObject({ kind: 'not replayable', which: 'b', after: 10_000, before: 20_000 });
  });
});
