/** Workers as processes of their own, for tests that kill them. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

export class WorkerProcess {
  /** Submissions that it began, by their text. */
  readonly begun: string[] = [];
  /** It takes submissions, or has ended. */
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  isOver = false;

  constructor(url: string, jobs: number, lockMs: number) {
    const script = fileURLToPath(new URL('stand-in-worker.ts', import.meta.url));
    this.#child = spawn(process.execPath, [script, url, String(jobs), String(lockMs)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines = createInterface(this.#child.stdout);
    this.ready = new Promise((resolve) => {
      lines.once('line', () => {
        lines.on('line', (text) => this.begun.push(text));
        resolve();
      });
      lines.on('close', resolve);
    });
    this.ended = new Promise((resolve) => this.#child.on('close', () => resolve()));
    void this.ended.then(() => (this.isOver = true));
  }

  /** Ends it at once, or asks it to end. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (!this.isOver) this.#child.kill(signal);
    await this.ended;
  }
}

/** Workers that come and go. */
export class Workers {
  readonly #url: string;
  readonly #jobs: number;
  readonly #lockMs: number;
  readonly #all: WorkerProcess[] = [];
  /** Whether none is to be replaced any more. */
  isClosing = false;

  /** @param jobs submissions at a time @param lockMs how long one may be silent until its jobs are given to others */
  constructor(url: string, jobs: number, lockMs: number) {
    this.#url = url;
    this.#jobs = jobs;
    this.#lockMs = lockMs;
  }

  /** One more; done when it takes submissions. */
  async start(): Promise<WorkerProcess> {
    const worker = new WorkerProcess(this.#url, this.#jobs, this.#lockMs);
    this.#all.push(worker);
    await worker.ready;
    return worker;
  }

  /** Sees to it that there is one: when it ends, another takes its place. */
  async replace(): Promise<void> {
    let [worker] = this.alive;
    while (!this.isClosing) {
      await worker?.ended;
      if (!this.isClosing) worker = await this.start();
    }
  }

  /** Those that are at work, the longest there first. */
  get alive(): WorkerProcess[] {
    return this.#all.filter(({ isOver }) => !isOver);
  }

  /** Submissions that were begun, by their text, each as often as it was. */
  get begun(): string[] {
    return this.#all.flatMap(({ begun }) => begun);
  }

  async killAll(): Promise<void> {
    this.isClosing = true;
    await Promise.all(this.#all.map((worker) => worker.end('SIGKILL')));
  }
}
