/**
 * Deterministic replay for every guest (VMware FT, section 2.1): a thousand runs, each under random events at random positions, are recorded,
 * and replayed from every tenth snapshot on the way. At each later snapshot, and at the end, the replay is in the state that was recorded.
 * `tests/labs-runtime/ft/replay.test.ts` has the controls entry by entry; here it is the breadth that counts.
 */
import { describe, expect, it } from 'vitest';
import { Machine, seededSchedule, type Snapshot } from '../../../labs-runtime/emulator/machine.ts';
import { decodeRecorded, encodeRecorded } from '../../../labs-runtime/ft/log-codec.ts';
import type { LogEntry } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder, type Recorder } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer } from '../../../labs-runtime/ft/replayer.ts';
import { guests, type Guest, type GuestName } from '../../../labs-runtime/guests/index.ts';
import { encodeRequest as encodeKeyValueRequest } from '../../../labs-runtime/guests/key-value-protocol.ts';
import { encodeRequest as encodeTicketRequest } from '../../../labs-runtime/guests/tickets-protocol.ts';
import { createPrng, type Prng } from '../../../labs-runtime/sim/prng.ts';

const GUESTS = Object.values(guests);
const SCHEDULES_PER_GUEST = Math.ceil(1000 / GUESTS.length);

/** How many points a run has at most, and attempts from one to the next: so a run has 48,000 at most, and mostly some 13,000. */
const POINTS_MAX = 80;
const SLICE_ATTEMPTS_MAX = 600;
/** Guests that need more than that before anything of theirs leaves them. */
const LONG_SLICE_ATTEMPTS_MAX: Partial<Record<GuestName, number>> = {
  'key-value': 2000,
  'key-value-disk': 4000,
  'dma-poll': 2000,
  overlap: 2000,
};
const POINTS_BETWEEN_REPLAYS = 10;

/** Attempts after which a guest is taken to be at work, if it has not come to rest before. */
const WARM_ATTEMPTS = 60_000;

/** Everything that a run begins with. */
interface Start {
  guest: Guest;
  image: Uint8Array;
  /** What is on the disk. */
  disk: Uint8Array;
  /** Where the run begins, if not at boot. */
  snapshot?: Snapshot;
}

/** The state after every event at one position. */
interface Point {
  position: number;
  /** Number of the last entry so far. */
  seq: number;
  outputs: number;
  hash: string;
  snapshot: Snapshot;
}

interface RecordedRun {
  entries: LogEntry[];
  points: Point[];
  /** How it ended, if not because it was long enough. */
  end: string;
}

/** A machine at boot. Guests that can use two harts have them, and their turns are by the seed too. */
function machineFor({ guest, image }: Start, seed: number): Machine {
  const harts = Math.min(guest.hartsMax ?? 1, 2);
  const machine = new Machine({
    ramBytes: guest.ramBytes,
    diskSectors: guest.diskSectors ?? 0,
    harts,
    schedule: seededSchedule({ seed, harts }),
  });
  machine.load(image);
  return machine;
}

/** Where a guest is once it has started: at rest, or at work. Its disk was empty, and its clock stood still. */
async function startsOf(guest: Guest): Promise<{ atBoot: Start; atWork: Start }> {
  const atBoot = { guest, image: await guest.load(), disk: new Uint8Array(512 * (guest.diskSectors ?? 0)) };
  const disk = atBoot.disk.slice();
  const machine = machineFor(atBoot, 0);
  for (let isStarting = true; isStarting;) {
    const stop = machine.run(WARM_ATTEMPTS);
    if (stop.reason === 'clock') machine.provideClock(0n);
    for (const { id, kind, sector, byteCount, data } of machine.pendingDiskRequests) {
      if (data !== undefined) disk.set(data, 512 * sector);
      machine.completeDisk(id, 'ok', kind === 'read' ? disk.slice(512 * sector, 512 * sector + byteCount) : undefined);
    }
    isStarting = stop.reason !== 'wait' && stop.reason !== 'position';
  }
  return { atBoot, atWork: { ...atBoot, disk, snapshot: machine.snapshot() } };
}

const randomBytes = (prng: Prng, count: number) => Uint8Array.from({ length: count }, () => prng.int(256));

