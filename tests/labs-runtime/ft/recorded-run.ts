/**
 * A recorded run for the tests of record and replay: a real guest under seeded random interrupts, console bytes, frames, clock values,
 * entropy and disk completions, with the machine's state hash at many points on the way.
 */
import { Machine, type Snapshot } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry, Output } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder, type Recorder } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer, ReplayDivergence, type ReplayerOptions } from '../../../labs-runtime/ft/replayer.ts';
import { guests, type GuestName } from '../../../labs-runtime/guests/index.ts';
import { encodeRequest as encodeKeyValueRequest } from '../../../labs-runtime/guests/key-value-protocol.ts';
import { encodeRequest } from '../../../labs-runtime/guests/tickets-protocol.ts';
import { createPrng, type Prng } from '../../../labs-runtime/sim/prng.ts';

/** The state at one position, after every event at that position that came from outside. */
export interface Point {
  position: number;
  /** Number of the last entry of the log so far. */
  seq: number;
  outputs: number;
  hash: string;
}

export interface RecordedRun {
  guest: GuestName;
  entries: LogEntry[];
  points: Point[];
  middle: number;
  /** The machine at `points[middle]`. */
  middleSnapshot: Snapshot;
  /** The machine at the last point. */
  lastSnapshot: Snapshot;
  /** What the guest wrote to its console. */
  text: string;
}

export interface RecordOptions {
  guest: GuestName;
  seed: number;
  points: number;
  /** Attempts between two points: at most. */
  sliceAttemptsMax?: number;
}

/** A console byte as a character, frames as their bytes in hexadecimal and disk requests in words, with a line each. */
export function textOf(made: Output): string {
  if (made.device === 'console') return String.fromCharCode(made.byte);
  if (made.device === 'disk') return made.requests.map(({ kind, sector }) => `${kind} ${sector}\n`).join('');
  return made.frames.map((frame) => `${Buffer.from(frame).toString('hex')}\n`).join('');
}

/** A machine with the guest loaded, at boot. */
export async function bootedMachine(guest: GuestName): Promise<Machine> {
  const { ramBytes, diskSectors = 0 } = guests[guest];
  const machine = new Machine({ ramBytes, diskSectors });
  machine.load(await guests[guest].load());
  return machine;
}

/** Records a run. The last event is an interrupt or a console byte at the last point, so that a replay can reach it. */
export async function recordRun(options: RecordOptions): Promise<RecordedRun> {
  const { guest, seed, points: pointCount, sliceAttemptsMax = 400 } = options;
  const machine = await bootedMachine(guest);
  const prng = createPrng(seed);
  const entries: LogEntry[] = [];
  const points: Point[] = [];
  const middle = pointCount >> 1;
  let middleSnapshot = machine.snapshot();
  let text = '';
  let ticks = 0n;
  const recorder = createRecorder({
    machine,
    clock: () => (ticks += BigInt(prng.int(200))),
    log: (recorded) => entries.push({ seq: entries.length + 1, ...recorded }),
    output: (_, made) => (text += textOf(made)),
  });
  const inject = createInjector(guest, prng, machine, recorder, () => ticks);
  while (points.length < pointCount) {
    recorder.run(machine.position + 1 + prng.int(sliceAttemptsMax));
    ticks += BigInt(prng.int(1000));
    inject();
    if (points.length === pointCount - 1) recorder.console(prng.int(256));
    if (points.length === middle) middleSnapshot = machine.snapshot();
    points.push({ position: machine.position, seq: entries.length, outputs: recorder.outputs, hash: machine.stateHash() });
  }
  return { guest, entries, points, middle, middleSnapshot, lastSnapshot: machine.snapshot(), text };
}

/**
 * Random events, each of which changes the state: a line is raised again only after the guest has had the time to take it, since raising a
 * pending line is no event at all, and a log without it would rightly replay the same.
 */
