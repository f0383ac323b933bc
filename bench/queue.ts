/**
 * What the queue costs: a class graded by this machine's pool, and the same class through a Redis and one worker on the same machine. Beside it what
 * `docs/grading-at-scale.md` reckons with: a worker's memory, and that of Redis.
 */
import { readFileSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Redis } from 'ioredis';
import { gradeClass, type Backend, type ToGrade } from '../grader/grading/grade-class.ts';
import { openPool } from '../grader/grading/pool.ts';
import { loadRuntime } from '../grader/grading/runtime.ts';
import { readChecks } from '../grader/labs.ts';
import { openQueue } from '../grader/queue/queue-backend.ts';
import { RedisServer } from '../scripts/redis.ts';
import { WorkerCommand } from '../tests/grader/queue/worker-command.ts';
import { labMatrix } from '../tests/src/labs/lab-matrix.ts';
import { figureLine, timeMs } from './figure.ts';

const LAB = 'logging-channel';

/** Each is another text: what two hand in alike is graded once by the queue. */
function classOf(count: number): ToGrade[] {
  const { solutions, solutionSource, file } = labMatrix.find(({ lab }) => lab.id === LAB)!;
  return Array.from({ length: count }, (_, index) => ({
    name: `student-${index}`,
    read: async () => ({ [file]: `${solutionSource(solutions[index % solutions.length]!)}\n// ${index}\n` }),
  }));
}

/** Seconds that a backend takes for a class. */
async function secondsFor(backend: Backend, submissions: ToGrade[], onKept: (bytes: number) => void = () => {}): Promise<number> {
  const { lab } = labMatrix.find((each) => each.lab.id === LAB)!;
  const labs = [{ lab, checksSource: await readChecks(lab) }];
  const { hash: runtimeHash } = await loadRuntime();
  const keeper = {
    find: () => undefined,
    keep: (name: string, _: string, { outcome }: { outcome: { kind: string } }) => {
      if (outcome.kind !== 'graded') throw new Error(`${name} was not graded: ${JSON.stringify(outcome)}`);
      onKept(Buffer.byteLength(JSON.stringify(outcome)));
    },
  };
  return (await timeMs(() => gradeClass({ labs, submissions, backend, keeper, runtimeHash }))) / 1000;
}

/** Bytes that a process and all below it hold, with what they share divided among those who share it; undefined where no Linux tells. */
function memoryBytes(pid: number): number | undefined {
  try {
    const kilobytes = Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]);
    const threads = readdirSync(`/proc/${pid}/task`);
    const children = threads.flatMap((id) =>
      readFileSync(`/proc/${pid}/task/${id}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    );
    return children.reduce((sum, child) => sum + (memoryBytes(child) ?? 0), kilobytes * 1024);
  } catch {
    return undefined;
  }
}

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
    const backend = await openQueue(redis.url);
    let answerBytes = 0;
    const queued = await secondsFor(backend, submissions, (bytes) => (answerBytes += bytes));
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
