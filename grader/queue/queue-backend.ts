/**
 * Has submissions graded by workers on any number of machines, through a queue in Redis (BullMQ). One thing is done over and over: of everything that
 * is still wanted, ask for the answer, and add what neither lies in the queue nor has an answer. So it does not matter what was lost, a worker or all
 * that Redis held, nor when. A job may be graded twice; its answer follows from the job alone, and the first that is found is the one that counts.
 * Who can write to this Redis is trusted like the grader itself: workers judge (walk two, "who judges"), and nobody judges them.
 */
import { setImmediate } from 'node:timers/promises';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Backend } from '../grading/grade-class.ts';
import type { GradingAnswer, GradingJob } from '../grading/messages.ts';
import { loadRuntime } from '../grading/runtime.ts';
import { version } from '../version.ts';
import { connect } from './connection.ts';
import { jobIdOf, keysOf, packLab, PREFIX, queueName, type QueuedJob, type Software } from './names.ts';
import { inWords, Presence, type Member } from './presence.ts';

/** Submissions that are in the queue at a time: with fewer than workers could take at once, some stand idle. One takes about 17 KiB of Redis. */
const JOBS = 1024;
const ASK_EVERY_MS = 250;
/** A lab stays in Redis for so long after the last question for one of its jobs. */
const LAB_SECONDS = 24 * 60 * 60;
/** Nobody reads BullMQ's stream of events here. */
const EVENTS_MAX = 100;

export interface QueueOptions {
  /** Submissions in the queue at a time. */
  jobs?: number | undefined;
  /** Told of outages of Redis, and that no worker takes the work. */
  note?: (message: string) => void;
  askEveryMs?: number;
}

/** An open queue, as the command's backend. */
export type OpenQueue = Backend & { runtimeHash: string; walls: string; close(): Promise<void> };

/** Opens the queue for this version of the command. @param url of a Redis @throws QueueError */
export async function openQueue(url: string, options: QueueOptions = {}): Promise<OpenQueue> {
  const { hash } = await loadRuntime();
  return openQueueFor({ version: version(), runtimeHash: hash }, url, options);
}

/** Opens the queue of a version. @throws QueueError */
export async function openQueueFor(software: Software, url: string, options: QueueOptions = {}): Promise<OpenQueue> {
  const { note = () => {} } = options;
  return new QueueBackend(await connect(url, note), software, options);
}

/** A job that is wanted, and who waits for it. */
interface Wanted {
  queued: QueuedJob;
  job: GradingJob;
  answer: Promise<GradingAnswer>;
  settle(answer: GradingAnswer): void;
}

class QueueBackend implements OpenQueue {
  readonly jobs: number;
  readonly runtimeHash: string;
  readonly walls = 'what each worker’s machine has, which the worker says at its start';
  readonly #software: Software;
  readonly #redis: Redis;
  readonly #queue: Queue<QueuedJob>;
  readonly #keys: ReturnType<typeof keysOf>;
  readonly #note: (message: string) => void;
  readonly #askEveryMs: number;
  readonly #presence: Presence;
  /** By the id of the job: two submissions with the same files are one job. */
  readonly #wanted = new Map<string, Wanted>();
  #isClosed = false;
  /** Ends the pause between two rounds. */
  #wake = () => {};
  #hasWorkers: boolean | undefined;

  constructor(redis: Redis, software: Software, { jobs = JOBS, note = () => {}, askEveryMs = ASK_EVERY_MS }: QueueOptions) {
    this.jobs = jobs;
    this.runtimeHash = software.runtimeHash;
    this.#software = software;
    this.#redis = redis;
    const name = queueName(software);
    this.#keys = keysOf(name);
    this.#queue = new Queue(name, { connection: redis, prefix: PREFIX, streams: { events: { maxLen: EVENTS_MAX } } });
    this.#note = note;
    this.#askEveryMs = askEveryMs;
    // The connection tells of its own trouble, and rounds of theirs.
    this.#queue.on('error', () => undefined);
    this.#presence = new Presence(redis, { role: 'grader', ...software }, (others) => this.#lookForWorkers(others));
    void this.#work();
  }

