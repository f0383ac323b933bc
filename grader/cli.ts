/**
 * The command line: reads the arguments and does what they ask for. Everything it touches comes in as a `Console`, so that tests run it without
 * a process of its own; only what runs machines, in `machine/`, takes the process's terminal.
 */
import { pointsMax, type Lab } from '../labs-runtime/checks/lab.ts';
import { parseCommandLine } from './arguments.ts';
import type { AutograderTask } from './autograder/tasks.ts';
import type { Console } from './console.ts';
import type { Course } from './course.ts';
import { EXIT } from './exit.ts';
import type { ClusterTask } from './explore/tasks.ts';
import { grade } from './grade-command.ts';
import { helpOf } from './help.ts';
import type { MachineTask } from './machine/tasks.ts';
import type { WorkerTask } from './queue/tasks.ts';
import { columns, painter, printableLines } from './terminal.ts';

function labLines(labs: Lab[]): string[] {
  return columns(
    labs.map((lab) => [{ text: lab.id }, { text: `${pointsMax(lab)} points`, right: true }, { text: `${lab.title}. ${lab.summary}` }]),
    { paint: painter(false) },
  );
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

/** The bundler, too. */
async function makeAutograder(task: AutograderTask, course: Course, console: Console): Promise<number> {
  const { runAutograderTask } = await import('./autograder/command.ts');
  return runAutograderTask(task, course, console);
}

/** And the queue. */
async function work(task: WorkerTask, console: Console): Promise<number> {
  const { runWorker } = await import('./queue/worker.ts');
  return runWorker(task, console);
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
    case 'worker':
      return work(task, console);
    case 'gradescope':
    case 'classroom':
      return makeAutograder(task, course, console);
    case 'labs':
      console.out(`${labLines(course.labs).join('\n')}\n`);
      return EXIT.pass;
    case 'help':
      console.out(helpOf(task.of));
      return EXIT.pass;
    case 'version':
      console.out(`${course.version}\n`);
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
