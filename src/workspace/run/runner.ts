/**
 * Runs a student's files against a lab's checks, off the page's own thread: one long-lived worker compiles, and others share
 * the checks of a run. Those that hang or fail are thrown away, so a run can do both and the page, with the student's text in it, goes on.
 */
import { assembleReport } from '../../../labs-runtime/checks/assemble-report.ts';
import { canonicalJson } from '../../../labs-runtime/checks/canonical-json.ts';
import type { Observed, Prepared } from '../../../labs-runtime/checks/host.ts';
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import type { CrashDetail } from '../../../labs-runtime/checks/transcript.ts';
import type { Report } from '../../../labs-runtime/checks/report.ts';
import type { FromCompiler, FromRun, RuntimeAddress, ToCompiler, ToRun } from './messages.ts';

/** Only for what the step budget can't see, such as a browser that gives up on memory. A run takes a second or so. */
const wallClockMaxMs = 120_000;

/** How long after the workers are loaded the compiler practises on the starter, unless a run comes first. */
const warmUpAfterMs = 2000;

/** How many workers share the checks of a run: one a core, as far as that still makes a run shorter. */
const runWorkers = Math.max(1, Math.min(navigator.hardwareConcurrency || 1, 4));

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
  /** The workers for the next run, already loaded with the runtime. */
  #next: Worker[] = [];
  /** The workers of the run under way, once it runs. */
  #used: Worker[] = [];
  #runs = 0;
  /** Number of the run under way. */
  #current: number | undefined;
  #warmUpTimer: ReturnType<typeof setTimeout> | undefined;
  #stop: ((outcome: Outcome) => void) | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  /** Starts all workers when the browser has nothing better to do, so that the first run finds them ready. */
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
    this.#endRun(outcome);
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
    for (const worker of [...this.#used, ...this.#next]) worker.terminate();
  }

  async #prepareAndObserve(run: number, files: Record<string, string>): Promise<Outcome> {
    const compiler = this.#startCompiler();
    const answer = reply<FromCompiler>(compiler, (message) => message.run === run);
    await this.#compile(run, files);
    const compiled = await answer;
    if (compiled.kind !== 'prepared') return finish(compiled);
    if (run !== this.#current) return { kind: 'stopped' };
    this.#options.onProgress({ kind: 'running' });
    const { prepared } = compiled;
    const { checks, details } = await this.#observe(prepared);
    return finish({ kind: 'report', report: assembleReport(prepared, checks), details });
  }

  /** Deals out the checks, one at a time, to whichever worker is free. */
  async #observe(prepared: Prepared): Promise<Observed> {
    this.#startNext();
    [this.#used, this.#next] = [this.#next, []];
    const titles = prepared.lab.checks.map(({ title }) => title);
    const all: Observed = { checks: [], details: [] };
    const work = async (worker: Worker) => {
      for (let title = titles.shift(); title !== undefined; title = titles.shift()) {
        const answer = reply<FromRun>(worker, () => true);
        post<ToRun>(worker, { kind: 'observe', prepared, title });
        const observed = await answer;
        if (observed.kind === 'failed') throw new Error(observed.message);
        all.checks.push(...observed.checks);
        all.details.push(...observed.details);
      }
    };
    await Promise.all(this.#used.map(work));
    return all;
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

  #startNext(): void {
    while (this.#next.length < runWorkers) {
      const worker = new Worker(new URL('./run.worker.ts', import.meta.url), { type: 'module' });
      post<ToRun>(worker, { kind: 'load', runtime: this.#options.runtime });
      this.#next.push(worker);
    }
  }

  /** Workers that came to their end serve again: each check gets a realm's fresh evaluation anyway. Others are ended, whatever they are doing. */
  #endRun(outcome: Outcome): void {
    if (outcome.kind === 'report') this.#next.push(...this.#used);
    else for (const worker of this.#used) worker.terminate();
    this.#used = [];
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
