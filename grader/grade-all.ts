/** Grades submissions several at a time, and returns the results in the order of the submissions, whichever was done first. */
import type { Lab } from '../labs-runtime/checks/lab.ts';
import type { Report } from '../labs-runtime/checks/report.ts';
import { CannotGrade, type Submission, type SubmissionFiles } from './submissions.ts';
import { printable } from './terminal.ts';

/** What became of one submission: a report, or why there is none. */
export type Result =
  { kind: 'graded'; name: string; report: Report; details: string[] } | { kind: 'not graded'; name: string; message: string };

/**
 * Grades one submission's files. `details` stand beside the report: what an engine said of a crash, each after the title of its check
 * and a colon.
 * @throws CannotGrade where the fault is not the student's
 */
export type Grade = (lab: Lab, files: SubmissionFiles) => Promise<{ report: Report; details: string[] }>;

export interface GradeAllOptions {
  lab: Lab;
  submissions: Submission[];
  grade: Grade;
  /** How many are graded at the same time. */
  jobsMax: number;
  /** Called after each, with how many are done. */
  onDone?: (done: number) => void;
}

/** A message that says whose submission it is about. Those about files begin with it already. */
function withName(name: string, message: string): string {
  const shown = printable(name);
  return message.startsWith(shown) ? message : `${shown}: ${message}`;
}

async function gradeOne(lab: Lab, submission: Submission, grade: Grade): Promise<Result> {
  const { name } = submission;
  try {
    return { kind: 'graded', name, ...(await grade(lab, await submission.read())) };
  } catch (error) {
    if (error instanceof CannotGrade) return { kind: 'not graded', name, message: withName(name, error.message) };
    // A bug of ours ends the grading of this one only; its stack is what a report of the bug needs.
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: 'not graded', name, message: `${printable(name)}: the grader itself failed. Please report this:\n${stack}` };
  }
}

/** Grades every submission; one that cannot be graded stops none of the others. */
export async function gradeAll(options: GradeAllOptions): Promise<Result[]> {
  const { lab, submissions, grade, jobsMax, onDone } = options;
  const results: Result[] = [];
  let next = 0;
  let done = 0;
  const work = async () => {
    while (next < submissions.length) {
      const index = next++;
      results[index] = await gradeOne(lab, submissions[index]!, grade);
      onDone?.(++done);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobsMax, submissions.length) }, work));
  return results;
}
