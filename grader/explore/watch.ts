/** Who waits for a search: the process around it, with its clock and its signals. Tests give another. */
import { constants } from 'node:os';

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

const SIGNALS: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Characters in a line where standard error does not say. */
const PROGRESS_WIDTH = 80;

export interface Watch {
  /** Characters in a line of standard error. */
  readonly progressWidth: number;
  /** The signal that asked for the end, if one has. */
  readonly signal: SignalName | undefined;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Lets signals come in. */
  breathe(): Promise<void>;
  /** Ends the watch: signals mean again what they mean to any process. */
  end(): void;
}

/** Exit status of a command that a signal stopped, as a shell has it. */
export function statusOfSignal(signal: SignalName): number {
  return 128 + constants.signals[signal];
}

/** The process of this command. */
export class ProcessWatch implements Watch {
  signal: SignalName | undefined;
  readonly #onSignal = (name: SignalName) => void (this.signal ??= name);

  constructor() {
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  get progressWidth(): number {
    return process.stderr.columns ?? PROGRESS_WIDTH;
  }

  now(): number {
    return performance.now();
  }

  breathe(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  end(): void {
    for (const name of SIGNALS) process.off(name, this.#onSignal);
  }
}
