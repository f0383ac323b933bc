/**
 * The command line: reads the arguments, finds the submissions, has them graded and prints the results. Last stop of walk two for those who
 * grade. Everything it touches comes in as a `Console`, so that tests run it without a process of its own; only what runs machines, in
 * `machine/`, takes the process's terminal.
 */
import { availableParallelism } from 'node:os';
import { canonicalJson } from '../labs-runtime/checks/canonical-json.ts';
import { pointsMax, type Lab } from '../labs-runtime/checks/lab.ts';
import { parseCommandLine, type Task } from './arguments.ts';
import { classLines } from './class-table.ts';
import type { Console } from './console.ts';
import { gradeAll, type Grade, type Result } from './grade-all.ts';
import type { ClusterTask } from './explore/tasks.ts';
import { HELP } from './help.ts';
import type { MachineTask } from './machine/tasks.ts';
import { didYouMean } from './nearest.ts';
import { CannotGrade, findSubmissions, type Found } from './submissions.ts';
import { reportLines } from './table.ts';
import { columns, painter, printable, printableLines } from './terminal.ts';
import { version } from './version.ts';

/** Exit statuses of the command. */
export const EXIT = { pass: 0, fail: 1, notGraded: 2 } as const;

/** What the command grades with. */
export interface Course {
  labs: Lab[];
  grade: Grade;
}

function labLines(labs: Lab[]): string[] {
  return columns(
    labs.map((lab) => [{ text: lab.id }, { text: `${pointsMax(lab)} points`, right: true }, { text: `${lab.title}. ${lab.summary}` }]),
    { paint: painter(false) },
  );
}

/** The canonical JSON of what was found: a report for one submission, for a class an array sorted by name. */
function jsonOf(found: Found, results: Result[]): string {
  const [first] = results;
  if (found.kind === 'one') return first?.kind === 'graded' ? canonicalJson(first.report) : '';
  return canonicalJson(
    results.map((result) =>
      result.kind === 'graded' ? { name: result.name, report: result.report } : { name: result.name, error: result.message },
    ),
  );
}

/** The tables for people. */
function tableOf(found: Found, results: Result[], lab: Lab, details: boolean, console: Console): string {
  const options = { paint: painter(console.colour), width: console.width };
  const [first] = results;
  if (found.kind === 'class') return `${classLines(results, lab, { ...options, details }).join('\n')}\n`;
  return first?.kind === 'graded' ? `${reportLines(first.name, first.report, first.details, options).join('\n')}\n` : '';
}

function exitStatus(results: Result[]): number {
  if (results.some((result) => result.kind === 'not graded')) return EXIT.notGraded;
  return results.every((result) => result.kind === 'graded' && result.report.verdict === 'pass') ? EXIT.pass : EXIT.fail;
}

/** Shows how far a class is, on one line of standard error that is wiped at the end. */
function progressOf(found: Found, console: Console): (done: number) => void {
  const total = found.submissions.length;
  if (!console.progress || total < 2) return () => {};
  console.error(`graded 0 of ${total}`);
  return (done) => console.error(done === total ? '\r\x1b[K' : `\r\x1b[Kgraded ${done} of ${total}`);
}

async function grade(task: Extract<Task, { kind: 'grade' }>, course: Course, console: Console): Promise<number> {
  const ids = course.labs.map((lab) => lab.id);
  const lab = course.labs.find(({ id }) => id === task.labId);
  if (lab === undefined) {
    console.error(`There is no lab "${printable(task.labId)}".${didYouMean(task.labId, ids)} The labs are: ${ids.join(', ')}.\n`);
    return EXIT.notGraded;
  }
  let found: Found;
  try {
    found = await findSubmissions(task.path, lab);
  } catch (error) {
    if (!(error instanceof CannotGrade)) throw error;
    console.error(`${printable(error.message)}\n`);
    return EXIT.notGraded;
  }
  const { submissions } = found;
  const onDone = progressOf(found, console);
  const results = await gradeAll({ lab, submissions, grade: course.grade, jobsMax: availableParallelism(), onDone });
  for (const result of results) {
    if (result.kind === 'not graded') console.error(`${printableLines(result.message, 0).join('\n')}\n`);
  }
  console.out(task.json ? jsonOf(found, results) : tableOf(found, results, lab, task.details, console));
  return exitStatus(results);
}

/** Machines need the process's terminal and files for themselves; what runs them is loaded only now. */
async function runMachines(task: MachineTask): Promise<number> {
  const [{ runMachineTask }, { ProcessHost }] = await Promise.all([import('./machine/command.ts'), import('./machine/process-host.ts')]);
  return runMachineTask(task, new ProcessHost());
}

/** The simulated world, too, is loaded only when it is wanted. */
async function runClusters(task: ClusterTask, console: Console): Promise<number> {
  const [{ runClusterTask }, { ProcessWatch }] = await Promise.all([import('./explore/command.ts'), import('./explore/watch.ts')]);
  return runClusterTask(task, console, new ProcessWatch());
}

/** Does what `args` (without the program's name) ask for. Returns the exit status. */
export async function runLockstep(args: string[], course: Course, console: Console): Promise<number> {
  const task = parseCommandLine(
    args,
    course.labs.map((lab) => lab.id),
  );
  switch (task.kind) {
    case 'grade':
      return grade(task, course, console);
    case 'labs':
      console.out(`${labLines(course.labs).join('\n')}\n`);
      return EXIT.pass;
    case 'help':
      console.out(HELP);
      return EXIT.pass;
    case 'version':
      console.out(`${version()}\n`);
      return EXIT.pass;
    case 'run':
    case 'replay':
    case 'diverge':
      return runMachines(task);
    case 'scenarios':
    case 'explore':
    case 'trace':
      return runClusters(task, console);
    case 'wrong':
      console.error(`${printableLines(task.message, 0).join('\n')}\n`);
      return EXIT.notGraded;
  }
}
