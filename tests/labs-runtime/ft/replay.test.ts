/**
 * Deterministic replay (VMware FT, section 2.1): replaying the log of a run gives the same machine state at every point of it. The controls
 * show that the comparison sees one missing, moved or changed entry.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeRecorded, encodeRecorded } from '../../../labs-runtime/ft/log-codec.ts';
import type { LogEntry } from '../../../labs-runtime/ft/log-entry.ts';
import { createReplayer } from '../../../labs-runtime/ft/replayer.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import { bootedMachine, compareReplay, recordRun, stateAt, textOf, type RecordedRun } from './recorded-run.ts';

const POINTS = 1000;
const CONTROLS = 40;

/** Entries numbered anew from 1, as the channel would have numbered this log. */
function renumber(entries: readonly LogEntry[]): LogEntry[] {
  return entries.map((entry, index) => ({ ...entry, seq: index + 1 }));
}

/** The same log with the entry at `index` replaced by what `change` makes of it. */
function withChanged(entries: readonly LogEntry[], index: number, change: (entry: LogEntry) => LogEntry): LogEntry[] {
  return entries.map((entry, at) => (at === index ? change(entry) : entry));
}

/** Every kind of event that a guest's log holds. Those on the network have no use for a console byte; the one is that of the last point. */
const KINDS: Record<string, string[]> = {
  counter: ['console', 'output'],
  clockwork: ['clock', 'console', 'interrupt 3', 'interrupt 7', 'output'],
  tickets: ['clock', 'console', 'interrupt 7', 'output', 'packet'],
  lottery: ['console', 'entropy', 'output'],
  'key-value-disk': ['clock', 'console', 'disk', 'interrupt 7', 'output', 'packet'],
};

const SAMPLED = ['clock', 'interrupt', 'console', 'output', 'packet', 'entropy', 'disk'] as const;

