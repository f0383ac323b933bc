/**
 * The primary of a simulated pair: a real machine, its recorder, and the channel's end under test.
 */
import type { ChannelOptions } from '../ft/channel-api.ts';
import type { InterruptLine, Recorded } from '../ft/log-entry.ts';
import { encodeRecorded } from '../ft/log-codec.ts';
import { createRecorder } from '../ft/recorder.ts';
import type { Recorder } from '../ft/recorder.ts';
import { Machine } from '../emulator/machine.ts';
import { ChannelEnd } from './channel-end.ts';
import type { ChannelPart } from './channel-end.ts';

export interface PrimaryOptions {
  image: Uint8Array;
  ramBytes: number;
  part: ChannelPart;
  channel: ChannelOptions;
  /** Whether to hash the machine's state at each output. */
  hashOutputs: boolean;
  /** Virtual time in mtime ticks. */
  clock: () => bigint;
  /** Called for every entry, in order; the world hands it to the channel's end. */
  appended: (entry: Uint8Array) => void;
}

export class Primary {
  readonly machine: Machine;
  readonly end: ChannelEnd;
  readonly #recorder: Recorder;
  /** Every entry so far; entry n is at index n - 1. */
  readonly entries: Uint8Array[] = [];
  /** State of the machine after each output, by the output's number; kept when the machines are to be compared. */
  readonly stateHashes: string[] = [];
  acknowledgedSeq = 0;
  crashed = false;

  constructor(options: PrimaryOptions) {
    this.machine = new Machine({ ramBytes: options.ramBytes });
    this.machine.load(options.image);
    this.end = new ChannelEnd(options.part, options.channel);
    this.#recorder = createRecorder({
      machine: this.machine,
      clock: options.clock,
      log: (recorded) => this.#log(recorded, options),
      output: () => {},
    });
  }

  /** Entries appended and not acknowledged: what the end must hold. */
  get held(): number {
    return this.entries.length - this.acknowledgedSeq;
  }

  get canRun(): boolean {
    return !this.stalled && !this.crashed;
  }

  /** Runs the guest for so many attempts; stops at once when the channel's end stalls it, and when the guest waits or powers off. */
  run(attempts: number): void {
    if (this.canRun) this.#recorder.run(this.machine.position + attempts);
  }

  console(byte: number): void {
    if (this.canRun) this.#recorder.console(byte);
  }

  interrupt(line: InterruptLine): void {
    if (this.canRun) this.#recorder.interrupt(line);
  }

  get stalled(): boolean {
    return this.#recorder.stalled;
  }

  /** Stops the guest: at once, in the middle of a run. */
  stall(): void {
    this.#recorder.stall();
  }

  resume(): void {
    this.#recorder.resume();
  }

  #log(recorded: Recorded, { hashOutputs, appended }: PrimaryOptions): void {
    if (hashOutputs && recorded.event.kind === 'output') this.stateHashes[recorded.event.output] = this.machine.stateHash();
    const entry = encodeRecorded(recorded);
    this.entries.push(entry);
    appended(entry);
  }
}
