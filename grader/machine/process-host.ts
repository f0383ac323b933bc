/** The process as the host of a machine: its terminal, its clock and its signals. */
import { randomBytes } from 'node:crypto';
import type { Host, HostListener, SignalName } from './host.ts';

const SIGNALS: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
/** The longest wait that a timer can have. */
const SLEEP_MS_MAX = 2 ** 31 - 1;

export class ProcessHost implements Host {
  readonly isTerminal = process.stdin.isTTY === true;
  #endSleep: (() => void) | undefined;
  /** Woken while it did not sleep: the next sleep is over at once. */
  #isWoken = false;
  #isOutputClosed = false;
  #isInputHeld = false;

  listen(listener: HostListener): () => void {
    const { stdin, stdout } = process;
    const onData = (bytes: Buffer) => listener.input(bytes);
    const onEnd = () => listener.inputEnded();
    const onOutputError = () => {
      this.#isOutputClosed = true;
      listener.outputClosed();
    };
    const onSignal = (name: SignalName) => listener.signal(name);
    const restore = () => {
      if (this.isTerminal) stdin.setRawMode(false);
    };
    if (this.isTerminal) stdin.setRawMode(true);
    stdin.on('data', onData).on('end', onEnd).on('error', onEnd);
    stdout.on('error', onOutputError);
    for (const name of SIGNALS) process.on(name, onSignal);
    // The last resort, for ends that nobody foresaw.
    process.on('exit', restore);
    return () => {
      restore();
      process.off('exit', restore);
      for (const name of SIGNALS) process.off(name, onSignal);
      stdin.off('data', onData).off('end', onEnd);
      // A pipe that stays open would keep the process alive.
      stdin.destroy();
    };
  }

  holdInput(isHeld: boolean): void {
    if (isHeld === this.#isInputHeld) return;
    this.#isInputHeld = isHeld;
    if (isHeld) process.stdin.pause();
    else process.stdin.resume();
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#isOutputClosed) return Promise.resolve();
    return new Promise((resolve) => process.stdout.write(bytes, () => resolve()));
  }

  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  now(): number {
    return performance.now();
  }

  sleep(ms: number | undefined): Promise<void> {
    if (this.#isWoken) {
      this.#isWoken = false;
      return yieldOnce();
    }
    if (ms === 0) return yieldOnce();
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#endSleep?.(), Math.min(Math.ceil(ms ?? SLEEP_MS_MAX), SLEEP_MS_MAX));
      this.#endSleep = () => {
        clearTimeout(timer);
        this.#endSleep = undefined;
        resolve();
      };
    });
  }

  wake(): void {
    if (this.#endSleep === undefined) this.#isWoken = true;
    else this.#endSleep();
  }

  random(byteCount: number): Uint8Array {
    return new Uint8Array(randomBytes(byteCount));
  }
}

function yieldOnce(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
