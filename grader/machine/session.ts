/**
 * One run of a machine at a terminal or in a pipe: slices of the guest under the monitor, and between them keys, output, the recording, and
 * sleep while the guest waits. mtime is real time, at 1 MHz from the start.
 */
import type { Machine } from '../../labs-runtime/emulator/machine.ts';
import type { Disk } from '../../labs-runtime/monitor/disk.ts';
import { TICKS_PER_SECOND } from '../../labs-runtime/monitor/linux.ts';
import { Monitor, type SliceEnd } from '../../labs-runtime/monitor/monitor.ts';
import { ConsoleKeys, KEYS_HINT } from './console-keys.ts';
import type { Host, HostListener, SignalName } from './host.ts';
import type { LogFile } from './log-file.ts';

/** Attempts in one slice: some milliseconds, so that a key is never late. */
const SLICE_ATTEMPTS = 500_000;
/** Input that waits for the guest: more is held back outside. */
const TYPED_BYTES_MAX = 65536;

const TICKS_PER_MS = TICKS_PER_SECOND / 1000;

export interface SessionOptions {
  machine: Machine;
  host: Host;
  disk: Disk;
  /** The recording, if there is one: then it ends where the guest asks for a reboot. */
  log: LogFile | undefined;
  /** Attempts of the whole session, at most. */
  limit: number;
}

/** Why a session ended. */
export type SessionEnd = 'power-off' | 'reboot' | 'left' | 'limit' | 'input ended' | 'output closed' | SignalName;

export class Session implements HostListener {
  readonly #options: SessionOptions;
  readonly #startMs: number;
  readonly #keys = new ConsoleKeys();
  #monitor: Monitor;
  #output: number[] = [];
  /** Attempts made before the last reboot. */
  #attemptsBefore = 0;
  #isInputEnded = false;
  #end: SessionEnd | undefined;
  #isAtLineStart = true;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#startMs = options.host.now();
    this.#monitor = this.#createMonitor();
  }

  /** Runs until the session ends, and leaves the terminal as it was. */
  async run(): Promise<SessionEnd> {
    const stop = this.#options.host.listen(this);
    try {
      while (this.#end === undefined) await this.#slice();
      return this.#end;
    } finally {
      stop();
    }
  }

  /** Whether what the guest wrote ends with a line end, so that a note can follow. */
  get isAtLineStart(): boolean {
    return this.#isAtLineStart;
  }

  input(bytes: Uint8Array): void {
    const { host } = this.#options;
    const { typed, wish } = host.isTerminal ? this.#keys.take(bytes) : { typed: bytes, wish: undefined };
    this.#monitor.type(typed);
    if (this.#monitor.typedBytes > TYPED_BYTES_MAX) host.holdInput(true);
    if (wish === 'hint') host.note(KEYS_HINT);
    if (wish === 'leave') this.#end ??= 'left';
    host.wake();
  }

  inputEnded(): void {
    this.#isInputEnded = true;
    this.#options.host.wake();
  }

  signal(name: SignalName): void {
    this.#end ??= name;
    this.#options.host.wake();
  }

  outputClosed(): void {
    this.#end ??= 'output closed';
    this.#options.host.wake();
  }

  async #slice(): Promise<void> {
    const { machine, host, log, limit } = this.#options;
    const attemptsLeft = limit - this.#attemptsBefore - machine.position;
    if (attemptsLeft <= 0) {
      this.#end ??= 'limit';
      return;
    }
    const end = this.#monitor.run(Math.min(SLICE_ATTEMPTS, attemptsLeft));
    await this.#writeOutput();
    log?.note(end.reason === 'waiting');
    if (this.#monitor.typedBytes <= TYPED_BYTES_MAX / 2) host.holdInput(false);
    await this.#afterSlice(end);
  }

  async #afterSlice(end: SliceEnd): Promise<void> {
    switch (end.reason) {
      case 'running':
        return this.#options.host.sleep(0);
      case 'waiting':
        return this.#wait(end.until);
      case 'power-off':
        this.#end ??= 'power-off';
        return;
      case 'reboot':
        this.#reboot();
    }
  }

  async #wait(until: bigint | undefined): Promise<void> {
    const { host } = this.#options;
    if (until !== undefined) return host.sleep(Math.max(0, Number(until - this.#clock()) / TICKS_PER_MS));
    if (this.#isInputEnded && this.#monitor.typedBytes === 0) this.#end ??= 'input ended';
    else await host.sleep(undefined);
  }

  #reboot(): void {
    const { machine, log } = this.#options;
    if (log !== undefined) {
      this.#end ??= 'reboot';
      return;
    }
    this.#attemptsBefore += machine.position;
    machine.reset();
    const typed = this.#monitor.takeBackTyped();
    this.#monitor = this.#createMonitor();
    this.#monitor.type(typed);
  }

  async #writeOutput(): Promise<void> {
    if (this.#output.length === 0) return;
    const bytes = Uint8Array.from(this.#output);
    this.#output = [];
    this.#isAtLineStart = bytes.at(-1) === 0x0a;
    await this.#options.host.write(bytes);
  }

  #clock(): bigint {
    return BigInt(Math.floor((this.#options.host.now() - this.#startMs) * TICKS_PER_MS));
  }

  #createMonitor(): Monitor {
    const { machine, host, disk, log } = this.#options;
    return new Monitor({
      machine,
      clock: () => this.#clock(),
      consoleOutput: (byte) => void this.#output.push(byte),
      log: (recorded) => log?.append(recorded),
      disk,
      entropy: (byteCount) => host.random(byteCount),
    });
  }
}
