/**
 * A worker takes submissions from a queue, has them graded on its machine, and answers. Any number of workers come and go. Who dies loses
 * nothing: BullMQ gives a job whose lock is no longer renewed to another. A job that was begun before goes alone in its worker, for it may be what
 * ended the one before, with everything beside it; one that three have begun, and none has ended, is set aside.
 */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Worker, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { LabToGrade } from '../grading/grade-class.ts';
import type { GradingAnswer, GradingJob } from '../grading/messages.ts';
import { Gate } from './gate.ts';
import { keysOf, PREFIX, queueName, type QueuedJob, type Software, type Tries } from './names.ts';
import { inWords, Presence, type Member } from './presence.ts';

/** A submission that so many workers have begun, and none has ended, is set aside. */
const TRIES_MAX = 3;
/** Answers that nobody fetches are gone after this time. */
const ANSWER_SECONDS = 24 * 60 * 60;
/** How long a worker may be silent until its jobs are given to others: two checks after the lock has run out. */
const LOCK_MS = 30_000;
const STALLED_CHECK_MS = 15_000;
/** Until what failed because Redis was away is tried again. */
const RETRY_MS = 500;
/** Labs that are kept in memory. */
const LABS_MAX = 16;

export interface WorkerOptions extends Software {
  redis: Redis;
  /** Submissions at a time. */
  jobs: number;
  grade(job: GradingJob): Promise<GradingAnswer>;
  note?: (message: string) => void;
  lockMs?: number;
  stalledCheckMs?: number;
}

/** Takes work until it is closed. */
export class QueueWorker {
  readonly #options: WorkerOptions;
  readonly #redis: Redis;
  readonly #keys: ReturnType<typeof keysOf>;
  readonly #worker: Worker<QueuedJob, void>;
  readonly #presence: Presence;
  readonly #gate = new Gate();
  readonly #labs = new Map<string, LabToGrade>();
  /** Graders of other versions that have been spoken of. */
  readonly #strangers = new Set<string>();
  /** Tells processes that run students' code apart, whichever worker they belong to. */
  readonly #id = randomUUID();
  readonly #note: (message: string) => void;

  constructor(options: WorkerOptions) {
    const { redis, jobs, note = () => {}, lockMs = LOCK_MS, stalledCheckMs = STALLED_CHECK_MS } = options;
    this.#options = options;
    this.#redis = redis;
    this.#note = note;
    this.#keys = keysOf(queueName(options));
    this.#worker = new Worker(queueName(options), (job) => this.#take(job), {
      connection: redis,
      prefix: PREFIX,
      concurrency: jobs,
      lockDuration: lockMs,
      stalledInterval: stalledCheckMs,
      runRetryDelay: RETRY_MS,
      // How often a job is tried is counted here, where it really begins.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    // The connection tells of its own trouble. Other errors are of jobs that were lost or given to another meanwhile, or come again as failures.
    this.#worker.on('error', () => undefined);
    this.#worker.on('failed', (_, error) => note(`A submission goes back to the queue: ${error.message}`));
    const { version, runtimeHash } = options;
    this.#presence = new Presence(redis, { role: 'worker', version, runtimeHash }, (others) => this.#lookForStrangers(others));
  }

  /** It takes submissions, and graders see it. */
  async ready(): Promise<void> {
    await Promise.all([this.#worker.waitUntilReady(), this.#presence.ready]);
  }

  /** Ends what it has begun, and takes nothing new. */
  async close(): Promise<void> {
    await this.#worker.close();
    await this.#presence.leave();
    this.#redis.disconnect();
  }

  async #take(job: Job<QueuedJob, void>): Promise<void> {
    const answerKey = this.#keys.answer(job.id!);
    // Its worker answered, and could not say so before the job was given to another.
    if ((await this.#redis.exists(answerKey)) === 1) return;
    const answer = await this.#answer(job);
    await this.#redis.set(answerKey, JSON.stringify(answer), 'EX', ANSWER_SECONDS);
  }

  async #answer(job: Job<QueuedJob, void>): Promise<GradingAnswer> {
    const { labKey, files, fresh } = job.data;
    const lab = await this.#labOf(labKey);
    const tries = triesOf(job);
    if (tries.begun >= TRIES_MAX) return { kind: 'not graded', message: setAside(tries) };
    return this.#gate.pass(tries.begun > 0, async () => {
      await job.updateProgress({ begun: tries.begun + 1, host: hostname() } satisfies Tries);
      return this.#named(await this.#grade({ ...lab, files, fresh }));
    });
  }

  /** Trouble with a thread is trouble that may pass. */
  async #grade(job: GradingJob): Promise<GradingAnswer> {
    try {
      return await this.#options.grade(job);
    } catch (error) {
      return { kind: 'died', message: `The thread that graded the submission ended early. ${(error as Error).message}` };
    }
  }

  #named(answer: GradingAnswer): GradingAnswer {
    if (!('recorder' in answer) || answer.recorder === undefined) return answer;
    return { ...answer, recorder: `${this.#id}.${answer.recorder}` };
  }

  /** A lab and its checks, from memory or from beside the queue. */
  async #labOf(key: string): Promise<LabToGrade> {
    const known = this.#labs.get(key);
    if (known !== undefined) return known;
    const text = await this.#redis.get(this.#keys.lab(key));
    if (text === null) throw new Error('Its lab is not in Redis.');
    const lab = JSON.parse(text) as LabToGrade;
    if (this.#labs.size >= LABS_MAX) this.#labs.delete(this.#labs.keys().next().value!);
    this.#labs.set(key, lab);
    return lab;
  }

  /** Says so where a class waits for workers of another version: this one never touches it. */
  #lookForStrangers(others: Map<string, Member>): void {
    for (const [id, member] of others) {
      if (member.role !== 'grader' || queueName(member) === queueName(this.#options) || this.#strangers.has(id)) continue;
      this.#strangers.add(id);
      this.#note(
        `A class at ${member.host} waits for workers of ${inWords(member)}. This one is ${inWords(this.#options)} and leaves it alone: ` +
          'its verdicts could differ. Install the same version at both places.',
      );
    }
  }
}

function triesOf({ progress }: Job): Tries {
  return typeof progress === 'object' ? (progress as Tries) : { begun: 0, host: '' };
}

function setAside({ begun, host }: Tries): string {
  return `It is set aside: ${begun} workers began to grade it and ended before they had, the last of them at ${host}.`;
}
