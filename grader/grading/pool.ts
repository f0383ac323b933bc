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

export interface PoolOptions {
  /** Heap of a thread; the engine's own limit if absent. */
  heapMegabytes?: number;
}

/** Starts a pool. Threads start with the first submissions. */
export async function openPool(jobs: number, { heapMegabytes }: PoolOptions = {}): Promise<Pool> {
  // Built once, before several threads would.
  const { hash } = await loadRuntime();
  const piscina = new Piscina<GradingJob, GradingAnswer>({
    filename: new URL('thread.ts', import.meta.url).href,
    minThreads: 0,
    maxThreads: jobs,
    idleTimeout: Infinity,
    // A thread has to hear its process while it waits for work.
    atomics: 'disabled',
    ...(heapMegabytes !== undefined && { resourceLimits: { maxOldGenerationSizeMb: heapMegabytes } }),
  });
  return {
    runtimeHash: hash,
    jobs,
    walls: await wallsInWords(),
    grade: (job) => piscina.run(job).catch(outOfMemory),
    close: () => piscina.destroy(),
  };
}

/** A process that a submission took over can record what fills the memory of the thread that reads it: its own trouble, and nobody else's. */
function outOfMemory(error: unknown): GradingAnswer {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
  return { kind: 'died', message: 'The thread that judges it had not memory enough for what its process recorded.' };
}
