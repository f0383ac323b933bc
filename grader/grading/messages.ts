/** What a thread of the pool is asked, and answers: plain data. */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import type { Report } from '../../labs-runtime/checks/report.ts';

/** A report, and lines to stand beside it, such as an engine's own words about a crash. */
export interface Grading {
  report: Report;
  details: string[];
}

/** One submission to grade. */
export interface GradingJob {
  lab: Lab;
  checksSource: string;
  files: Readonly<Record<string, string>>;
  /** What is added to the seeds of the checks; their own if absent. */
  seedOffset?: number;
  /** Whether it gets a process of its own even where others share one. */
  fresh?: boolean;
}

export type GradingAnswer =
  /** `recorder` is the process that ran it, by a number of its own; undefined for one that ran nothing else. */
  | { kind: 'graded'; grading: Grading; recorder: string | undefined }
  /** Trouble that may pass. */
  | { kind: 'died'; message: string }
  /** That process gave an answer that is not the submission's: whatever it has run has to be graded again. */
  | { kind: 'tampered'; recorder: string }
  /** It cannot be graded, now or later, and that is no bug of ours: it ends whatever grades it, or the checks are at fault. */
  | { kind: 'not graded'; message: string }
  /** A fault of ours, with its stack. */
  | { kind: 'failed'; message: string };
