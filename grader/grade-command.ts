/**
 * `lockstep grade`: finds the submissions, has them graded, keeps what comes of each, and shows the results. Last stop of walk two for those who
 * grade.
 */
import { availableParallelism } from 'node:os';
import { beforeStop } from './before-stop.ts';
import type { Console } from './console.ts';
import type { Course } from './course.ts';
import { EXIT } from './exit.ts';
import { readExtras } from './extras.ts';
import type { Format, OutputFile } from './formats/format.ts';
import { html } from './formats/html/html.ts';
import type { GradeTask } from './grade-task.ts';
import { gradeClass, type LabToGrade } from './grading/grade-class.ts';
import { CannotGrade } from './intake/cannot-grade.ts';
import { findSubmissions } from './intake/find-submissions.ts';
import { matchStudents } from './intake/match-students.ts';
import { readOnce } from './intake/read-once.ts';
import type { Roster } from './intake/roster.ts';
import { readRoster } from './intake/roster.ts';
import type { Found, Submission } from './intake/submission.ts';
import { chooseFormats, chooseLabs, labsToGrade } from './plan.ts';
import { progressLine } from './progress.ts';
import { jsonOf, tableOf } from './printed-results.ts';
import { Bookkeeping } from './results/bookkeeping.ts';
import { classResults } from './results/class-results.ts';
import { unknownExtensions, type LatePolicy } from './results/late-policy.ts';
import { readLatePolicy } from './results/read-late-policy.ts';
import type { ClassResults, LabResult, Outcome } from './results/results.ts';
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
  const plan = await planOf(task, course);
  const { out } = task;
  // Before there is a store, so that nobody who sees one can stop this without a word.
  const takeBack = out === undefined ? () => {} : beforeStop(() => console.error(stoppedLine(out, console)));
  try {
    return await gradeAsPlanned(plan, task, course, console);
  } finally {
    takeBack();
  }
}

async function gradeAsPlanned(plan: Plan, task: GradeTask, course: Course, console: Console): Promise<number> {
  const { found, roster } = plan;
  const { submissions, absent, problems } =
    roster === undefined ? { ...found, absent: [], problems: [] } : matchStudents(found.submissions, roster);
  const books = Bookkeeping.open(task.out, task.resume);
  try {
    const around = { task, course, console, books };
    const { outcomes, walls } = await gradeAll(submissions, plan, around);
    const common = { absent, walls, columnTitles: roster?.columnTitles ?? {}, gradedAt: course.date(), version: course.version };
    const results = classResults({ ...common, labs: plan.labs, submissions, outcomes, policy: plan.policy });
    const notes = [...found.problems, ...problems, ...plan.notes];
    const troubles = [...messagesOf(results), ...books.troubles];
    const written = task.out === undefined ? undefined : await writeFiles(task.out, await filesOf(results, submissions, plan, around));
    troubles.push(...(written?.troubles ?? []));
    for (const text of [...notes, ...troubles]) console.error(`${printableLines(text, 0).join('\n')}\n`);
    console.out(task.json ? jsonOf(found, results) : tableOf(found, results, task, console));
    if (written !== undefined && !task.json) console.out(`\n${writtenLine(task.out!, written.files)}\n`);
    return exitStatus(results, troubles.length > 0);
  } finally {
    books.close();
  }
}

/** Everything that was named is read before anything is graded: a mistake shows at once. */
interface Plan {
  formats: Format[];
  labs: LabToGrade[];
  found: Found;
  roster: Roster | undefined;
  policy: LatePolicy | undefined;
  /** What an instructor should know, and nothing is wrong with. */
  notes: string[];
}

async function planOf(task: GradeTask, course: Course): Promise<Plan> {
  const formats = chooseFormats(task.formats);
  const open = chooseLabs(task.labId, course.labs);
  const labs = await labsToGrade(open, task, course);
  const roster = task.roster === undefined ? undefined : await readRoster(task.roster, open);
  const policy = task.late === undefined ? undefined : await readLatePolicy(task.late, open);
  const all = await findSubmissions(task.paths, open, task.out);
  // Only pages show what was handed in: without them no more is in memory than is being graded.
  const found = formats.includes(html) ? { ...all, submissions: all.submissions.map(readOnce) } : all;
  const strangers = policy === undefined || roster === undefined ? [] : unknownExtensions(policy, roster.students);
  const notes = strangers.map((name) => `${task.late}: the extension for "${name}" is for nobody on the roster.`);
  return { formats, labs, found, roster, policy, notes };
}

interface Around {
  task: GradeTask;
  course: Course;
  console: Console;
  books: Bookkeeping;
}

async function gradeAll(submissions: Submission[], { labs }: Plan, { task, course, console, books }: Around) {
  const total = submissions.length * labs.length;
  const grader = await course.openGrader({ ...task, jobs: Math.min(task.jobs ?? availableParallelism(), total) });
  try {
    const onDone = progressOf(total, course, console);
    const { runtimeHash, walls } = grader;
    const outcomes = await gradeClass({ labs, submissions, backend: grader, keeper: books, runtimeHash, fresh: task.fresh, onDone });
    return { outcomes, walls };
  } finally {
    await grader.close();
  }
}

function stoppedLine(folder: string, { progress }: Console): string {
  const line = `Stopped. What is graded is kept in ${printable(folder)}: the same command with --resume goes on from there.\n`;
  return progress ? `\r\x1b[K${line}` : line;
}

/** Where the reports are: files by name, and folders of a file for each submission. */
function writtenLine(folder: string, files: OutputFile[]): string {
  if (files.length === 0) return 'No report could be written.';
  const names = new Set(files.map(({ path }) => path.replace(/\/.*/, '/')));
  return `Reports in ${printable(folder)}: ${[...names].join(', ')}`;
}

function outcomesIn({ submissions }: ClassResults): Outcome[] {
  return submissions.flatMap(({ labs }) => labs.map(({ outcome }) => outcome));
}

function messagesOf(results: ClassResults): string[] {
  const messages = (labs: LabResult[]) => labs.flatMap(({ outcome }) => (outcome.kind === 'not graded' ? [outcome.message] : []));
  // What cannot be read for one lab can be read for none, which is said once.
  return results.submissions.flatMap(({ labs }) => [...new Set(messages(labs))]);
}

async function filesOf(
  results: ClassResults,
  submissions: Submission[],
  { formats, labs }: Plan,
  { task: { courseUrl }, course }: Around,
): Promise<OutputFile[]> {
  const extras = formats.includes(html) ? { ...(await readExtras(submissions, labs, course)), courseUrl } : {};
  return formats.flatMap((format) => format(results, extras));
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

function exitStatus(results: ClassResults, hasTrouble: boolean): number {
  if (hasTrouble) return EXIT.notGraded;
  return outcomesIn(results).every((outcome) => outcome.kind === 'graded' && outcome.report.verdict === 'pass') ? EXIT.pass : EXIT.fail;
}
