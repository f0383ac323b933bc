/**
 * The replaying side of a host: takes the entries that the channel hands over, and runs a real machine along them.
 */
import type { Machine } from '../emulator/machine.ts';
import { decodeRecorded } from '../ft/log-codec.ts';
import type { LogEntry, Output } from '../ft/log-entry.ts';
import { createReplayer } from '../ft/replayer.ts';
import type { Replayer } from '../ft/replayer.ts';

export interface ReplayingOptions {
  machine: Machine;
  /** Called when the replay has passed output number `output`, with the machine in the state after it. */
  replayedOutput: (output: number) => void;
}

export class Replaying {
  readonly machine: Machine;
  /**
   * The output at the end of the log, if its last entry is one: nobody knows whether the primary still let it out, so that a backup which goes live
   * makes it itself (section 2.2).
   */
  outputInDoubt: { output: number; made: Output } | undefined;
  readonly #replayer: Replayer;
  /** Handed over and not replayed yet. */
  readonly #waiting: LogEntry[] = [];
  deliveredSeq = 0;
  consumedSeq = 0;
  /** The replay has reached the entry that says that the guest switched itself off. */
  off = false;

  constructor(options: ReplayingOptions) {
    this.machine = options.machine;
    this.#replayer = createReplayer({
      machine: this.machine,
      output: (output, made) => {
        this.outputInDoubt = { output, made };
        options.replayedOutput(output);
      },
    });
  }

  /** Entries handed over and not consumed. */
  get held(): number {
    return this.deliveredSeq - this.consumedSeq;
  }

  /** How many outputs the guest has made. */
  get outputs(): number {
    return this.#replayer.outputs;
  }

  /** Takes the next entry, which the caller has checked to be the one that follows. */
  take(seq: number, entry: Uint8Array): void {
    this.deliveredSeq = seq;
    this.#waiting.push({ seq, ...decodeRecorded(entry) });
  }

  /** Replays up to `entriesMax` entries and returns the number of the last one that is done with. */
  replay(entriesMax: number): number {
    for (const entry of this.#waiting.splice(0, entriesMax)) {
      this.off ||= entry.event.kind === 'power-off' || entry.event.kind === 'reboot';
      this.#replayer.accept(entry);
      if (entry.event.kind !== 'output') this.outputInDoubt = undefined;
      this.consumedSeq = this.#replayer.run().consumed;
    }
    return this.consumedSeq;
  }

  /** Runs on without any entry, to a position that the primary reached without any. */
  runTo(position: number): void {
    while (this.machine.position < position) {
      const stop = this.machine.run(position);
      if (stop.reason !== 'position' && stop.reason !== 'wait') return;
    }
  }
}
