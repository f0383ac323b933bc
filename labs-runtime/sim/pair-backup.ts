/**
 * The backup of a simulated pair: the channel's end under test hands over entries; a real machine replays them and is compared
 * with the primary's at each output.
 */
import type { ChannelOptions } from '../ft/channel-api.ts';
import { decodeRecorded } from '../ft/log-codec.ts';
import type { LogEntry } from '../ft/log-entry.ts';
import { createReplayer } from '../ft/replayer.ts';
import type { Replayer } from '../ft/replayer.ts';
import { Machine } from '../emulator/machine.ts';
import { ChannelEnd } from './channel-end.ts';
import type { ChannelPart } from './channel-end.ts';

export interface BackupOptions {
  image: Uint8Array;
  ramBytes: number;
  part: ChannelPart;
  channel: ChannelOptions;
  /** Called when the replay has passed output number `output`, with the machine in the state after it. */
  replayedOutput: (output: number) => void;
}

export class Backup {
  readonly machine: Machine;
  readonly end: ChannelEnd;
  readonly #replayer: Replayer;
  /** Handed over and not replayed yet. */
  readonly #waiting: LogEntry[] = [];
  deliveredSeq = 0;
  consumedSeq = 0;

  constructor(options: BackupOptions) {
    this.machine = new Machine({ ramBytes: options.ramBytes });
    this.machine.load(options.image);
    this.end = new ChannelEnd(options.part, options.channel);
    this.#replayer = createReplayer({
      machine: this.machine,
      output: options.replayedOutput,
    });
  }

  /** Entries handed over and not consumed. */
  get held(): number {
    return this.deliveredSeq - this.consumedSeq;
  }

  /** Takes the next entry, which the caller has checked to be the one that follows. */
  take(seq: number, entry: Uint8Array): void {
    this.deliveredSeq = seq;
    this.#waiting.push({ seq, ...decodeRecorded(entry) });
  }

  /** Replays up to `entriesMax` entries and returns the number of the last one that is done with. */
  replay(entriesMax: number): number {
    for (const entry of this.#waiting.splice(0, entriesMax)) this.#replayer.accept(entry);
    this.consumedSeq = this.#replayer.run().consumed;
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
