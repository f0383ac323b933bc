/**
 * The guest that watches a disk write into its memory: with data that comes together with its completion a replay sees the same, with data
 * that comes earlier, at a moment that no log has, it does not (VMware FT, section 3.5).
 */
import { describe, expect, it } from 'vitest';
import { type DiskRequest, Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer } from '../../../labs-runtime/ft/replayer.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import { machineOf } from './recorded-guest.ts';

const GUEST = 'dma-poll';
const READS = 8;
const SECTORS_PER_READ = 8;
const SECTOR_BYTES = 512;

/** A disk whose sectors begin with their number from 1. */
const DISK = new Uint8Array(READS * SECTORS_PER_READ * SECTOR_BYTES).map((_, at) => (at % SECTOR_BYTES === 0 ? 1 + at / SECTOR_BYTES : at));

/** Part of a read's data that is written into memory ahead of its completion, so many attempts after the read was asked for. */
interface Early {
  attempts: number;
  sector: number;
}

interface Run {
  text: string;
  hash: string;
  entries: LogEntry[];
}

function dataOf({ sector, byteCount }: DiskRequest): Uint8Array {
  return DISK.slice(sector * SECTOR_BYTES, sector * SECTOR_BYTES + byteCount);
}

/** Writes one sector of a read into memory, as a device without bounce buffers may at any time. */
function writeEarly(machine: Machine, request: DiskRequest, sector: number): void {
  const data = dataOf(request).slice(sector * SECTOR_BYTES, (sector + 1) * SECTOR_BYTES);
  machine.writeDiskBuffer(request.id, sector * SECTOR_BYTES, data);
}

/** Records a run in which each read takes so many attempts. */
async function recorded(transferAttempts: number, early: readonly Early[] = [], status: 'ok' | 'error' = 'ok'): Promise<Run> {
  const machine = await machineOf(GUEST);
  const entries: LogEntry[] = [];
  let text = '';
  let request: DiskRequest | undefined;
  const recorder = createRecorder({
    machine,
    clock: () => 0n,
    log: (entry) => entries.push({ seq: entries.length + 1, ...entry }),
    output: (_, made) => (text += made.device === 'console' ? String.fromCharCode(made.byte) : made.device),
    diskReads: ([read]) => {
      request = read;
      recorder.stall(); // so that the attempts are counted from the notification on
    },
  });
  for (;;) {
    const end = recorder.run(machine.position + 1_000_000);
    if (end !== 'stalled') {
      expect(end).toBe('power-off');
      return { text, hash: machine.stateHash(), entries };
    }
    recorder.resume();
    const start = machine.position;
    for (const { attempts, sector } of early) {
      recorder.run(start + attempts);
      writeEarly(machine, request!, sector);
    }
    recorder.run(start + transferAttempts);
    recorder.disk(request!.id, status, status === 'ok' ? dataOf(request!) : undefined);
  }
}

/** Replays a log on a machine whose device writes nothing ahead. Returns its state at the end, or why it did not come that far. */
async function replayed({ entries }: Run): Promise<string> {
  const machine = await machineOf(GUEST);
  const replayer = createReplayer({ machine });
  for (const entry of entries) replayer.accept(entry);
  try {
    replayer.run();
  } catch (error) {
    return (error as Error).message;
  }
  return machine.stateHash();
}

/** Looks by which each sector was seen ahead of the completion, by the read's number. */
function earlyIn({ text }: Run): (string | undefined)[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('read'))
    .map((line) => /early: (.*)/.exec(line)?.[1]);
}

describe('dma-poll', () => {
  it('prints for each read how often it looked, and a digest, and powers off', async () => {
    const { text } = await recorded(5000);
    const lines = text.trimEnd().split('\n');
    expect(lines.length).toBe(READS + 1);
    const looks = lines.slice(0, READS).map((line, index) => {
      const match = /^read (\d): done after look (\d+)$/.exec(line)!;
      expect(Number(match[1])).toBe(index + 1);
      return Number(match[2]);
    });
    expect(Math.min(...looks)).toBeGreaterThan(50);
    expect(lines[READS]).toMatch(/^digest [0-9a-f]{8}$/);
  });

  it('sees nothing ahead of a completion that brings the data along, however long it takes', async () => {
    const lengths = [0, 1, 7, 50, 1000, 1001, 1002, 20_000];
    const runs = await Promise.all(lengths.map((attempts) => recorded(attempts)));
    for (const run of runs) expect(earlyIn(run)).toEqual(new Array(READS).fill(undefined));
    expect(new Set(runs.map(({ hash }) => hash)).size).toBeGreaterThan(4);
  });

  it('sees nothing ahead at any attempt of its loop at which a completion may come', async () => {
    for (let attempts = 2000; attempts < 2120; attempts++) {
      const run = await recorded(attempts);
      expect(earlyIn(run)).toEqual(new Array(READS).fill(undefined));
      expect(await replayed(run)).toBe(run.hash);
    }
  });

  it('does the same again at the same positions, and in a replay', async () => {
    for (const attempts of [3, 400, 4321]) {
      const run = await recorded(attempts);
      expect(await recorded(attempts)).toEqual(run);
      expect(await replayed(run)).toBe(run.hash);
    }
  });

  it('sees each sector that is written ahead, at the look at which it was', async () => {
    const run = await recorded(8000, [
      { attempts: 1000, sector: 5 },
      { attempts: 3000, sector: 0 },
    ]);
    for (const early of earlyIn(run)) {
      const [, first, second] = /^0 at (\d+), 5 at (\d+)$/.exec(early!)!.map(Number);
      expect(second).toBeGreaterThan(1);
      expect(first).toBeGreaterThan(2 * second!);
    }
  });

  it('ends in another state in a replay if memory was written ahead, at each of 40 moments', async () => {
    const prng = createPrng(1);
    let diverged = 0;
    const moments = 40;
    for (let count = 0; count < moments; count++) {
      const run = await recorded(5000, [{ attempts: prng.int(4900), sector: prng.int(SECTORS_PER_READ) }]);
      if ((await replayed(run)) !== run.hash) diverged++;
    }
    expect(diverged).toBe(moments);
  });

  it('tells two moments apart at which the same sector was written ahead', async () => {
    const first = await recorded(5000, [{ attempts: 1000, sector: 3 }]);
    const second = await recorded(5000, [{ attempts: 2000, sector: 3 }]);
    expect(first.hash).not.toBe(second.hash);
    expect(first.text.split('\n').at(-2)).not.toBe(second.text.split('\n').at(-2));
  });

  it('says of a read that it failed', async () => {
    const { text } = await recorded(1000, [], 'error');
    expect(text.split('\n').filter((line) => /^read \d: failed after look \d+$/.test(line)).length).toBe(READS);
  });

  it('says what it needs, and powers off, without a disk', async () => {
    const machine = new Machine({ ramBytes: guests[GUEST].ramBytes });
    machine.load(await guests[GUEST].load());
    let text = '';
    for (let stop = machine.run(100_000); ; stop = machine.run(100_000)) {
      if (stop.reason === 'output') text += String.fromCharCode(stop.byte);
      else {
        expect(stop.reason).toBe('power-off');
        break;
      }
    }
    expect(text).toBe('dma-poll needs a disk of 64 sectors that can flush\n');
  });
});
