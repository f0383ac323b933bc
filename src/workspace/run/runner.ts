/**
 * Runs a student's files against a lab's checks, off the page's own thread: one long-lived worker compiles, and each run gets a fresh
 * worker that is thrown away afterwards. So a run can hang or crash and the page, with the student's text in it, goes on.
 */
import { canonicalJson } from '../../../labs-runtime/checks/canonical-json.ts';
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import type { CrashDetail } from '../../../labs-runtime/checks/transcript.ts';
import type { Report } from '../../../labs-runtime/checks/report.ts';
import type { FromCompiler, FromRun, RuntimeAddress, ToCompiler, ToRun } from './messages.ts';

/** Only for what the step budget can't see, such as a browser that gives up on memory. A run takes a second or so. */
const wallClockMaxMs = 120_000;

/** How long after both workers are loaded the compiler practises on the starter, unless a run comes first. */
const warmUpAfterMs = 2000;

/** Where a run stands. `failed` is ours, not the student's: nothing was graded. */
export type Progress =
  | { kind: 'idle' }
  | { kind: 'preparing' }
  | { kind: 'running' }
  | { kind: 'done'; tookMs: number }
  | { kind: 'stopped' }
  | { kind: 'failed'; message: string };

export type Outcome =
  { kind: 'report'; report: Report; json: string; crashes: CrashDetail[] } | { kind: 'stopped' } | { kind: 'failed'; message: string };

export interface RunnerOptions {
  lab: Lab;
  runtime: RuntimeAddress;
  /** Text of each file's starter, by the file's name. */
  starters: Record<string, string>;
  /** Fetches the text of the lab's `checks.ts`; called when a run needs it. */
  checksSource: () => Promise<string>;
  onProgress: (progress: Progress) => void;
}

export class Runner {
  readonly #options: RunnerOptions;
  #compiler: Worker | undefined;
  /** The worker for the next run, already loaded with the runtime. */
  #next: Worker | undefined;
  /** The worker of the run under way, once it runs. */
  #used: Worker | undefined;
  #runs = 0;
  /** Number of the run under way. */
  #current: number | undefined;
  #warmUpTimer: ReturnType<typeof setTimeout> | undefined;
  #stop: ((outcome: Outcome) => void) | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Starts both workers when the browser has nothing better to do, so that the first run finds them ready. */
  loadWhenIdle(): void {
    const load = () => {
      this.#startCompiler();
      this.#startNext();
      // While the student reads: the first compilation of a page takes many times as long as any later one.
      if (this.#runs === 0)
        this.#warmUpTimer = setTimeout(() => void this.#compile(0, this.#options.starters).catch(() => undefined), warmUpAfterMs);
    };
    // Safari has no requestIdleCallback.
    if (typeof requestIdleCallback === 'function') requestIdleCallback(load, { timeout: 3000 });
    else setTimeout(load, 500);
  }

  /** One run of files, texts by name. Never throws: what went wrong is the outcome. */
  async run(files: Record<string, string>): Promise<Outcome> {
    clearTimeout(this.#warmUpTimer);
    const startedMs = performance.now();
    this.#runs += 1;
    const run = this.#runs;
    this.#current = run;
    this.#options.onProgress({ kind: 'preparing' });
    const stopped = new Promise<Outcome>((resolve) => (this.#stop = resolve));
    const clock = setTimeout(() => this.#stop?.({ kind: 'failed', message: tooLong }), wallClockMaxMs);
    const outcome = await Promise.race([stopped, this.#prepareAndObserve(run, files).catch(failed)]);
    clearTimeout(clock);
    this.#stop = this.#current = undefined;
    if (outcome.kind === 'failed') this.#endCompiler();
    this.#endUsed();
    this.#options.onProgress(outcome.kind === 'report' ? { kind: 'done', tookMs: performance.now() - startedMs } : outcome);
    return outcome;
  }

  /** Ends the run at once, wherever it is. */
  stop(): void {
    this.#stop?.({ kind: 'stopped' });
  }

  dispose(): void {
    this.stop();
    clearTimeout(this.#warmUpTimer);
    this.#endCompiler();
    this.#used?.terminate();
    this.#next?.terminate();
  }

  async #prepareAndObserve(run: number, files: Record<string, string>): Promise<Outcome> {
    const compiler = this.#startCompiler();
    const answer = reply<FromCompiler>(compiler, (message) => message.run === run);
    await this.#compile(run, files);
    const compiled = await answer;
    if (compiled.kind !== 'prepared') return finish(compiled);
    if (run !== this.#current) return { kind: 'stopped' };
    this.#options.onProgress({ kind: 'running' });
    const worker = this.#startNext();
    [this.#used, this.#next] = [worker, undefined];
    const observed = reply<FromRun>(worker, () => true);
    post<ToRun>(worker, { kind: 'observe', prepared: compiled.prepared });
    return finish(await observed);
  }

  /** Asks the compile worker; it answers under the number of the run. */
  async #compile(run: number, files: Record<string, string>): Promise<void> {
    const { lab, runtime, checksSource } = this.#options;
    post<ToCompiler>(this.#startCompiler(), { kind: 'prepare', run, runtime, lab, checksSource: await checksSource(), files });
  }

  #startCompiler(): Worker {
    if (!this.#compiler) {
      this.#compiler = new Worker(new URL('./compile.worker.ts', import.meta.url), { type: 'module' });
      post<ToCompiler>(this.#compiler, { kind: 'load', runtime: this.#options.runtime });
    }
    return this.#compiler;
  }

  #endCompiler(): void {
    this.#compiler?.terminate();
    this.#compiler = undefined;
  }

  #startNext(): Worker {
    if (!this.#next) {
      this.#next = new Worker(new URL('./run.worker.ts', import.meta.url), { type: 'module' });
      post<ToRun>(this.#next, { kind: 'load', runtime: this.#options.runtime });
    }
    return this.#next;
  }

  /** Ends the worker of the run that is over, and gets the next one ready. */
  #endUsed(): void {
    this.#used?.terminate();
    this.#used = undefined;
    this.#startNext();
  }
}

const tooLong = `The run took longer than ${wallClockMaxMs / 1000} seconds of real time and was ended. Nothing was graded; your text is safe.`;

function post<Message>(worker: Worker, message: Message): void {
  worker.postMessage(message);
}

/** The worker's next message that is meant; rejects when the worker itself fails. */
function reply<Message>(worker: Worker, isMeant: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    const done = new AbortController();
    const listen = (event: MessageEvent<Message>) => {
      if (!isMeant(event.data)) return;
      done.abort();
      resolve(event.data);
    };
    const fail = (event: Event) => {
      done.abort();
      reject(new Error((event as ErrorEvent).message || 'a worker could not be started'));
    };
    worker.addEventListener('message', listen as (event: MessageEvent) => void, { signal: done.signal });
    worker.addEventListener('error', fail, { signal: done.signal });
    worker.addEventListener('messageerror', fail, { signal: done.signal });
  });
}

function finish(answer: { kind: 'report'; report: Report; details?: CrashDetail[] } | { kind: 'failed'; message: string }): Outcome {
  if (answer.kind === 'failed') return failed(answer.message);
  const { report, details = [] } = answer;
  return { kind: 'report', report, json: canonicalJson(report), crashes: details };
}

function failed(reason: unknown): Outcome {
  const text = reason instanceof Error ? reason.message : String(reason);
  return {
    kind: 'failed',
    message: `The checks could not be run (${text}). Nothing was graded; your text is safe. Try again, or reload the page.`,
  };
}
