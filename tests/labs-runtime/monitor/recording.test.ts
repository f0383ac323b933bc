/** The file of a recorded run: it holds everything, and whatever happens to it is found and said. */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../../labs-runtime/monitor/bytes.ts';
import { readRecording, RecordingError, RecordingWriter, troubleText, type Recording } from '../../../labs-runtime/monitor/recording.ts';
import { ReplayRun } from '../../../labs-runtime/monitor/replay-run.ts';
import { bootMachine, type MachineSetup } from '../../../labs-runtime/monitor/setup.ts';
import { clockworkRun, type Monitored } from './monitored.ts';

const WRITTEN_BY = 'lockstep 0.0.0';

let setup: MachineSetup;
let run: Monitored;
let disk: Uint8Array;
/** The recording of the run, as the pieces in which it was written. */
let pieces: Uint8Array[];
beforeAll(async () => {
  ({ setup, run } = await clockworkRun(11));
  disk = new Uint8Array(3 * 2 ** 20).fill(7, 2 ** 20 + 512, 2 ** 20 + 1024);
  pieces = write();
});

/** Writes the run in three parts, with a mark after the second, and an end. */
function write(): Uint8Array[] {
  const writer = new RecordingWriter();
  const written = writer.begin({ ...setup, disk }, WRITTEN_BY);
  const third = Math.floor(run.entries.length / 3);
  run.entries.forEach((entry, index) => {
    writer.append(entry);
    if (index === third) written.push(...writer.flush(entry.at));
    if (index === 2 * third) written.push(...writer.mark({ at: entry.at, hash: '0123456789abcdef' }));
  });
  written.push(...writer.end({ at: run.machine.position, hash: run.machine.stateHash(), reason: 'left' }));
  return written;
}

