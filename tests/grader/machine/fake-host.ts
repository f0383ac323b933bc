/**
 * A host without a process, for tests of what runs machines: time passes only while the machine sleeps, by as much as it sleeps, and a tick at
 * each look. What comes from outside is a script: each step waits for a text on the screen, or for sleep without an end.
 */
import type { Host, HostListener, SignalName } from '../../../grader/machine/host.ts';

/** What happens next from outside: once `after` has been written (or the machine waits for input, without it), `does` is done. */
export interface Step {
  after?: string;
  does: (listener: HostListener) => void;
}

export const type = (text: string) => (listener: HostListener) => listener.input(Buffer.from(text, 'latin1'));
export const endInput = (listener: HostListener) => listener.inputEnded();
export const signal = (name: SignalName) => (listener: HostListener) => listener.signal(name);
export const closeOutput = (listener: HostListener) => listener.outputClosed();

export class FakeHost implements Host {
  readonly isTerminal: boolean;
  readonly notes: string[] = [];
  /** Milliseconds of every sleep that had an end, and Infinity for one that had none. */
  readonly sleeps: number[] = [];
  /** Whether the terminal is in raw mode, and whether input is held back. */
  isListening = false;
  isInputHeld = false;
  wasInputHeld = false;
  #text = '';
  #searched = 0;
  #nowMs = 0;
  #listener: HostListener | undefined;
  readonly #steps: Step[];

  constructor(steps: Step[] = [], isTerminal = true) {
    this.#steps = [...steps];
    this.isTerminal = isTerminal;
  }

  /** What was written to standard output. */
  get text(): string {
    return this.#text;
  }

  /** Steps that have not happened. */
  get stepsLeft(): number {
    return this.#steps.length;
  }

  listen(listener: HostListener): () => void {
    this.#listener = listener;
    this.isListening = true;
    return () => void (this.isListening = false);
  }

  holdInput(isHeld: boolean): void {
    this.isInputHeld = isHeld;
    this.wasInputHeld ||= isHeld;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#text += Buffer.from(bytes).toString('latin1');
  }

  note(text: string): void {
    this.notes.push(text);
  }

  now(): number {
    this.#nowMs += 0.001;
    return this.#nowMs;
  }

  /** Lets time pass outside. */
  pass(ms: number): void {
    this.#nowMs += ms;
  }

  async sleep(ms: number | undefined): Promise<void> {
    if (ms !== 0) this.sleeps.push(ms ?? Infinity);
    if (this.#takeStep(ms === undefined)) return;
    if (ms === undefined) throw new Error(`the machine sleeps for ever; on the screen is ${JSON.stringify(this.#text.slice(-200))}`);
    this.#nowMs += ms;
  }

  wake(): void {}

  random(byteCount: number): Uint8Array {
    return Uint8Array.from({ length: byteCount }, (_, index) => index);
  }

  #takeStep(isWaitingForInput: boolean): boolean {
    const [step] = this.#steps;
    if (step === undefined) return false;
    if (step.after === undefined) {
      if (!isWaitingForInput) return false;
    } else {
      const found = this.#text.indexOf(step.after, this.#searched);
      if (found < 0) return false;
      this.#searched = found + step.after.length;
    }
    this.#steps.shift();
    step.does(this.#listener!);
    return true;
  }
}
