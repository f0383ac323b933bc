/** What `lockstep worker` can be asked to do, and how its arguments are read. */
import { WrongArgument, integer, text, type OptionValues } from '../option-values.ts';

export interface WorkerTask {
  kind: 'worker';
  /** URL of a Redis. */
  queue: string;
  /** Submissions at a time; undefined for as many as there are cores. */
  jobs: number | undefined;
}

/** Options of the command, in the form of `parseArgs`. */
export const WORKER_OPTIONS = {
  queue: { type: 'string' },
  jobs: { type: 'string' },
} as const;

const JOBS_MAX = 256;

/** The task. @throws WrongArgument */
export function readWorkerTask(operands: string[], values: OptionValues): WorkerTask {
  if (operands.length > 0)
    throw new WrongArgument(`\`lockstep worker\` takes no files, and was given "${operands[0]}". The queue brings them.`);
  const queue = text(values, 'queue');
  if (queue === undefined)
    throw new WrongArgument('Which queue? Add --queue and the URL of a Redis, e.g. `--queue redis://localhost:6379`.');
  return { kind: 'worker', queue, jobs: integer(values, 'jobs', 1, JOBS_MAX) };
}
