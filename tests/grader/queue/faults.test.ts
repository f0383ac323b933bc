/** A class is graded whole, whatever dies meanwhile: workers, and Redis with or without what it held. */
import { afterEach, describe, expect, test } from 'vitest';
import { gradeClass, type Keeper, type ToGrade } from '../../../grader/grading/grade-class.ts';
import { openQueueFor } from '../../../grader/queue/queue-backend.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import { RedisServer } from '../../../scripts/redis.ts';
import { Workers } from './processes.ts';
import { labs, POISON, SLOW, software, standIn } from './stand-in.ts';

const SUBMISSIONS = 1000;
/** Submissions in the queue at a time. */
const JOBS = 100;
const WORKERS = 3;
/** Texts that differ. */
const TEXTS = 990;

let ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.toReversed()) await end();
  ends = [];
});

async function startRedis(isPersistent: boolean): Promise<RedisServer> {
  const redis = await RedisServer.start({ isPersistent });
  ends.push(() => redis.stop());
  return redis;
}

async function startWorkers(url: string, count: number, jobs: number, lockMs = 500): Promise<Workers> {
  const workers = new Workers(url, jobs, lockMs);
  ends.push(() => workers.killAll());
  await Promise.all(Array.from({ length: count }, () => workers.start()));
  return workers;
}

/** A submission whose only file is this text. */
function submission(name: string, text = name): ToGrade {
  return { name, read: async () => ({ 'channel.ts': text }) };
}

/** Remembers whose outcomes it was given, each time. */
class Witness implements Keeper {
  readonly kept: string[] = [];
  find = () => undefined;
  keep = (name: string) => void this.kept.push(name);
}

/** Grades a class through the queue, and by the same function without it. */
async function gradeBoth(submissions: ToGrade[], url: string) {
  const backend = await openQueueFor(software, url, { askEveryMs: 20, jobs: JOBS });
  ends.push(() => backend.close());
  const keeper = new Witness();
  const rest = { labs, submissions, runtimeHash: software.runtimeHash };
  const queued = await gradeClass({ ...rest, backend, keeper });
  const embedded = await gradeClass({ ...rest, backend: { jobs: 2, grade: async (job) => standIn(job) }, keeper: new Witness() });
  return { queued, embedded, kept: keeper.kept };
}

/** So many submissions may be handed out while a fault happens. */
const HEADWAY = 50;

/** Faults that happen as submissions are handed out, one after the other; what was killed is started again. */
class Faults {
  /** By the submission with which they begin. */
  readonly #due = new Map<number, () => Promise<void>>();
  #latest = Infinity;
  #happening: Promise<void> = Promise.resolve();
  /** How many there are, and how many have happened. */
  readonly count: number;
  happened = 0;

  constructor(seed: number, redis: RedisServer, workers: Workers) {
    const prng = createPrng(seed);
    const killWorker = async () => {
      await prng.pick(workers.alive).end('SIGKILL');
      await workers.start();
    };
    const killRedis = async () => {
      await redis.kill();
      await redis.start();
    };
    const kinds = [killWorker, killWorker, killWorker, killWorker, killRedis, killRedis, killRedis];
    this.count = kinds.length;
    const step = Math.floor((SUBMISSIONS - JOBS) / kinds.length);
    for (let index = JOBS; kinds.length > 0; index += step) {
      const [kill] = kinds.splice(prng.int(kinds.length), 1);
      this.#due.set(index + prng.int(step - HEADWAY), kill!);
    }
  }

  /** Begins the fault that is due with this submission, if one is; waits where one has not ended for long. */
  async reach(index: number): Promise<void> {
    const fault = this.#due.get(index);
    if (fault !== undefined) {
      this.#due.delete(index);
      this.#latest = index;
      this.#happening = this.#happening.then(fault).then(() => void this.happened++);
    }
    if (index > this.#latest + HEADWAY) await this.#happening;
  }
}

describe('1,000 submissions, three workers, kill -9 on workers and on Redis: each has one outcome, that of the embedded grader', () => {
  test.for([
    { seed: 2010, isPersistent: true },
    { seed: 1985, isPersistent: false },
  ])('seed $seed, Redis persistent: $isPersistent', async ({ seed, isPersistent }) => {
    const redis = await startRedis(isPersistent);
    const workers = await startWorkers(redis.url, WORKERS, 4);
    const faults = new Faults(seed, redis, workers);
    const submissions = Array.from({ length: SUBMISSIONS }, (_, index) => ({
      name: `student-${index}`,
      read: async () => {
        await faults.reach(index);
        // Among so many, some hand in the same.
        return { 'channel.ts': `text ${index % TEXTS}` };
      },
    }));
    const { queued, embedded, kept } = await gradeBoth(submissions, redis.url);
    expect(faults.happened, `seed ${seed}`).toBe(faults.count);
    expect(queued, `seed ${seed}`).toEqual(embedded);
    expect(kept.toSorted(), `seed ${seed}`).toEqual(submissions.map(({ name }) => name).toSorted());
    // The faults hit: some were begun more than once.
    expect(workers.begun.length, `seed ${seed}`).toBeGreaterThan(TEXTS);
  });
});

test('a submission that ends the workers that grade it is set aside after three; one more of the kind and those beside them come to no harm', async () => {
  const redis = await startRedis(false);
  // One at a time, so that all are together in each: what does not go alone dies with what kills.
  const workers = await startWorkers(redis.url, 1, 5);
  const replaced = workers.replace();
  const texts = [`${SLOW} a`, `${POISON} b`, `${SLOW} c`, `${POISON} d`, `${SLOW} e`];
  const { queued, embedded } = await gradeBoth(
    texts.map((text) => submission(text)),
    redis.url,
  );
  await workers.killAll();
  await replaced;
  for (const index of [0, 2, 4]) expect(queued[index]).toEqual(embedded[index]);
  for (const index of [1, 3]) {
    expect(queued[index]).toEqual([{ kind: 'not graded', message: expect.stringMatching(/^poison .: It is set aside: 3 workers began/) }]);
    expect(workers.begun.filter((text) => text === texts[index])).toHaveLength(3);
  }
});

test('a worker that is asked to end ends what it has begun, and the others do the rest', async () => {
  const redis = await startRedis(false);
  // No lock of theirs runs out, however busy the machine is.
  const workers = await startWorkers(redis.url, 2, 4, 600_000);
  let hasEnded: Promise<void> | undefined;
  const submissions = Array.from({ length: 300 }, (_, index) => ({
    name: `student-${index}`,
    read: async () => {
      if (index === 200) hasEnded = workers.alive[0]!.end('SIGTERM');
      return { 'channel.ts': `text ${index}` };
    },
  }));
  const { queued, embedded } = await gradeBoth(submissions, redis.url);
  await hasEnded;
  expect(queued).toEqual(embedded);
  // None was begun twice: nothing that was begun was left.
  expect(workers.begun.toSorted()).toEqual(Array.from({ length: 300 }, (_, index) => `text ${index}`).toSorted());
});
