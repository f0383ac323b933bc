/**
 * A recorded guest with a world around it, for the figures that run the machine: time passes, its timer runs out, requests come in. All of it
 * follows from the position alone, one tick of the clock an attempt, so that a figure shows every reader the same run.
 */
import type { Machine } from '../../../labs-runtime/emulator/machine.ts';
import type { Position, Recorded } from '../../../labs-runtime/ft/log-entry.ts';
import { createRecorder, type Recorder } from '../../../labs-runtime/ft/recorder.ts';

export interface DrivenGuestOptions {
  machine: Machine;
  log: (recorded: Recorded) => void;
  /** What the clock shows, from the true ticks and the number of the read (the first is 1). Default: the true ticks. */
  clock?: (ticks: bigint, read: number) => bigint;
  /** A byte comes to the console each so many attempts; default: none ever. A multiple of `pollAttempts`. */
  requestEvery?: number;
  /** How often the world looks at the machine. An interrupt of the timer is late by less than this. Default 64. */
  pollAttempts?: number;
  /** How many outputs the guest has made already, for a machine that did not come from boot. Default 0. */
  outputs?: number;
}

export class DrivenGuest {
  readonly #options: Required<Omit<DrivenGuestOptions, 'outputs'>>;
  readonly #recorder: Recorder;
  #reads = 0;
  /** The value of mtimecmp for which the timer has run out already. */
  #timerTaken: bigint | undefined;

  constructor(options: DrivenGuestOptions) {
    const { machine, log, outputs = 0 } = options;
    this.#options = { clock: (ticks) => ticks, requestEvery: Infinity, pollAttempts: 64, ...options };
    this.#recorder = createRecorder({ machine, log, outputs, output: () => {}, clock: () => this.#readClock() });
  }

  get outputs(): number {
    return this.#recorder.outputs;
  }

  /** Runs the guest to a position, with what happens to it on the way. False if it switches itself off before. */
  runTo(until: Position): boolean {
    const { machine, pollAttempts } = this.#options;
    while (machine.position < until) {
      const poll = Math.min(until, (Math.floor(machine.position / pollAttempts) + 1) * pollAttempts);
      const end = this.#recorder.run(poll);
      if (end === 'power-off' || end === 'reboot') return false;
      // A guest that waits is run on: its waiting counts attempts like everything else.
      if (machine.position === poll) this.#inject();
    }
    return true;
  }

  #inject(): void {
    const { machine, requestEvery } = this.#options;
    const { position } = machine;
    const interruptTimer = machine.interruptTimer();
    if (position % requestEvery === 0) this.#recorder.console(0x61 + ((position / requestEvery) % 26));
    if (BigInt(position) >= interruptTimer && interruptTimer !== this.#timerTaken) {
      this.#timerTaken = interruptTimer;
      this.#recorder.interrupt(7);
    }
  }

  #readClock(): bigint {
    return this.#options.clock(BigInt(this.#options.machine.position), ++this.#reads);
  }
}
