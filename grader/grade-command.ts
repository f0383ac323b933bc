/**
 * `lockstep grade`: finds the submissions, has them graded, keeps what comes of each, and shows the results. Last stop of walk two for those who
 * grade.
 */
import { availableParallelism } from 'node:os';
import type { Console } from './console.ts';
import type { Course } from './course.ts';
import { EXIT } from './exit.ts';
import type { GradeTask } from './grade-task.ts';
import type { LabToGrade } from './grading/grade-class.ts';
import { gradeClass } from './grading/grade-class.ts';
import { CannotGrade } from './intake/cannot-grade.ts';
import { findSubmissions } from './intake/find-submissions.ts';
import type { Found } from './intake/submission.ts';
import { chooseFormats, chooseLabs, labsToGrade } from './plan.ts';
import { progressLine } from './progress.ts';
import { jsonOf, tableOf } from './printed-results.ts';
import { Bookkeeping } from './results/bookkeeping.ts';
import type { ClassResults, Outcome } from './results/results.ts';
import { StoreError } from './results/store.ts';
import { writeFiles } from './results/write-files.ts';
import { printable, printableLines } from './terminal.ts';

/** Grades; returns the exit status. */
export async function grade(task: GradeTask, course: Course, console: Console): Promise<number> {
  try {
    return await gradeOrThrow(task, course, console);
  } catch (error) {
    if (!(error instanceof CannotGrade || error instanceof StoreError)) throw error;
    console.error(`${printable(error.message)}\n`);
    return EXIT.notGraded;
  }
}

async function gradeOrThrow(task: GradeTask, course: Course, console: Console): Promise<number> {
  const formats = chooseFormats(task.formats);
  const labs = chooseLabs(task.labId, course.labs);
  const found = await findSubmissions(task.paths, labs);
  const toGrade = await labsToGrade(labs, task, course);
  const books = Bookkeeping.open(task.out, task.resume);
  try {
    const outcomes = await gradeFound(found, toGrade, { task, course, console, books });
    const results = resultsOf(found, toGrade, outcomes, course);
    const troubles = [...found.problems, ...messagesOf(results), ...books.troubles];
    if (task.out !== undefined)
      troubles.push(
        ...(await writeFiles(
          task.out,
          formats.flatMap((format) => format(results)),
        )),
      );
    for (const trouble of troubles) console.error(`${printableLines(trouble, 0).join('\n')}\n`);
    console.out(task.json ? jsonOf(found, results) : tableOf(found, results, task, console));
    return exitStatus(results, troubles.length > found.problems.length);
  } finally {
    books.close();
  }
}

interface Around {
  task: GradeTask;
  course: Course;
  console: Console;
  books: Bookkeeping;
}

async function gradeFound({ submissions }: Found, labs: LabToGrade[], { task, course, console, books }: Around): Promise<Outcome[][]> {
  const total = submissions.length * labs.length;
  const grader = await course.openGrader(Math.min(task.jobs ?? availableParallelism(), total));
  try {
    const onDone = progressOf(total, course, console);
    const { runtimeHash } = grader;
    return await gradeClass({ labs, submissions, backend: grader, keeper: books, runtimeHash, fresh: task.fresh, onDone });
  } finally {
    await grader.close();
  }
}

function resultsOf(found: Found, labs: LabToGrade[], outcomes: Outcome[][], { version, date }: Course): ClassResults {
  const submissions = found.submissions.map(({ name, student, submittedAt }, row) => ({
    name,
    ...(student && { student }),
    ...(submittedAt !== undefined && { submittedAt }),
    labs: labs.map(({ lab }, column) => ({ lab: lab.id, outcome: outcomes[row]![column]! })),
  }));
  return { labs: labs.map(({ lab }) => lab), submissions, absent: [], gradedAt: date(), version };
}

function messagesOf({ submissions }: ClassResults): string[] {
  const outcomes = submissions.flatMap(({ labs }) => labs.map(({ outcome }) => outcome));
  return outcomes.flatMap((outcome) => (outcome.kind === 'not graded' ? [outcome.message] : []));
}

/** Shows how far a class is, on one line of standard error that is wiped at the end. */
function progressOf(total: number, { now }: Course, console: Console): (done: number, wasKnown: boolean) => void {
  if (!console.progress || total < 2) return () => {};
  const startedMs = now();
  let known = 0;
  const show = (done: number) => {
    const line = progressLine({ done, known, total, elapsedMs: now() - startedMs }, Math.min(console.width, 100) - 1);
    console.error(done === total ? '\r\x1b[K' : `\r\x1b[K${line}`);
  };
  show(0);
  return (done, wasKnown) => {
    if (wasKnown) known += 1;
    show(done);
  };
}

function exitStatus({ submissions }: ClassResults, hasTrouble: boolean): number {
  if (hasTrouble) return EXIT.notGraded;
  const outcomes = submissions.flatMap(({ labs }) => labs.map(({ outcome }) => outcome));
  return outcomes.every((outcome) => outcome.kind === 'graded' && outcome.report.verdict === 'pass') ? EXIT.pass : EXIT.fail;
}