function createInjector(guest: GuestName, prng: Prng, machine: Machine, recorder: Recorder, ticks: () => bigint): () => void {
  let timerTaken = -1n;
  let softwareAt = 0;
  const disk = new Uint8Array(512 * (guests[guest].diskSectors ?? 0));
  const frame = { tickets: randomFrame, 'key-value-disk': randomKeyValueFrame }[guest as string];
  return () => {
    // A guest on the network never reads its console: the FIFO would fill up, and then a byte would change nothing.
    if (frame === undefined && prng.int(8) === 0) recorder.console(prng.int(256));
    if (machine.entropyWanted > 0 && prng.int(3) === 0) recorder.entropy(randomBytes(prng, 1 + prng.int(machine.entropyWanted)));
    if (machine.pendingDiskRequests.length > 0 && prng.int(3) === 0) completeDiskRequest(prng, machine, recorder, disk);
    if (guest === 'counter' || guest === 'lottery') return;
    const due = machine.interruptTimer();
    if (ticks() >= due && due !== timerTaken) {
      timerTaken = due;
      recorder.interrupt(7);
    }
    if (guest === 'clockwork' && machine.position - softwareAt > 1000 && prng.int(4) === 0) {
      softwareAt = machine.position;
      recorder.interrupt(3);
    }
    if (frame !== undefined) while (prng.int(3) === 0) recorder.packet(frame(prng));
  };
}

/** Does one of the pending disk requests and completes it, or fails it. */
function completeDiskRequest(prng: Prng, machine: Machine, recorder: Recorder, disk: Uint8Array): void {
  const { id, kind, sector, byteCount, data } = prng.pick(machine.pendingDiskRequests);
  // Seldom, since a server whose disk fails three times in a row powers off.
  if (prng.int(32) === 0) {
    recorder.disk(id, 'error');
    return;
  }
  if (data !== undefined) disk.set(data, 512 * sector);
  recorder.disk(id, 'ok', kind === 'read' ? disk.slice(512 * sector, 512 * sector + byteCount) : undefined);
}

function randomBytes(prng: Prng, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => prng.int(256));
}

/** A request of one of four clients about one of eight keys, new or old. */
function randomKeyValueFrame(prng: Prng): Uint8Array {
  const key = Uint8Array.of(65 + prng.int(8));
  const asked = { client: prng.int(4), request: 1 + prng.int(200), key };
  const op = prng.pick(['get', 'delete', 'put', 'append'] as const);
  const value = randomBytes(prng, prng.int(16));
  return encodeKeyValueRequest(op === 'put' || op === 'append' ? { ...asked, op, value } : { ...asked, op });
}

/** Mostly a request, new or old, from one of four clients; else bytes that are none. */
function randomFrame(prng: Prng): Uint8Array {
  if (prng.int(8) === 0) return Uint8Array.from({ length: 1 + prng.int(244) }, () => prng.int(256));
  return encodeRequest({ op: 'take ticket', client: prng.int(4), request: 1 + prng.int(200) });
}

/** How a replay of entries went against the points of a recorded run. */
export type Comparison = { same: true; points: number } | { same: false; why: string };

/** Replays on a machine from a point (default: boot) and compares position and state at every `everyPoints`th point after it and at the last. */
export async function compareReplay(run: RecordedRun, entries: readonly LogEntry[], everyPoints = 1, from?: number): Promise<Comparison> {
  const machine = await bootedMachine(run.guest);
  const options: ReplayerOptions = { machine };
  if (from !== undefined) {
    machine.restore(run.middleSnapshot);
    Object.assign(options, { consumed: run.points[from]!.seq, outputs: run.points[from]!.outputs });
  }
  const replayer = createReplayer(options);
  for (const entry of entries) replayer.accept(entry);
  let compared = 0;
  try {
    for (let index = from === undefined ? 0 : from + 1; index < run.points.length; index++) {
      const point = run.points[index]!;
      replayer.run(point.position - machine.position);
      if (machine.position !== point.position) return { same: false, why: `stuck at position ${machine.position} before point ${index}` };
      if (index % everyPoints !== 0 && index !== run.points.length - 1) continue;
      if (machine.stateHash() !== point.hash) return { same: false, why: `another state at point ${index}, position ${point.position}` };
      compared++;
    }
  } catch (error) {
    if (error instanceof ReplayDivergence) return { same: false, why: error.message };
    throw error;
  }
  return { same: true, points: compared };
}

/** State hash of a replay at a position, after the entries there; or why the replay did not come that far. */
export async function stateAt(run: RecordedRun, entries: readonly LogEntry[], position: number): Promise<string> {
  const machine = await bootedMachine(run.guest);
  const replayer = createReplayer({ machine });
  for (const entry of entries) replayer.accept(entry);
  try {
    replayer.run(position);
    return machine.stateHash();
  } catch (error) {
    if (error instanceof ReplayDivergence) return error.message;
    throw error;
  }
}
