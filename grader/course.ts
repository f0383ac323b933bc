/** What the command works with: labs, what grades them, and a clock. Tests give another. */
import type { Lab } from '../labs-runtime/checks/lab.ts';
import type { GradeTask } from './grade-task.ts';
import type { Backend } from './grading/grade-class.ts';

/** What grades; loaded with the first submission, so that other commands start without it. */
export interface Grader extends Backend {
  /** Of the runtime that grades. */
  runtimeHash: string;
  /** What stands around students' code, in words. */
  walls: string;
  close(): Promise<void>;
}

/** What the command grades with. */
export interface Course {
  labs: Lab[];
  readChecks(lab: Lab): Promise<string>;
  /** A lab's starter, by file name. */
  readStarter(lab: Lab): Promise<Record<string, string>>;
  openGrader(wanted: Pick<GradeTask, 'queue'> & { jobs: number }): Promise<Grader>;
  /** Of the command. */
  version: string;
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** The time of day, ISO 8601. */
  date(): string;
}
