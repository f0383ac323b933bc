/**
 * What recording costs the host that does it: the same guest with the same inputs, run bare and run by the recorder with each entry encoded and put
 * through the primary's end of the channel. The two alternate in one process, a few milliseconds each, so that what else the computer does meets
 * both alike. The overhead of VMware FT, section 5.1, is of this kind; virtual time knows nothing of it.
 */
import { Machine } from '../labs-runtime/emulator/machine.ts';
import type { DiskRequest } from '../labs-runtime/emulator/machine.ts';
import { SECTOR_BYTES } from '../labs-runtime/emulator/stop.ts';
import type { ChannelEffect } from '../labs-runtime/ft/channel-api.ts';
import * as channel from '../labs-runtime/ft/channel.ts';
import { encodeFrame } from '../labs-runtime/ft/frame.ts';
import { encodeRecorded, ENTRY_BYTES_MAX } from '../labs-runtime/ft/log-codec.ts';
import type { Output } from '../labs-runtime/ft/log-entry.ts';
import { createRecorder } from '../labs-runtime/ft/recorder.ts';
import type { Recorder } from '../labs-runtime/ft/recorder.ts';
import type { GuestName } from '../labs-runtime/guests/index.ts';
import { guests } from '../labs-runtime/guests/index.ts';
import { median } from './figure.ts';
import { createPrng } from '../labs-runtime/sim/prng.ts';
import { datagram, readFrames, storeRequest } from './paper-workloads.ts';

/** The first rounds compile the code and are not counted. */
const ROUNDS_WARM_UP = 3;
const ROUNDS = 11;

/** What is run at a time of one of the two. */
const PORTION_ATTEMPTS = 3_000_000;
const PORTION_FRAMES = 400;

const OVERHEAD_PERCENT_MAX = 10;

const CHANNEL = { bufferEntriesMax: 4096, entryBytesMax: ENTRY_BYTES_MAX, resendAfterMs: 50, batchEntriesMax: 16 };

/** A guest, and the frames that it gets, one whenever it has room and waits; with none it runs until it is off. */
interface Work {
  name: string;
  guest: GuestName;
  frames: Uint8Array[];
}

/** A machine under one of the two ways to run it. */
interface Host {
  /** Runs the guest to a position, or until it waits or is off. */
  run(until: number): 'position' | 'wait' | 'off';
  packet(frame: Uint8Array): boolean;
  disk(request: DiskRequest, data: Uint8Array | undefined): void;
  /** Requests that the guest has made and nobody has completed. */
  readonly requests: DiskRequest[];
}

/** Lines to print. */
export async function recordingCostLines(): Promise<string[]> {
  const requests = Array.from({ length: 12_000 }, (_, index) => storeRequest(index % 16, 1 + Math.floor(index / 16)));
  const works: Work[] = [
    ...(['sha256', 'sort', 'compile'] as const).map((guest) => ({ name: guest, guest, frames: [] })),
    { name: 'key-value', guest: 'key-value', frames: requests },
    { name: 'key-value-disk', guest: 'key-value-disk', frames: requests.slice(0, 6000) },
    { name: 'receive', guest: 'key-value', frames: Array.from({ length: 4000 }, () => datagram) },
    { name: 'transmit', guest: 'key-value', frames: readFrames(12_000, createPrng(1)) },
  ];
  const lines = ['guest               ms bare  ms recorded  overhead          log entries'];
  const ratios: number[] = [];
  for (const work of works) {
    const { line, ratio } = await compare(work);
    lines.push(line);
    ratios.push(ratio);
  }
  const mean = ratios.reduce((product, ratio) => product * ratio, 1) ** (1 / ratios.length);
  return [...lines, `${'geometric mean'.padEnd(40)}${percentOf(mean)}  ${verdictOf(mean)}`];
}

/** A line to print, and how much longer the recorded run took than the bare one. */
async function compare(work: Work): Promise<{ line: string; ratio: number }> {
  const { ramBytes, diskSectors = 0, load } = guests[work.guest];
  const image = await load();
  const machines = [new Machine({ ramBytes, diskSectors }), new Machine({ ramBytes, diskSectors })];
  const totals: { bare: number[]; recorded: number[] } = { bare: [], recorded: [] };
  const ratios: number[] = [];
  let entries = 0;
  for (let round = 0; round < ROUNDS_WARM_UP + ROUNDS; round++) {
    // Where a machine lies in memory makes a difference of its own: each of the two is run bare in turn.
    const [first, second] = round % 2 === 0 ? [machines[0]!, machines[1]!] : [machines[1]!, machines[0]!];
    first.load(image);
    second.load(image);
    const log = new Log();
    const disk = () => new Uint8Array(diskSectors * SECTOR_BYTES);
    const times = alternate(new Run(new BareHost(first), work, disk()), new Run(new RecordingHost(second, log), work, disk()), round);
    entries = log.entries;
    if (round < ROUNDS_WARM_UP) continue;
    ratios.push(...times.map(([bare, recorded]) => recorded / bare));
    totals.bare.push(times.reduce((sum, [bare]) => sum + bare, 0));
    totals.recorded.push(times.reduce((sum, [, recorded]) => sum + recorded, 0));
  }
  const ratio = median(ratios);
  const columns = [median(totals.bare).toFixed(1).padStart(11), median(totals.recorded).toFixed(1).padStart(13), percentOf(ratio)];
  return { line: `${work.name.padEnd(16)}${columns.join('')}  ${verdictOf(ratio).padEnd(8)}${String(entries).padStart(11)}`, ratio };
}

