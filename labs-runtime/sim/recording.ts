/**
 * The recording side of a host: a real machine under a recorder, whose entries and operations go to the world. Used by the primary from the
 * start, and by a backup from the moment it goes live.
 */
import type { Machine } from '../emulator/machine.ts';
import { encodeRecorded } from '../ft/log-codec.ts';
import type { InterruptLine, Output, Recorded } from '../ft/log-entry.ts';
import { createRecorder } from '../ft/recorder.ts';
import type { Recorder } from '../ft/recorder.ts';
import { timerWanted } from '../ft/timer.ts';

export interface RecordingOptions {
  machine: Machine;
  /** How many outputs the guest has made already. */
  outputs: number;
  /** Whether to hash the machine's state at each output. */
  hashOutputs: boolean;
  /** Virtual time in mtime ticks, for a load of mtime. */
  clock: () => bigint;
  /** Called for every entry, in order, before the guest goes on. */
  appended: (entry: Uint8Array, recorded: Recorded) => void;
  /** Called for every output, after its entry. */
  output: (output: number, made: Output) => void;
  /** Called when the guest has offered receive buffers. */
  receiveBuffers: () => void;
}

/** Who can stop the guest: a channel whose buffer is full, or an output gate that should not. */
export type Staller = 'channel' | 'gate';

export class Recording {
  readonly machine: Machine;
  /** Every entry so far; entry n is at index n - 1. */
  readonly entries: Uint8Array[] = [];
  /** State of the machine after each output, by the output's number; kept when the machines are to be compared. */
  readonly stateHashes: string[] = [];
  /** The guest has switched itself off. */
  off = false;
  readonly #stalledBy = new Set<Staller>();
  readonly #recorder: Recorder;

  constructor(options: RecordingOptions) {
    this.machine = options.machine;
    this.#recorder = createRecorder({
      machine: this.machine,
      outputs: options.outputs,
      clock: options.clock,
      log: (recorded) => this.#log(recorded, options),
      output: options.output,
      receiveBuffers: options.receiveBuffers,
    });
  }

  get canRun(): boolean {
    return !this.#recorder.stalled && !this.off;
  }

  /** Runs the guest for so many attempts; stops at once when it is stalled, and when it waits or powers off. */
  run(attempts: number): void {
    if (!this.canRun) return;
    const end = this.#recorder.run(this.machine.position + attempts);
    this.off ||= end === 'power-off' || end === 'reboot';
  }

  console(byte: number): void {
    if (this.canRun) this.#recorder.console(byte);
  }

  interrupt(line: InterruptLine): void {
    if (this.canRun) this.#recorder.interrupt(line);
  }

  /** Hands a frame to the network device; false where it finds no room, as a frame on a wire does. */
  packet(frame: Uint8Array): boolean {
    return this.canRun && this.#recorder.packet(frame);
  }

  /** Raises the timer interrupt if the guest has asked for it at or before `ticks` and has not been given it yet. */
  timer(ticks: bigint): void {
    const wanted = timerWanted(this.machine);
    if (wanted !== undefined && wanted <= ticks) this.interrupt(7);
  }

  get stalled(): boolean {
    return this.#recorder.stalled;
  }

  /** Stops the guest: at once, in the middle of a run. */
  stall(by: Staller): void {
    this.#stalledBy.add(by);
    this.#recorder.stall();
  }

  /** One of those who can stop it has no reason to any more; the guest goes on when none has. */
  resume(by: Staller): void {
    this.#stalledBy.delete(by);
    if (this.#stalledBy.size === 0) this.#recorder.resume();
  }

  #log(recorded: Recorded, { hashOutputs, appended }: RecordingOptions): void {
    if (hashOutputs && recorded.event.kind === 'output') this.stateHashes[recorded.event.output] = this.machine.stateHash();
    const entry = encodeRecorded(recorded);
    this.entries.push(entry);
    appended(entry, recorded);
  }
}
