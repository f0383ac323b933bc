/** What intake hands on to grading: submissions, each with what its place tells of whose it is and when it came. */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import type { Student } from '../results/results.ts';

/** The files of a submission as the check pipeline takes them: text by name. */
export type SubmissionFiles = Record<string, string>;

export interface Submission {
  /** Unique in a class; as the student or the platform named it, so nothing may print it or make a path of it as it is. */
  name: string;
  /** As far as the layout tells. */
  student?: Student;
  /** ISO 8601 with a zone, as far as the layout tells. A commit's time is its author's word. */
  submittedAt?: string;
  /** The platform's own mark (Canvas: `_LATE_`). */
  late?: boolean;
  /** Its files for a lab; undefined where nothing was handed in for it. @throws CannotGrade where something is there that cannot be graded */
  read(lab: Lab): Promise<SubmissionFiles | undefined>;
}

/** What the command was given, in the order of names. */
export interface Found {
  kind: 'one' | 'class';
  /** In words: `a Canvas download`. */
  layout: string;
  submissions: Submission[];
  /** What an instructor should know of and nobody is refused for: files left out, students of whom the platform lists no work. */
  problems: string[];
}
