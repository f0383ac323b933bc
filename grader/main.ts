/** The command as a process: gives cli.ts the terminal, the labs and the check pipeline, and sets the exit status. */
import { runLockstep } from './cli.ts';
import type { Console } from './console.ts';
import type { Course } from './course.ts';
import { EXIT } from './exit.ts';
import { labs, readChecks, readStarter } from './labs.ts';
import { printable, wantsColour } from './terminal.ts';
import { version } from './version.ts';

/** Characters in a line where the output is no terminal and so has no width of its own. */
const DEFAULT_WIDTH = 140;

/** Sees to it that output which nobody can have is no crash. Returns what ends the process with the status that is right then. */
function watchOutput({ stdout, stderr }: NodeJS.Process): (status: number) => void {
  let isLost = false;
  stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    // A reader that stops reading (`| head`) ends the output, not the grading.
    if (code === 'EPIPE' || isLost) return;
    isLost = true;
    const reason = code === 'ENOSPC' ? 'the disk is full' : (code ?? message);
    stderr.write(`The output cannot be written: ${reason}. Run the same command again where it can.\n`);
    process.exitCode = EXIT.notGraded;
  });
  // Nobody is left to be told.
  stderr.on('error', () => undefined);
  return (status) => void (process.exitCode = isLost ? EXIT.notGraded : status);
}

function processConsole({ stdout, stderr, env }: NodeJS.Process): Console {
  return {
    out: (text) => void stdout.write(text),
    error: (text) => void stderr.write(text),
    colour: wantsColour(stdout, env),
    width: stdout.columns ?? DEFAULT_WIDTH,
    progress: stderr.isTTY === true,
  };
}

/** The check pipeline is loaded with the first submission: other commands start without it. */
const openGrader: Course['openGrader'] = async ({ queue, jobs }) => {
  if (queue === undefined) return (await import('./grading/pool.ts')).openPool(jobs);
  const note = (message: string) => void process.stderr.write(`${printable(message)}\n`);
  return (await import('./queue/queue-backend.ts')).openQueue(queue, { note });
};

const course: Course = {
  labs,
  readChecks,
  readStarter,
  openGrader,
  version: version(),
  now: () => performance.now(),
  date: () => new Date().toISOString(),
};

/** Runs the command with the arguments of this process. */
export async function runCommand(): Promise<void> {
  const end = watchOutput(process);
  end(await runLockstep(process.argv.slice(2), course, processConsole(process)));
}