describe.each([
  { guest: 'counter' as const, seed: 20101, sliceAttemptsMax: 400 },
  { guest: 'clockwork' as const, seed: 20102, sliceAttemptsMax: 400 },
  { guest: 'tickets' as const, seed: 20103, sliceAttemptsMax: 400 },
  { guest: 'lottery' as const, seed: 20104, sliceAttemptsMax: 400 },
  { guest: 'key-value-disk' as const, seed: 20105, sliceAttemptsMax: 2000 },
])('replay of $guest with seed $seed', ({ guest, seed, sliceAttemptsMax }) => {
  let run: RecordedRun;
  beforeAll(async () => {
    run = await recordRun({ guest, seed, points: POINTS, sliceAttemptsMax });
  });

  /** Indices of random entries of these kinds. */
  function sample(...kinds: LogEntry['event']['kind'][]): number[] {
    const prng = createPrng(seed);
    const indices = [...run.entries.keys()].filter((index) => kinds.includes(run.entries[index]!.event.kind));
    expect(indices.length).toBeGreaterThan(0);
    return Array.from({ length: CONTROLS }, () => prng.pick(indices));
  }

  it('records what it is about: every kind of event that the guest can have, and output', () => {
    const kinds = new Set(run.entries.map(({ event }) => (event.kind === 'interrupt' ? `interrupt ${event.line}` : event.kind)));
    expect([...kinds].sort()).toEqual(KINDS[guest]);
    expect(run.text.split('\n').length).toBeGreaterThan(20);
    expect(new Set(run.points.map((point) => point.hash)).size).toBe(POINTS);
  });

  it('gives the same state hash at 1,000 points and at the end', async () => {
    expect(await compareReplay(run, run.entries)).toEqual({ same: true, points: POINTS });
  });

  it('gives the same state from a snapshot in the middle', async () => {
    const rest = run.entries.slice(run.points[run.middle]!.seq);
    expect(await compareReplay(run, rest, 1, run.middle)).toEqual({ same: true, points: POINTS - run.middle - 1 });
  });

  it('gives the same state from a log that went through its binary encoding', async () => {
    const decoded = run.entries.map((entry) => ({ seq: entry.seq, ...decodeRecorded(encodeRecorded(entry)) }));
    expect(await compareReplay(run, decoded, 50)).toMatchObject({ same: true });
  });

  it('gives the same run for a seed, entry by entry', async () => {
    const again = await recordRun({ guest, seed, points: POINTS, sliceAttemptsMax });
    expect(again.entries).toEqual(run.entries);
    expect(again.text).toBe(run.text);
  });

  it('gives the same state for other seeds', async () => {
    for (let other = seed + 1; other <= seed + 20; other++) {
      const short = await recordRun({ guest, seed: other, points: 100, sliceAttemptsMax: 5 * sliceAttemptsMax });
      expect(await compareReplay(short, short.entries, 10), `seed ${other}`).toEqual({ same: true, points: 11 });
    }
  });

  it('makes the same outputs, and never runs past the last entry held, however entries and turns come', async () => {
    const prng = createPrng(seed);
    const machine = await bootedMachine(guest);
    let text = '';
    const replayer = createReplayer({ machine, output: (_, made) => (text += textOf(made)) });
    let accepted = 0;
    while (replayer.consumed < run.entries.length) {
      for (let count = prng.int(6); count > 0 && accepted < run.entries.length; count--) replayer.accept(run.entries[accepted++]!);
      const before = machine.position;
      const attemptsMax = prng.int(500);
      const { consumed } = replayer.run(attemptsMax);
      expect(consumed).toBe(replayer.consumed);
      expect(consumed + replayer.held).toBe(accepted);
      expect(machine.position - before).toBeLessThanOrEqual(attemptsMax);
      const last = run.entries[accepted - 1];
      const bound = last === undefined ? 0 : last.event.kind === 'clock' ? last.at + 1 : last.at;
      expect(machine.position).toBeLessThanOrEqual(bound);
    }
    expect(text).toBe(run.text);
    expect(machine.stateHash()).toBe(run.points.at(-1)!.hash);
    // Not by hash alone: every register, device and byte of RAM.
    expect(machine.snapshot()).toEqual(run.lastSnapshot);
  });

  it('control: a log without one of its entries replays to something else', async () => {
    for (const index of sample(...SAMPLED)) {
      const shorter = renumber(run.entries.filter((_, at) => at !== index));
      expect(await compareReplay(run, shorter, 50), `without entry ${index + 1}`).toMatchObject({ same: false });
    }
  });

  it.each([1, -1])('control: a log with one entry moved by %i replays to something else', async (shift) => {
    for (const index of sample(...SAMPLED)) {
      const moved = withChanged(run.entries, index, (entry) => ({ ...entry, at: entry.at + shift }));
      // An event that lands while the guest has interrupts off may leave no trace once it is taken, so the place itself is compared too.
      const place = Math.min(run.entries[index]!.at, moved[index]!.at);
      const differsThere = (await stateAt(run, moved, place)) !== (await stateAt(run, run.entries, place));
      const differs = differsThere || !(await compareReplay(run, moved, 50)).same;
      expect(differs, `entry ${index + 1} moved by ${shift}`).toBe(true);
    }
  });

  // What key was pressed makes no difference to the lottery.
  if (guest !== 'lottery')
    it('control: a log with one console byte changed replays to something else', async () => {
      for (const index of sample('console')) {
        const changed = withChanged(run.entries, index, (entry) =>
          entry.event.kind === 'console' ? { ...entry, event: { kind: 'console', byte: entry.event.byte ^ 1 } } : entry,
        );
        expect(await compareReplay(run, changed, 50), `entry ${index + 1}`).toMatchObject({ same: false });
      }
    });

  /** The same log with the frame or the entropy of one entry changed. */
  function withBytesChanged(index: number, change: (bytes: Uint8Array) => Uint8Array): LogEntry[] {
    return withChanged(run.entries, index, (entry) => {
      const { event } = entry;
      if (event.kind === 'packet') return { ...entry, event: { ...event, frame: change(event.frame) } };
      return event.kind === 'entropy' ? { ...entry, event: { ...event, bytes: change(event.bytes) } } : entry;
    });
  }

  if (KINDS[guest]!.includes('clock'))
    it('control: a log with one bit of one clock value changed replays to something else', async () => {
      const prng = createPrng(seed);
      for (const index of sample('clock')) {
        // The guest loads the low half of mtime: the bits it can see are the low 32.
        const bit = 1n << BigInt(prng.int(32));
        const changed = withChanged(run.entries, index, (entry) =>
          entry.event.kind === 'clock' ? { ...entry, event: { kind: 'clock', value: entry.event.value ^ bit } } : entry,
        );
        expect(await compareReplay(run, changed), `entry ${index + 1}, bit value ${bit}`).toMatchObject({ same: false });
      }
    });

  if (KINDS[guest]!.includes('packet'))
    it.each<[string, (frame: Uint8Array, place: number) => Uint8Array]>([
      ['changed', (frame, place) => frame.with(place, frame[place]! ^ 1)],
      ['left out', (frame, place) => frame.filter((_, at) => at !== place)],
    ])('control: a log with one byte of one frame %s replays to something else', async (_, change) => {
      const prng = createPrng(seed);
      for (const index of sample('packet')) {
        const changed = withBytesChanged(index, (frame) => change(frame, prng.int(frame.length)));
        expect(await compareReplay(run, changed), `entry ${index + 1}`).toMatchObject({ same: false });
      }
    });

  if (KINDS[guest]!.includes('entropy'))
    it('control: a log with one bit of entropy changed replays to something else', async () => {
      const prng = createPrng(seed);
      for (const index of sample('entropy')) {
        const changed = withBytesChanged(index, (bytes) =>
          bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ (1 << prng.int(8)) : byte)),
        );
        // The byte lies in the guest's buffer until the next come, whether or not it made a number.
        expect(await compareReplay(run, changed), `entry ${index + 1}`).toMatchObject({ same: false });
      }
    });

  if (KINDS[guest]!.includes('disk'))
    it('control: a log with one completion that is another replays to something else', async () => {
      for (const index of sample('disk')) {
        const changed = withChanged(run.entries, index, (entry) => {
          if (entry.event.kind !== 'disk') return entry;
          const { request, status, data } = entry.event;
          if (data !== undefined) return { ...entry, event: { kind: 'disk', request, status, data: data.with(0, data[0]! ^ 1) } };
          return { ...entry, event: { kind: 'disk', request, status: status === 'ok' ? 'error' : 'ok' } };
        });
        expect(await compareReplay(run, changed), `entry ${index + 1}`).toMatchObject({ same: false });
      }
    });
});
