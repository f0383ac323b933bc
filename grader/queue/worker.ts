/** `lockstep worker`: a worker of the queue as a command, with this machine's cores. */
import { availableParallelism } from 'node:os';
import type { Redis } from 'ioredis';
import type { Console } from '../console.ts';
import { EXIT } from '../exit.ts';
import { openPool } from '../grading/pool.ts';
import { loadRuntime } from '../grading/runtime.ts';
import { printableLines } from '../terminal.ts';
import { version } from '../version.ts';
import { connect, QueueError, shownUrl } from './connection.ts';
import { inWords } from './presence.ts';
import { QueueWorker } from './queue-worker.ts';
import type { WorkerTask } from './tasks.ts';

/** Does what `lockstep worker` was asked for, until a signal ends it. Returns the exit status. */
export async function runWorker({ queue, jobs = availableParallelism() }: WorkerTask, console: Console): Promise<number> {
  const note = (message: string) => console.error(`${printableLines(message, 0).join('\n')}\n`);
  let redis: Redis;
  try {
    redis = await connect(queue, note);
  } catch (error) {
    if (!(error instanceof QueueError)) throw error;
    note(error.message);
    return EXIT.notGraded;
  }
  const stopped = stopSignal();
  const pool = await openPool(jobs);
  const software = { version: version(), runtimeHash: (await loadRuntime()).hash };
  const worker = new QueueWorker({ ...software, redis, jobs, grade: pool.grade, note });
  await worker.ready();
  note(`Takes submissions from ${shownUrl(queue)}, ${jobs} at a time, as ${inWords(software)}. Students’ code runs in ${pool.walls}.`);
  await stopped;
  note('Ends what it has begun, and takes nothing new. A second signal ends it at once.');
  await worker.close();
  await pool.close();
  return EXIT.pass;
}

/** The first signal that asks for the end; the next has its usual effect. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGTERM', stop).off('SIGINT', stop);
      resolve();
    };
    process.on('SIGTERM', stop).on('SIGINT', stop);
  });
}
