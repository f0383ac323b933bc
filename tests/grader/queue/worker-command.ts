/** `lockstep worker` as a process, for tests and measurements. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The command, without the parts that read its arguments. */
export class WorkerCommand {
  /** What it said on standard error, by the line. */
  readonly said: string[] = [];
  readonly status: Promise<number | null>;
  readonly #child: ChildProcess;
  #onLine = () => {};

  constructor(url: string, jobs: number, env: Record<string, string> = {}) {
    const worker = new URL('../../../grader/queue/worker.ts', import.meta.url).href;
    const task = JSON.stringify({ kind: 'worker', queue: url, jobs });
    const code = `const { runWorker } = await import('${worker}');
      process.exitCode = await runWorker(${task}, { error: (text) => process.stderr.write(text) });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'inherit', 'pipe'],
      env: { ...process.env, ...env },
    });
    createInterface(child.stderr).on('line', (line) => {
      this.said.push(line);
      this.#onLine();
    });
    this.status = new Promise((resolve) => child.on('close', resolve));
    this.#child = child;
  }

  /** A line that it says, sooner or later; what it said instead, where it ends without. */
  async says(words: RegExp): Promise<string> {
    const isOver = this.status.then(() => true);
    for (;;) {
      const line = this.said.find((each) => words.test(each));
      if (line !== undefined) return line;
      const isLine = new Promise<false>((resolve) => (this.#onLine = () => resolve(false)));
      if (await Promise.race([isLine, isOver])) return this.said.join('\n');
    }
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.status;
  }

  /** Asks it to end. Returns its exit status. */
  stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    return this.status;
  }
}
