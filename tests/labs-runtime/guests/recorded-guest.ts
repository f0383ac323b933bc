/**
 * A guest under a recorder, for tests of guests on network, disk and entropy: frames and bytes go in, the disk and the source of entropy
 * answer when the guest waits, and at the end a second machine replays the log and must be in the same state.
 */
import { expect } from 'vitest';
import { type DiskRequest, Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEntry, Output } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder, type Recorder, type RunEnd } from '../../../labs-runtime/ft/recorder.ts';
import { createReplayer } from '../../../labs-runtime/ft/replayer.ts';
import { guests, type GuestName } from '../../../labs-runtime/guests/index.ts';
import type { ModelDisk } from './model-disk.ts';

export interface RecordedGuestOptions {
  disk?: ModelDisk;
  /** Random bytes, as many as asked for or fewer. */
  entropy?: (byteCount: number) => Uint8Array;
}

/** Attempts after which a guest that is at work counts as hanging. */
const ATTEMPTS_MAX = 20_000_000;

/** A machine with the guest loaded and, if it uses one, a disk as large as it needs. */
export async function machineOf(guest: GuestName): Promise<Machine> {
  const { ramBytes, diskSectors = 0, load } = guests[guest];
  const machine = new Machine({ ramBytes, diskSectors });
  machine.load(await load());
  return machine;
}

export class RecordedGuest {
  readonly machine: Machine;
  readonly recorder: Recorder;
  readonly entries: LogEntry[] = [];
  /** What it printed so far. */
  text = '';
  /** Frames that it sent and that nobody has taken yet. */
  frames: Uint8Array[] = [];
  /** Disk requests that have no answer yet, oldest first. */
  requests: DiskRequest[] = [];
  /** What a load of mtime returns. */
  ticks = 0n;
  clockReads = 0;
  readonly #guest: GuestName;
  readonly #options: RecordedGuestOptions;

  constructor(guest: GuestName, machine: Machine, options: RecordedGuestOptions = {}) {
    this.#guest = guest;
    this.#options = options;
    this.machine = machine;
    this.recorder = createRecorder({
      machine,
      clock: () => {
        this.clockReads++;
        return this.ticks;
      },
      log: (recorded) => this.entries.push({ seq: this.entries.length + 1, ...recorded }),
      output: (_, made) => this.#take(made),
      diskReads: (requests) => this.requests.push(...requests),
    });
  }

  static async boot(guest: GuestName, options: RecordedGuestOptions = {}): Promise<RecordedGuest> {
    return new RecordedGuest(guest, await machineOf(guest), options);
  }

  /** Runs until the guest is off, or waits for something that neither disk nor entropy can give. */
  settle(): RunEnd {
    const last = this.machine.position + ATTEMPTS_MAX;
    for (;;) {
      const end = this.recorder.run(last);
      if (end === 'position') throw new Error(`the guest does not come to rest: ${ATTEMPTS_MAX} attempts are over`);
      if (end !== 'wait' || !(this.answerDisk() || this.answerEntropy())) return end;
    }
  }

  /** Completes the oldest disk request. False if there is none. */
  answerDisk(status: 'ok' | 'error' = 'ok'): boolean {
    const request = this.requests.shift();
    if (request === undefined) return false;
    const data = status === 'ok' ? this.#options.disk?.perform(request) : undefined;
    return this.recorder.disk(request.id, status, data);
  }

  /** Fills the next entropy buffer. False if none is offered. */
  answerEntropy(): boolean {
    const byteCount = this.machine.entropyWanted;
    return byteCount > 0 && this.recorder.entropy(this.#options.entropy!(byteCount));
  }

  /** Sends frames to the guest, which must have room, and returns what it sends back. */
  ask(...frames: Uint8Array[]): Uint8Array[] {
    for (const frame of frames) expect(this.recorder.packet(frame)).toBe(true);
    expect(this.settle()).toBe('wait');
    return this.takeFrames();
  }

  takeFrames(): Uint8Array[] {
    const frames = this.frames;
    this.frames = [];
    return frames;
  }

  /** Lets a replay of the log run on a machine at boot, and expects the state that the recorded one is in. */
  async expectReplay(): Promise<void> {
    this.recorder.interrupt(3); // an entry at the last position, so that the replay comes that far; no guest here listens to the line
    const machine = await machineOf(this.#guest);
    const replayer = createReplayer({ machine });
    for (const entry of this.entries) replayer.accept(entry);
    expect(replayer.run()).toEqual({ consumed: this.entries.length });
    expect(machine.position).toBe(this.machine.position);
    expect(machine.stateHash()).toBe(this.machine.stateHash());
  }

  #take(made: Output): void {
    if (made.device === 'console') this.text += String.fromCharCode(made.byte);
    else if (made.device === 'network') this.frames.push(...made.frames);
    else this.requests.push(...made.requests);
  }
}