/** Mostly what the guest understands, now and then any bytes. */
function randomFrame(prng: Prng, guest: GuestName): Uint8Array {
  if (prng.int(6) === 0) return randomBytes(prng, 1 + prng.int(300));
  if (guest === 'tickets') return encodeTicketRequest({ op: 'take ticket', client: prng.int(4), request: 1 + prng.int(40) });
  const asked = { client: prng.int(3), request: 1 + prng.int(20), key: randomBytes(prng, 1).map((byte) => 65 + (byte % 4)) };
  const op = prng.pick(['get', 'delete', 'put', 'append'] as const);
  return encodeKeyValueRequest(
    op === 'put' || op === 'append' ? { ...asked, op, value: randomBytes(prng, prng.int(16)) } : { ...asked, op },
  );
}

const SHELL_LINES = [
  'help',
  'time',
  'regs',
  'mem',
  'rand 7',
  'count 99',
  'peek 80000000',
  'crash',
  'reboot',
  'poweroff',
  '',
  '\x15',
  '\x7f',
];

/** Somebody types: a line for the shell, bytes for the others; as many as the UART has room for, and one more. */
function type(prng: Prng, guest: GuestName, machine: Machine, recorder: Recorder): void {
  const text = guest === 'shell' ? [...prng.pick(SHELL_LINES), '\r'].map((key) => key.charCodeAt(0)) : [prng.int(256)];
  for (const byte of text.slice(0, machine.consoleRoom + 1)) recorder.console(byte);
}

/** Does one of the pending disk requests; or fails it, seldom, since a server whose disk fails on and on powers off. */
function answerDisk(prng: Prng, machine: Machine, recorder: Recorder, disk: Uint8Array): void {
  const { id, kind, sector, byteCount, data } = prng.pick(machine.pendingDiskRequests);
  if (prng.int(24) === 0) {
    recorder.disk(id, 'error');
    return;
  }
  if (data !== undefined) disk.set(data, 512 * sector);
  recorder.disk(id, 'ok', kind === 'read' ? disk.slice(512 * sector, 512 * sector + byteCount) : undefined);
}

/** Does to the machine what the world might do to it, at random. */
function inject(prng: Prng, guest: GuestName, machine: Machine, recorder: Recorder, disk: Uint8Array): void {
  const chance = (one: number) => prng.int(one) === 0;
  while (chance(4)) type(prng, guest, machine, recorder);
  if (chance(3)) recorder.interrupt(7, prng.int(machine.hartCount));
  if (chance(8)) recorder.interrupt(3, prng.int(machine.hartCount));
  if (machine.canReceive(1)) while (chance(2)) recorder.packet(randomFrame(prng, guest));
  if (machine.entropyWanted > 0 && chance(2)) recorder.entropy(randomBytes(prng, 1 + prng.int(machine.entropyWanted)));
  while (machine.pendingDiskRequests.length > 0 && !chance(4)) answerDisk(prng, machine, recorder, disk);
}

function recordRun(start: Start, seed: number): RecordedRun {
  const machine = machineFor(start, seed);
  if (start.snapshot !== undefined) machine.restore(start.snapshot);
  const prng = createPrng(seed);
  const disk = start.disk.slice();
  const entries: LogEntry[] = [];
  const points: Point[] = [];
  // Mostly the clock goes on; some hosts have one that jumps.
  const isJumping = prng.int(8) === 0;
  let ticks = BigInt(prng.int(1000));
  const recorder = createRecorder({
    machine,
    clock: () => (ticks = isJumping ? BigInt(prng.next()) * BigInt(prng.next()) : ticks + BigInt(prng.int(500))),
    log: (recorded) => entries.push({ seq: entries.length + 1, ...recorded }),
    output: () => undefined,
  });
  const mark = () =>
    points.push({
      position: machine.position,
      seq: entries.length,
      outputs: recorder.outputs,
      hash: machine.stateHash(),
      snapshot: machine.snapshot(),
    });
  mark();
  const attemptsMax = LONG_SLICE_ATTEMPTS_MAX[start.guest.name] ?? SLICE_ATTEMPTS_MAX;
  const slices = 5 + prng.int(POINTS_MAX - 5);
  for (let slice = 1; slice <= slices && machine.power === 'on'; slice++) {
    recorder.run(machine.position + 1 + prng.int(attemptsMax));
    if (machine.power === 'on') {
      inject(prng, start.guest.name, machine, recorder, disk);
      // An entry at the last position, so that a replay comes that far.
      if (slice === slices) recorder.interrupt(3);
    }
    mark();
  }
  return { entries, points, end: machine.power };
}