  grade(job: GradingJob): Promise<GradingAnswer> {
    const queued = { labKey: packLab(job).key, files: job.files, fresh: job.fresh === true };
    const id = jobIdOf(queued);
    const known = this.#wanted.get(id);
    if (known !== undefined) return known.answer;
    let settle: (answer: GradingAnswer) => void;
    const answer = new Promise<GradingAnswer>((resolve) => (settle = resolve));
    this.#wanted.set(id, { queued, job, answer, settle: settle! });
    this.#wake();
    return answer;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    if (this.#redis.status === 'ready') await this.#presence.leave();
    await this.#queue.close();
    this.#redis.disconnect();
  }

  /** Rounds, for as long as something is wanted. */
  async #work(): Promise<void> {
    let trouble: string | undefined;
    while (!this.#isClosed) {
      try {
        if (this.#wanted.size > 0) await this.#askForAll();
        trouble = undefined;
      } catch (error) {
        const { message } = error as Error;
        if (message !== trouble && !this.#isClosed) this.#note(`The queue refuses: ${message}. It is tried again and again.`);
        trouble = message;
      }
      await this.#pause();
    }
  }

  /** Until it is time to ask again, or until something new is wanted. */
  async #pause(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (this.#wanted.size > 0) timer = setTimeout(resolve, this.#askEveryMs);
    });
    clearTimeout(timer);
  }

  async #askForAll(): Promise<void> {
    const ids = [...this.#wanted.keys()];
    // In this order: a job leaves the queue after its answer is there, so what has neither was lost, or is new.
    const isQueued = await this.#areThere(ids);
    const answers = await this.#redis.mget(ids.map(this.#keys.answer));
    await this.#add(ids.filter((_, index) => isQueued[index] === false && answers[index] === null));
    const answered = ids.flatMap((id, index) => (typeof answers[index] === 'string' ? [{ id, text: answers[index] }] : []));
    if (answered.length === 0) return;
    for (const { id, text } of answered) this.#settle(id, JSON.parse(text) as GradingAnswer);
    // Who waits keeps an answer in the same turn of the event loop: only then can it go.
    await setImmediate();
    await this.#redis.unlink(answered.map(({ id }) => this.#keys.answer(id)));
  }

  /** Which jobs are in the queue. Sees to it that their labs are in Redis, too. */
  async #areThere(ids: string[]): Promise<boolean[]> {
    const labs = new Map([...this.#wanted.values()].map(({ queued, job }) => [queued.labKey, job]));
    const questions = this.#redis.pipeline();
    for (const key of labs.keys()) questions.expire(this.#keys.lab(key), LAB_SECONDS);
    for (const id of ids) questions.exists(this.#queue.toKey(id));
    const found = (await questions.exec())!.map(([error, count]) => {
      if (error !== null) throw error;
      return count === 1;
    });
    for (const [index, [key, job]] of [...labs].entries()) {
      if (found[index] === false) await this.#redis.set(this.#keys.lab(key), packLab(job).text, 'EX', LAB_SECONDS);
    }
    return found.slice(labs.size);
  }

  async #add(ids: string[]): Promise<void> {
    // A job that its worker could not begin is dropped, and so added again here.
    const opts = { removeOnComplete: true, removeOnFail: true };
    await this.#queue.addBulk(ids.map((id) => ({ name: 'grade', data: this.#wanted.get(id)!.queued, opts: { ...opts, jobId: id } })));
  }

  #settle(id: string, answer: GradingAnswer): void {
    const { settle } = this.#wanted.get(id)!;
    this.#wanted.delete(id);
    settle(answer);
  }

  /** Says so when nobody takes the work, and who would if the versions were the same. */
  #lookForWorkers(others: Map<string, Member>): void {
    const workers = [...others.values()].filter(({ role }) => role === 'worker');
    const hasWorkers = workers.some((worker) => queueName(worker) === queueName(this.#software));
    if (!hasWorkers && this.#hasWorkers !== false) {
      const found = workers.map((worker) => `${worker.host} (${inWords(worker)})`).join(', ');
      const instead = found === '' ? '' : ` There are workers that another version would be graded by: ${found}.`;
      this.#note(
        `No worker for ${inWords(this.#software)} is there. Work waits until one starts: npx lockstep worker --queue ….${instead}`,
      );
    }
    if (hasWorkers && this.#hasWorkers === false) this.#note('A worker is there.');
    this.#hasWorkers = hasWorkers;
  }
}
