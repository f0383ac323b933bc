/**
 * Grades on every core: a pool of threads, each of which bundles and judges, and has its own process for students' code. The threads are Piscina's;
 * a thread that ends takes its process with it.
 */
import { Piscina } from 'piscina';
import type { GradingAnswer, GradingJob } from './messages.ts';
import { loadRuntime } from './runtime.ts';
import { wallsInWords } from './walls.ts';

export interface Pool {
  /** Of the runtime that its threads load. */
  runtimeHash: string;
  /** How many submissions are graded at the same time. */
  jobs: number;
  /** What stands around students' code, in words. */
  walls: string;
  grade(job: GradingJob): Promise<GradingAnswer>;
  close(): Promise<void>;
}

/** Starts a pool. Threads start with the first submissions. */
export async function openPool(jobs: number): Promise<Pool> {
  // Built once, before several threads would.
  const { hash } = await loadRuntime();
  const piscina = new Piscina<GradingJob, GradingAnswer>({
    filename: new URL('thread.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: jobs,
    idleTimeout: Infinity,
    // A thread has to hear its process while it waits for work.
    atomics: 'disabled',
  });
  return {
    runtimeHash: hash,
    jobs,
    walls: await wallsInWords(),
    grade: (job) => piscina.run(job),
    close: () => piscina.destroy(),
  };
}
