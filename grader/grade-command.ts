/**
 * `lockstep grade`: finds the submissions, has them graded, keeps what comes of each, and prints the results. Last stop of walk two for those who
 * grade.
 */
import { availableParallelism } from 'node:os';
import { canonicalJson } from '../labs-runtime/checks/canonical-json.ts';
import type { Lab } from '../labs-runtime/checks/lab.ts';
import type { Report } from '../labs-runtime/checks/report.ts';
import { classLines } from './class-table.ts';
import type { Console } from './console.ts';
import { EXIT } from './exit.ts';
import type { GradeTask } from './grade-task.ts';
import type { Backend, LabToGrade } from './grading/grade-class.ts';
import { gradeClass } from './grading/grade-class.ts';
import { didYouMean } from './nearest.ts';
import { progressLine } from './progress.ts';
import type { ClassResults, Outcome } from './results/results.ts';
import { Store } from './results/store.ts';
import { CannotGrade, findSubmissions, type Found } from './submissions.ts';
import { reportLines } from './table.ts';
import { painter, printable, printableLines } from './terminal.ts';

/** What grades; loaded with the first submission, so that other commands start without it. */
export interface Grader extends Backend {
  /** Of the runtime that grades. */
  runtimeHash: string;
  close(): Promise<void>;
}

/** What the command grades with. */
export interface Course {
  labs: Lab[];
  readChecks(lab: Lab): Promise<string>;
  openGrader(jobs: number): Promise<Grader>;
  /** Of the command. */
  version: string;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** The time of day, ISO 8601. */
  date(): string;
}

/** Grades; returns the exit status. */
export async function grade(task: GradeTask, course: Course, console: Console): Promise<number> {
  try {
    return await gradeOrThrow(task, course, console);
  } catch (error) {
    if (!(error instanceof CannotGrade)) throw error;
    console.error(`${printable(error.message)}\n`);
    return EXIT.notGraded;
  }
}

async function gradeOrThrow(task: GradeTask, course: Course, console: Console): Promise<number> {
  const lab = labOf(task.labId, course);
  const found = await findSubmissions(task.paths[0]!, lab);
  const labs = [{ lab, checksSource: await course.readChecks(lab) }];
  const outcomes = await gradeFound(found, labs, task, course, console);
  const results = classResults(found, labs, outcomes, course);
  for (const { outcome } of results.submissions.flatMap(({ labs: its }) => its)) {
    if (outcome.kind === 'not graded') console.error(`${printableLines(outcome.message, 0).join('\n')}\n`);
  }
  console.out(task.json ? jsonOf(found, results) : tableOf(found, results, task.details, console));
  return exitStatus(results);
}

function classResults(found: Found, labs: LabToGrade[], outcomes: Outcome[][], { version, date }: Course): ClassResults {
  const submissions = found.submissions.map(({ name }, row) => ({
    name,
    labs: labs.map(({ lab }, column) => ({ lab: lab.id, outcome: outcomes[row]![column]! })),
  }));
  return { labs: labs.map(({ lab }) => lab), submissions, absent: [], gradedAt: date(), version };
}

function labOf(id: string, { labs }: Course): Lab {
  const lab = labs.find((each) => each.id === id);
  if (lab !== undefined) return lab;
  const ids = labs.map((each) => each.id);
  throw new CannotGrade(`There is no lab "${printable(id)}".${didYouMean(id, ids)} The labs are: ${ids.join(', ')}.`);
}

async function gradeFound(found: Found, labs: LabToGrade[], task: GradeTask, course: Course, console: Console): Promise<Outcome[][]> {
  const submissions = found.submissions.map(({ name, read }) => ({ name, read: () => read() }));
  const jobs = Math.min(task.jobs ?? availableParallelism(), submissions.length * labs.length);
  const grader = await course.openGrader(jobs);
  const keeper = new Store(':memory:');
  try {
    const onDone = progressOf(submissions.length * labs.length, course, console);
    const { runtimeHash } = grader;
    return await gradeClass({ labs, submissions, backend: grader, keeper, runtimeHash, fresh: task.fresh, onDone });
  } finally {
    keeper.close();
    await grader.close();
  }
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

/** The canonical JSON of what was found: a report for one submission, for a class an array sorted by name. */
function jsonOf(found: Found, { submissions, labs }: ClassResults): string {
  const [first] = submissions.flatMap(({ labs: its }) => its);
  if (found.kind === 'one' && labs.length === 1) return first?.outcome.kind === 'graded' ? canonicalJson(first.outcome.report) : '';
  return canonicalJson(submissions.flatMap(({ name, labs: its }) => its.map(({ outcome }) => ({ name, ...jsonOfOutcome(outcome) }))));
}

function jsonOfOutcome(outcome: Outcome): { report: Report } | { error: string } {
  if (outcome.kind === 'graded') return { report: outcome.report };
  return { error: outcome.kind === 'missing' ? 'Nothing was handed in for this lab.' : outcome.message };
}

/** The tables for people. */
function tableOf(found: Found, results: ClassResults, details: boolean, console: Console): string {
  const options = { paint: painter(console.colour), width: console.width };
  if (found.kind === 'class') return `${classLines(results, { ...options, details }).join('\n')}\n`;
  const { name, labs } = results.submissions[0]!;
  const tables = labs.flatMap(({ outcome }) =>
    outcome.kind === 'graded' ? [reportLines(name, outcome.report, outcome.details, options)] : [],
  );
  return tables.map((lines) => `${lines.join('\n')}\n`).join('\n');
}

function exitStatus({ submissions }: ClassResults): number {
  const outcomes = submissions.flatMap(({ labs }) => labs.map(({ outcome }) => outcome));
  if (outcomes.some(({ kind }) => kind === 'not graded')) return EXIT.notGraded;
  return outcomes.every((outcome) => outcome.kind === 'graded' && outcome.report.verdict === 'pass') ? EXIT.pass : EXIT.fail;
}
