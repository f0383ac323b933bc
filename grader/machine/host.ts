/** What a running machine needs of the process around it: keys, a screen, time and signals. Tests give another. */

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Receives what comes from outside; each call may come at any time between two slices of the run. */
export interface HostListener {
  /** Bytes typed, or read from a pipe. */
  input(bytes: Uint8Array): void;
  /** No more input will come. */
  inputEnded(): void;
  signal(name: SignalName): void;
  /** Nobody reads the output any more. */
  outputClosed(): void;
}

export interface Host {
  /** Whether the input is a terminal: then its keys come one by one and unseen. */
  readonly isTerminal: boolean;
  /** Begins to listen; a terminal goes into raw mode. Returns what ends it and restores the terminal, as often as it is called. */
  listen(listener: HostListener): () => void;
  /** Holds back further input while there is more than the guest takes. */
  holdInput(isHeld: boolean): void;
  /** Writes to standard output. Resolves when more can be written. */
  write(bytes: Uint8Array): Promise<void>;
  /** A line for people, on standard error. */
  note(text: string): void;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Lets what waits outside come in. Resolves after `ms`, after a very long time if that is undefined, or when `wake` is called. */
  sleep(ms: number | undefined): Promise<void>;
  wake(): void;
  random(byteCount: number): Uint8Array;
}