function joined(parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

function messageOf(file: Uint8Array): string {
  try {
    readRecording(file);
  } catch (error) {
    expect(error).toBeInstanceOf(RecordingError);
    return (error as RecordingError).message;
  }
  throw new Error('the file was read');
}

describe('a whole recording', () => {
  test('has the machine, its program, its disk, the log and how it ended', () => {
    const recording = readRecording(joined(pieces));
    const { program, ...plain } = setup;
    expect({ ...recording.setup, program: undefined, disk: setup.disk }).toEqual({ ...plain, program: undefined });
    expect(Buffer.compare(recording.setup.disk, disk)).toBe(0);
    expect(recording.setup.program.entry).toBe(program.entry);
    expect(recording.setup.program.segments).toEqual(program.segments);
    expect(recording.entries).toEqual(run.entries);
    expect(recording.endPosition).toBe(run.machine.position);
    expect(recording.end).toEqual({ at: run.machine.position, entries: run.entries.length, hash: run.machine.stateHash(), reason: 'left' });
    const third = Math.floor(run.entries.length / 3);
    expect(recording.marks).toEqual([{ at: run.entries[2 * third]!.at, entries: 2 * third + 1, hash: '0123456789abcdef' }]);
    expect(recording.trouble).toBeUndefined();
  });

  test('replays alone to the state that was recorded', () => {
    const { setup: recorded, entries, end } = readRecording(joined(pieces));
    const machine = bootMachine({ ...recorded, disk: setup.disk });
    new ReplayRun({ machine, entries }).runTo(end!.at);
    expect(machine.stateHash()).toBe(end!.hash);
  });

  test('leaves out pieces of zeros', () => {
    expect(joined(pieces).length).toBeLessThan(disk.length / 2);
  });

  test('registers at boot are kept, and a machine without them is written as one', () => {
    const registers: [number, number][] = [
      [10, 0],
      [11, 0x83fff000],
    ];
    const written = new RecordingWriter().begin({ ...setup, program: { ...setup.program, registers } }, WRITTEN_BY);
    expect(readRecording(joined(written)).setup.program.registers).toEqual(registers);
    expect(readRecording(joined(pieces)).setup.program.registers).toEqual([]);
  });
});

describe('a recording that a crash cut off', () => {
  test('is read up to the last whole chunk, wherever it was cut', () => {
    const file = joined(pieces);
    const head = joined(pieces.slice(0, -5)).length;
    const whole = readRecording(file);
    const lengths = new Set<number>();
    for (let length = head; length < file.length; length += 31) {
      const { entries, end, trouble, endPosition } = readRecording(file.slice(0, length));
      expect(entries).toEqual(whole.entries.slice(0, entries.length));
      expect(end).toBeUndefined();
      expect(endPosition).toBeGreaterThanOrEqual(entries.at(-1)?.at ?? 0);
      expect(endPosition).toBeLessThanOrEqual(run.machine.position);
      if (trouble !== undefined) expect(trouble).toMatchObject({ kind: 'cut off' });
      lengths.add(entries.length);
    }
    expect(lengths.size).toBe(4);
  });

  test('says where', () => {
    const file = joined(pieces);
    const lastAt = file.length - pieces.at(-1)!.length;
    const { trouble } = readRecording(file.slice(0, -1));
    expect(trouble).toEqual({ kind: 'cut off', at: lastAt, chunk: pieces.length - 2 });
    expect(troubleText(trouble, file.length - 1)).toBe(
      `is cut off at byte ${file.length - 1} (chunk ${pieces.length - 2} begins at byte ${lastAt})`,
    );
  });

  test('is of no use before its program is whole, and says so', () => {
    const file = joined(pieces);
    const boot = joined(pieces.slice(0, -5)).length;
    for (const length of [20, 100, boot - 1]) expect(messageOf(file.slice(0, length))).toMatch(/cut off at byte \d+.*record again/);
    expect(messageOf(file.slice(0, joined(pieces.slice(0, 2)).length))).toMatch(/ends at byte \d+, before its program is whole/);
  });
});

test('one changed byte anywhere is found: nothing before it is lost, nothing after it is believed', () => {
  const file = joined(pieces);
  const whole = readRecording(file);
  const start = pieces[0]!.length;
  fc.assert(
    fc.property(fc.integer({ min: start, max: file.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const damaged = file.with(at, file[at]! ^ change);
      let recording: Recording;
      try {
        recording = readRecording(damaged);
      } catch (error) {
        expect((error as Error).message).toMatch(/is damaged between byte \d+ and its end/);
        return;
      }
      expect(recording.trouble!.kind).toBe('damaged');
      expect(recording.trouble!.at).toBeLessThanOrEqual(at);
      expect(recording.entries).toEqual(whole.entries.slice(0, recording.entries.length));
      expect(recording.end).toBeUndefined();
    }),
    { numRuns: 150 },
  );
});

test('a chunk that is missing, doubled or moved is found', () => {
  const last = pieces.length - 1;
  const without = readRecording(joined(pieces.filter((_, index) => index !== last - 1)));
  const doubled = readRecording(joined([...pieces, pieces[last]!]));
  const moved = readRecording(joined([...pieces.slice(0, last - 1), pieces[last]!, pieces[last - 1]!]));
  for (const { trouble } of [without, doubled, moved]) expect(trouble).toMatchObject({ kind: 'damaged' });
});

describe('a file that is no recording of this version', () => {
  test.each<[string, () => Uint8Array, RegExp]>([
    ['empty', () => new Uint8Array(0), /empty/],
    ['an image', () => Uint8Array.of(0x13, 0, 0, 0), /is no recording: make one with `lockstep run IMAGE --record FILE`/],
    ['cut off in its header', () => joined(pieces).slice(0, 10), /cut off at byte 10, inside its header/],
    [
      'of another version',
      () => joined(pieces).with(8, 9),
      /has format version 9, this program reads 1: replay it with .*"lockstep 0\.0\.0"/,
    ],
  ])('%s', (_, file, message) => {
    expect(messageOf(file())).toMatch(message);
  });

  test('no name in a header can act on a terminal', () => {
    const header = joined(pieces).with(8, 9).with(12, 0x1b);
    expect(messageOf(header)).not.toContain('\x1b');
  });
});

test('a setup that something else wrote is refused by the name of its field', () => {
  const begin = (changes: Partial<MachineSetup>) => joined(new RecordingWriter().begin({ ...setup, ...changes }, WRITTEN_BY));
  expect(messageOf(begin({ ramBytes: -4096 }))).toMatch(/no right value for ramBytes/);
  expect(messageOf(begin({ ramBytes: 5000 }))).toMatch(/no right value for ramBytes/);
  expect(messageOf(begin({ harts: 5 }))).toMatch(/no right value for harts/);
  expect(messageOf(begin({ disk: new Uint8Array(100) }))).toMatch(/no right value for diskBytes/);
  expect(messageOf(begin({ program: { ...setup.program, segments: [{ offset: setup.ramBytes, bytes: new Uint8Array(1) }] } }))).toMatch(
    /no right value for segments/,
  );
});

test('integers of every length come back as they were', () => {
  const values = [0, 1, 127, 128, 16383, 16384, 2 ** 31, 2 ** 32, 2 ** 52, Number.MAX_SAFE_INTEGER];
  const writer = new ByteWriter();
  for (const value of values) writer.integer(value);
  const reader = new ByteReader(writer.take());
  expect(values.map(() => reader.integer())).toEqual(values);
  expect(reader.isAtEnd).toBe(true);
});
