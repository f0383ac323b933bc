/**
 * What the queue costs: a class graded by this machine's pool, and the same class through a Redis and one worker on the same machine. Beside it what
 * `docs/grading-at-scale.md` reckons with: a worker's memory, and that of Redis.
 */
import { availableParallelism } from 'node:os';
import { Redis } from 'ioredis';
import type { ToGrade } from '../grader/grading/grade-class.ts';
import { openPool } from '../grader/grading/pool.ts';
import { openQueue } from '../grader/queue/queue-backend.ts';
import { RedisServer } from '../scripts/redis.ts';
import { WorkerCommand } from '../tests/grader/queue/worker-command.ts';
import { classOf, LAB, secondsFor } from './class-under-test.ts';
import { figureLine } from './figure.ts';
import { memoryBytes } from './memory.ts';

/** Bytes of Redis' memory that each of so many jobs takes while it waits: measured without workers. */
async function bytesWaiting(url: string, submissions: ToGrade[]): Promise<number> {
  const redis = new Redis(url);
  const used = async () => Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))![1]);
  const backend = await openQueue(url, { jobs: submissions.length });
  const before = await used();
  void secondsFor(backend, submissions);
  let waiting = 0;
  while (waiting < submissions.length) {
    const keys = await redis.keys('lockstep:*:wait');
    waiting = keys.length === 0 ? 0 : await redis.llen(keys[0]!);
  }
  const each = ((await used()) - before) / submissions.length;
  await backend.close();
  await redis.flushall();
  redis.disconnect();
  return each;
}

/** Lines about grading `count` submissions of a lab both ways. */
export async function benchQueue(count = 200): Promise<string[]> {
  const jobs = availableParallelism();
  const submissions = classOf(count);
  const pool = await openPool(jobs);
  const embedded = await secondsFor(pool, submissions);
  await pool.close();

  const redis = await RedisServer.start({ isPersistent: true });
  try {
    const waiting = await bytesWaiting(redis.url, submissions);
    const worker = new WorkerCommand(redis.url, jobs);
    await worker.says(/^Takes/);
    const backend = await openQueue(redis.url, { note: (message) => console.log(`  ${message}`) });
    let answerBytes = 0;
    const queued = await secondsFor(backend, submissions, { onKept: (bytes) => (answerBytes += bytes) });
    const memory = memoryBytes(worker.pid);
    await backend.close();
    await worker.stop();
    return lines({ count, jobs, embedded, queued, waiting, answer: answerBytes / count, memory });
  } finally {
    await redis.stop();
  }
}

interface Measured {
  count: number;
  jobs: number;
  /** Seconds of the whole class. */
  embedded: number;
  queued: number;
  /** Bytes. */
  waiting: number;
  answer: number;
  memory: number | undefined;
}

function lines({ count, jobs, embedded, queued, waiting, answer, memory }: Measured): string[] {
  const perMinute = (seconds: number) => (count / seconds / jobs) * 60;
  const how = `${count} different solutions of ${LAB}, ${jobs} at a time, divided by ${jobs}; start of the processes included`;
  return [
    figureLine({ what: 'by the pool, a core', value: perMinute(embedded), unit: '/min', how }),
    figureLine({
      what: 'through the queue, a core',
      value: perMinute(queued),
      unit: '/min',
      how: 'the same, with Redis, worker and grader on this machine',
    }),
    figureLine({ what: 'Redis, a job that waits', value: waiting / 1024, unit: 'KiB', how: 'used_memory, its lab included' }),
    figureLine({ what: 'Redis, an answer', value: answer / 1024, unit: 'KiB', how: 'its text, until it is fetched' }),
    ...(memory === undefined
      ? []
      : [
          figureLine({
            what: 'a worker, for each job at a time',
            value: memory / jobs / 2 ** 20,
            unit: 'MiB',
            how: 'Pss of all its processes at the end',
          }),
        ]),
  ];
}
