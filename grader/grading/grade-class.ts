/**
 * Grades the submissions of a class, several at a time, and keeps each outcome at once. One that cannot be graded stops none of the others; trouble of the
 * machine's is no zero, and is tried again. The outcomes come in the order of the submissions, whichever was done first.
 */
import { canonicalJson } from '../../labs-runtime/checks/canonical-json.ts';
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import type { Outcome } from '../results/results.ts';
import type { Kept } from '../results/store.ts';
import { CannotGrade } from '../intake/cannot-grade.ts';
import { sha256 } from '../sha256.ts';
import { printable } from '../terminal.ts';
import type { GradingAnswer, GradingJob } from './messages.ts';

/** A lab with its checks. */
export interface LabToGrade {
  lab: Lab;
  checksSource: string;
  /** What is added to the seeds of the checks; their own if absent. */
  seedOffset?: number;
  /** Of hidden checks: the id of the lab that they are about. */
  hiddenOf?: string;
}

export interface ToGrade {
  name: string;
  /** The files for a lab; undefined where nothing was handed in for it. @throws CannotGrade */
  read(lab: Lab): Promise<Readonly<Record<string, string>> | undefined>;
}

/** What grades: this machine's pool, or a queue that others work on. */
export interface Backend {
  /** How many submissions it takes at a time. */
  jobs: number;
  grade(job: GradingJob): Promise<GradingAnswer>;
}

/** Where outcomes are kept: a store, or what stands for one. */
export interface Keeper {
  find(submission: string, lab: string): Kept | undefined;
  keep(submission: string, lab: string, kept: Kept): void;
}

export interface ClassToGrade {
  labs: LabToGrade[];
  submissions: ToGrade[];
  backend: Backend;
  keeper: Keeper;
  /** Of the runtime that grades: what another one found is graded again. */
  runtimeHash: string;
  /** Whether each submission gets a process of its own. */
  fresh?: boolean;
  /** Called after each lab of each submission: how many are done, and whether it was known already. */
  onDone?: (done: number, wasKnown: boolean) => void;
}

/** How often a submission is tried whose process dies; the last time in a process of its own. */
const ATTEMPTS = 3;

interface Task extends LabToGrade {
  submission: ToGrade;
}

/** Outcomes by submission and lab, both in the order given. */
export async function gradeClass(wanted: ClassToGrade): Promise<Outcome[][]> {
  return new ClassRun(wanted).run();
}

class ClassRun {
  readonly #wanted: ClassToGrade;
  readonly #tasks: Task[];
  readonly #outcomes = new Map<Task, Outcome>();
  /** By process: what it has run, so that it can be graded again. */
  readonly #ranBy = new Map<string, Set<Task>>();
  readonly #distrusted = new Set<string>();
  #done = 0;

  constructor(wanted: ClassToGrade) {
    this.#wanted = wanted;
    this.#tasks = wanted.submissions.flatMap((submission) => wanted.labs.map((lab) => ({ ...lab, submission })));
  }