function percentOf(ratio: number): string {
  return `${(100 * (ratio - 1)).toFixed(1)} %`.padStart(10);
}

function verdictOf(ratio: number): string {
  return 100 * (ratio - 1) <= OVERHEAD_PERCENT_MAX ? 'met' : 'MISSED';
}

/** Lets two runs of the same work go on by turns, and returns the milliseconds of each portion: of the one, and of the other. */
function alternate(bare: Run, recorded: Run, round: number): [number, number][] {
  const times: [number, number][] = [];
  for (let portion = round; !bare.isDone; portion++) {
    // Who is first may find the caches cold.
    if (portion % 2 === 0) {
      const bareMs = bare.goOn();
      times.push([bareMs, recorded.goOn()]);
    } else {
      const recordedMs = recorded.goOn();
      times.push([bare.goOn(), recordedMs]);
    }
  }
  // The last portion is as short as it happens to be.
  return times.slice(0, -1);
}

/** Gives a guest what it is to get, and lets it work, a portion at a time. */
class Run {
  isDone = false;
  readonly #host: Host;
  readonly #frames: Uint8Array[];
  readonly #disk: Uint8Array;
  #sent = 0;
  #position = 0;

  constructor(host: Host, { frames }: Work, disk: Uint8Array) {
    this.#host = host;
    this.#frames = frames;
    this.#disk = disk;
  }

  /** Returns how many milliseconds it took. */
  goOn(): number {
    const startedMs = performance.now();
    if (this.#frames.length === 0) this.#compute();
    else this.#serve(Math.min(this.#frames.length, this.#sent + PORTION_FRAMES));
    return performance.now() - startedMs;
  }

  #compute(): void {
    this.#position += PORTION_ATTEMPTS;
    this.isDone = this.#host.run(this.#position) === 'off';
  }

  #serve(until: number): void {
    for (;;) {
      this.#host.run(Number.MAX_SAFE_INTEGER);
      const requests = this.#host.requests.splice(0);
      for (const request of requests) this.#host.disk(request, transfer(request, this.#disk));
      if (requests.length > 0) continue;
      if (this.#sent === until) break;
      while (this.#sent < until && this.#host.packet(this.#frames[this.#sent]!)) this.#sent += 1;
    }
    this.isDone = this.#sent === this.#frames.length;
  }
}

function transfer({ kind, sector, byteCount, data }: DiskRequest, disk: Uint8Array): Uint8Array | undefined {
  if (kind === 'write') disk.set(data!, sector * SECTOR_BYTES);
  return kind === 'read' ? disk.slice(sector * SECTOR_BYTES, sector * SECTOR_BYTES + byteCount) : undefined;
}

class BareHost implements Host {
  readonly requests: DiskRequest[] = [];
  readonly #machine: Machine;
  #ticks = 0n;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  run(until: number): 'position' | 'wait' | 'off' {
    for (;;) {
      const stop = this.#machine.run(until);
      if (stop.reason === 'clock') this.#machine.provideClock(this.#ticks++);
      else if (stop.reason === 'disk') this.requests.push(...stop.requests);
      else if (stop.reason === 'wait' || stop.reason === 'position') return stop.reason;
      else if (stop.reason === 'power-off') return 'off';
    }
  }

  packet(frame: Uint8Array): boolean {
    return this.#machine.receiveFrame(frame);
  }

  disk({ id }: DiskRequest, data: Uint8Array | undefined): void {
    this.#machine.completeDisk(id, 'ok', data);
  }
}

class RecordingHost implements Host {
  readonly requests: DiskRequest[] = [];
  readonly #recorder: Recorder;
  #ticks = 0n;

  constructor(machine: Machine, log: Log) {
    this.#recorder = createRecorder({
      machine,
      clock: () => this.#ticks++,
      log: (recorded) => log.append(encodeRecorded(recorded)),
      output: (_, made) => this.#take(made, log),
      diskReads: (requests) => this.requests.push(...requests),
    });
  }

  run(until: number): 'position' | 'wait' | 'off' {
    const end = this.#recorder.run(until);
    return end === 'wait' || end === 'position' ? end : 'off';
  }

  packet(frame: Uint8Array): boolean {
    return this.#recorder.packet(frame);
  }

  disk({ id }: DiskRequest, data: Uint8Array | undefined): void {
    this.#recorder.disk(id, 'ok', data);
  }

  #take(made: Output, log: Log): void {
    log.flush();
    if (made.device === 'disk') this.requests.push(...made.requests);
  }
}

/** The primary's end of the channel. What it sends is acknowledged at once, as a backup does that has room. */
class Log {
  entries = 0;
  readonly #channel = channel.start({ ...CHANNEL, role: 'primary' });

  append(entry: Uint8Array): void {
    this.entries += 1;
    this.#carryOut(channel.step(this.#channel, { kind: 'append', entry }));
  }

  flush(): void {
    this.#carryOut(channel.step(this.#channel, { kind: 'time', nowMs: 0 }));
  }

  #carryOut(effects: ChannelEffect[]): void {
    if (!effects.some(({ kind }) => kind === 'send')) return;
    channel.step(this.#channel, { kind: 'bytes', bytes: acknowledgement(this.entries) });
  }
}

/** Made once: in the rounds that count, that is the other machine's work. */
const acknowledgements: Uint8Array[] = [];

function acknowledgement(seq: number): Uint8Array {
  acknowledgements[seq] ??= encodeFrame({ kind: 'acknowledge', seq });
  return acknowledgements[seq];
}