/** Replays from a point on a machine; says at which later point the two are not the same, if at any. */
function compareReplay(run: RecordedRun, from: number, machine: Machine, entries = run.entries): string | undefined {
  const { snapshot, seq, outputs } = run.points[from]!;
  machine.restore(snapshot);
  const replayer = createReplayer({ machine, consumed: seq, outputs });
  for (const entry of entries.slice(seq)) replayer.accept(entry);
  for (const [index, point] of run.points.entries()) {
    if (index <= from) continue;
    try {
      replayer.run(point.position - machine.position);
    } catch (error) {
      return `replay from point ${from} diverged: ${(error as Error).message}`;
    }
    if (machine.position !== point.position)
      return `replay from point ${from} stopped at position ${machine.position}, not ${point.position}`;
    if (machine.stateHash() !== point.hash)
      return `replay from point ${from} has another state at point ${index}, position ${point.position}`;
    if (replayer.outputs !== point.outputs) return `replay from point ${from} made ${replayer.outputs} outputs, not ${point.outputs}`;
  }
  return replayer.held === 0 ? undefined : `replay from point ${from} has ${replayer.held} entries left`;
}

/** What all runs together had in them. */
const met = new Map<string, number>();
let schedules = 0;

function meet(kind: string): void {
  met.set(kind, (met.get(kind) ?? 0) + 1);
}

function take({ entries, end }: RecordedRun): void {
  schedules++;
  for (const { event } of entries) {
    const hart = event.kind === 'interrupt' && event.hart !== undefined ? ` of hart ${event.hart}` : '';
    if (event.kind === 'interrupt') meet(`interrupt ${event.line}${hart}`);
    else meet(event.kind === 'disk' ? `disk ${event.status}` : event.kind);
  }
  meet(`end ${end}`);
}

describe.each(GUESTS)('$name', (guest) => {
  it(`replays to the same states under each of ${SCHEDULES_PER_GUEST} random schedules`, async () => {
    const { atBoot, atWork } = await startsOf(guest);
    for (let number = 0; number < SCHEDULES_PER_GUEST; number++) {
      const seed = 1000 * GUESTS.indexOf(guest) + number;
      const start = number % 2 === 0 ? atBoot : atWork;
      const run = recordRun(start, seed);
      take(run);
      // A machine that has run before keeps decoded code and pages; a new one has none.
      const used = machineFor(start, seed);
      for (let from = 0; from < run.points.length - 1; from += POINTS_BETWEEN_REPLAYS) {
        const machine = from % (2 * POINTS_BETWEEN_REPLAYS) === 0 ? used : machineFor(start, seed);
        expect(compareReplay(run, from, machine), `seed ${seed}`).toBeUndefined();
      }
    }
  });

  it('control: a replay of a changed log is noticed, and one that went through the log’s encoding is the same', async () => {
    const { atWork } = await startsOf(guest);
    const seed = 1000 * GUESTS.indexOf(guest) + SCHEDULES_PER_GUEST;
    const run = recordRun(atWork, seed);
    const encoded = run.entries.map((entry) => ({ seq: entry.seq, ...decodeRecorded(encodeRecorded(entry)) }));
    expect(compareReplay(run, 0, machineFor(atWork, seed), encoded)).toBeUndefined();
    const without = run.entries.slice(1).map((entry, index) => ({ ...entry, seq: index + 1 }));
    expect(compareReplay(run, 0, machineFor(atWork, seed), without)).toMatch(/another state|diverged/);
  });
});

describe('all of them together', () => {
  it('were a thousand, and had everything in them that a log can have', () => {
    expect(schedules).toBeGreaterThanOrEqual(1000);
    expect([...met.keys()].sort()).toEqual([
      'clock',
      'console',
      'disk error',
      'disk ok',
      'end on',
      'end power-off',
      'end reboot',
      'entropy',
      'interrupt 3',
      'interrupt 3 of hart 1',
      'interrupt 7',
      'interrupt 7 of hart 1',
      'output',
      'packet',
      'power-off',
      'reboot',
    ]);
    for (const [kind, count] of met) expect(count, kind).toBeGreaterThan(5);
  });
});