  async run(): Promise<Outcome[][]> {
    const waiting = this.#tasks.values();
    const work = async () => {
      for (const task of waiting) await this.#take(task);
    };
    // One more than run at a time, so that none waits for a file to be read.
    await Promise.all(Array.from({ length: this.#wanted.backend.jobs + 1 }, work));
    const { submissions, labs } = this.#wanted;
    return submissions.map((_, index) => labs.map((__, lab) => this.#outcomes.get(this.#tasks[index * labs.length + lab]!)!));
  }

  async #take(task: Task): Promise<void> {
    const { submission, lab, checksSource, seedOffset = 0 } = task;
    let files: Readonly<Record<string, string>> | undefined;
    try {
      files = await submission.read(lab);
    } catch (error) {
      return this.#finish(task, notRead(submission.name, error), false);
    }
    if (files === undefined) return this.#finish(task, { kind: 'missing' }, false);
    const job = { lab, checksSource, seedOffset, files, fresh: this.#wanted.fresh === true };
    const digest = this.#digestOf(job);
    const known = this.#wanted.keeper.find(submission.name, lab.id);
    if (known?.digest === digest && known.outcome.kind === 'graded') return this.#finish(task, known.outcome, true);
    await this.#grade(task, job, digest);
  }

  async #grade(task: Task, job: GradingJob, digest: string): Promise<void> {
    let outcome: Outcome | undefined;
    let recorder: string | undefined;
    for (let attempt = 1; outcome === undefined; attempt++) {
      const answer = await this.#wanted.backend.grade({ ...job, fresh: job.fresh === true || attempt >= ATTEMPTS });
      if (answer.kind === 'tampered') await this.#distrust(answer.recorder);
      else if (answer.kind === 'graded') {
        if (answer.recorder !== undefined && this.#distrusted.has(answer.recorder)) continue;
        outcome = { kind: 'graded', ...answer.grading };
        recorder = answer.recorder;
      } else if (answer.kind !== 'died' || attempt >= ATTEMPTS) outcome = notGraded(task.submission.name, answer);
    }
    this.#remember(task, recorder);
    this.#wanted.keeper.keep(task.submission.name, task.lab.id, { digest, outcome });
    this.#finish(task, outcome, false);
  }

  /** Of everything that an outcome follows from. */
  #digestOf({ lab, checksSource, seedOffset, files }: GradingJob): string {
    const { runtimeHash } = this.#wanted;
    return sha256(canonicalJson({ lab, checksSource, seedOffset, files, runtimeHash }));
  }

  #remember(task: Task, recorder: string | undefined): void {
    if (recorder === undefined) return;
    const others = this.#ranBy.get(recorder) ?? new Set();
    this.#ranBy.set(recorder, others.add(task));
  }

  /** Nothing that a process has run counts any more: all of it is graded again, each in a process of its own. */
  async #distrust(recorder: string): Promise<void> {
    this.#distrusted.add(recorder);
    const tasks = this.#ranBy.get(recorder) ?? new Set();
    this.#ranBy.delete(recorder);
    for (const task of tasks) {
      this.#outcomes.delete(task);
      this.#done -= 1;
      await this.#gradeAgain(task);
    }
  }

  async #gradeAgain(task: Task): Promise<void> {
    const { submission, lab, checksSource, seedOffset = 0 } = task;
    const job = { lab, checksSource, seedOffset, files: (await submission.read(lab))!, fresh: true };
    await this.#grade(task, job, this.#digestOf(job));
  }

  #finish(task: Task, outcome: Outcome, wasKnown: boolean): void {
    this.#outcomes.set(task, outcome);
    this.#wanted.onDone?.(++this.#done, wasKnown);
  }
}

/** A message that says whose submission it is about. Those about files begin with it already. */
function withName(name: string, message: string): string {
  const shown = printable(name);
  return message.startsWith(shown) ? message : `${shown}: ${message}`;
}

function notRead(name: string, error: unknown): Outcome {
  if (error instanceof CannotGrade) return { kind: 'not graded', message: withName(name, error.message) };
  return { kind: 'not graded', message: bugOfOurs(name, error instanceof Error ? (error.stack ?? error.message) : String(error)) };
}

function notGraded(name: string, { kind, message }: Extract<GradingAnswer, { message: string }>): Outcome {
  if (kind === 'failed') return { kind: 'not graded', message: bugOfOurs(name, message) };
  if (kind === 'not graded') return { kind: 'not graded', message: withName(name, message) };
  return {
    kind: 'not graded',
    message: withName(name, `${message} It was tried ${ATTEMPTS} times. Run the same command again; if it goes on, report it.`),
  };
}

/** A bug of ours ends the grading of this one only; its stack is what a report of the bug needs. */
function bugOfOurs(name: string, stack: string): string {
  return `${printable(name)}: the grader itself failed. Please report this:\n${stack}`;
}
