/**
 * Replays a log to any position, also past its last entry: the replayer of walk one (step 4) stops there, since a backup cannot know what comes
 * next, but who replays a finished recording knows that nothing does. Time travel, the comparison of recordings and the command stand on it.
 */
import type { Machine } from '../emulator/machine.ts';
import { outputOf, type LogEntry, type Output, type Position } from '../ft/log-entry.ts';
import { createReplayer, type Replayer } from '../ft/replayer.ts';

export interface ReplayRunOptions {
  /** The machine, in the state after the first `consumed` entries. */
  machine: Machine;
  /** The whole log; entries may be added to its end. */
  entries: readonly LogEntry[];
  /** Default 0: a machine at boot. */
  consumed?: number;
  /** How many outputs the guest has made before that state. Default 0. */
  outputs?: number;
  /** Sees each output as it is made again. */
  output?: (output: number, made: Output) => void;
}

/** The guest did something that has an entry, past the last entry of the log: the log is not the whole log of this run. */
export class PastLogEnd extends Error {
  override name = 'PastLogEnd';
  readonly position: Position;

  constructor(position: Position, did: string) {
    super(`replay diverged at position ${position}: the log has no entry left, but the guest ${did}`);
    this.position = position;
  }
}

export class ReplayRun {
  readonly #machine: Machine;
  readonly #entries: readonly LogEntry[];
  readonly #replayer: Replayer;
  #accepted: number;

  constructor({ machine, entries, consumed = 0, outputs = 0, output }: ReplayRunOptions) {
    this.#machine = machine;
    this.#entries = entries;
    this.#accepted = consumed;
    this.#replayer = createReplayer({ machine, consumed, outputs, ...(output !== undefined && { output }) });
  }

  /** How many entries of the log the state contains. */
  get consumed(): number {
    return this.#replayer.consumed;
  }

  /** How many outputs the guest has made. */
  get outputs(): number {
    return this.#replayer.outputs;
  }

  /**
   * Runs on to a position, not before the machine's own; ends after all entries there, but for a load of the clock, which is an attempt of its
   * own, and for entries beyond number `entriesMax`. A machine that powers off stays where it did. Throws ReplayDivergence or PastLogEnd
   * where guest and log disagree.
   */
  runTo(position: Position, entriesMax = Infinity): void {
    const machine = this.#machine;
    for (let entry = this.#entries[this.#accepted]; entry !== undefined && entry.at <= position; entry = this.#entries[this.#accepted]) {
      if (entry.seq > entriesMax) break;
      this.#replayer.accept(entry);
      this.#accepted++;
    }
    if (this.#replayer.held > 0) this.#replayer.run(position - machine.position);
    for (let before = -1; machine.power === 'on' && machine.position < position && machine.position !== before;) {
      before = machine.position; // Harts that all wait stay where they are.
      const stop = machine.run(position);
      switch (stop.reason) {
        case 'position':
        case 'wait':
        case 'receive-buffers':
        case 'entropy':
          break;
        case 'disk':
          if (outputOf(stop) !== undefined) throw new PastLogEnd(machine.position, 'made an output');
          break;
        case 'clock':
          throw new PastLogEnd(machine.position, 'read the clock');
        case 'power-off':
        case 'reboot':
          throw new PastLogEnd(machine.position, `asked for a ${stop.reason}`);
        default:
          throw new PastLogEnd(machine.position, 'made an output');
      }
    }
  }
}
