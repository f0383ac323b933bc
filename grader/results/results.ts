/**
 * What came of grading a class, as plain data: the store keeps it, the formats write it, the tables print it. Behind the end of walk two:
 * nothing here changes a report, which stays the one form of a verdict.
 */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import type { Report } from '../../labs-runtime/checks/report.ts';

/** Somebody who handed something in, as far as a roster or the export of a learning platform tells. */
export interface Student {
  /** What tells students of a class apart: the roster's key, or else what stands in the submission's name. */
  id: string;
  name?: string;
  email?: string;
  /** Canvas: `SIS Login ID`. */
  login?: string;
  /** Canvas: `SIS User ID`. */
  sisId?: string;
  /** Canvas: `ID`. */
  canvasId?: string;
  section?: string;
}

/** What became of one lab of one submission. */
export type Outcome =
  | {
      kind: 'graded';
      report: Report;
      /** What engines said of crashes: no part of the report. Each begins with the title of its check and a colon. */
      details: string[];
    }
  /** The fault is not the student's, so this is no zero: `message` says what to do. */
  | { kind: 'not graded'; message: string }
  /** Nothing was handed in for this lab. */
  | { kind: 'missing' };

/** The points that count. Points have two decimals at most. */
export interface Score {
  /** As the report has them, and the most there are. */
  points: number;
  pointsMax: number;
  /** Taken off for lateness; `points - deducted` is `final`. */
  deducted: number;
  final: number;
  /** Why something was taken off, or why nothing was though it was late; absent for what came in time. */
  lateness?: string;
}

export interface LabResult {
  lab: string;
  outcome: Outcome;
  /** Absent where the outcome is `not graded`. What is missing scores 0. */
  score?: Score;
}

export interface SubmissionResult {
  /** Unique in a class. */
  name: string;
  student?: Student;
  /** When it was handed in, ISO 8601 with a zone; absent where nothing tells. */
  submittedAt?: string;
  /** One for each lab of the class, in the order of its labs. */
  labs: LabResult[];
}

export interface ClassResults {
  labs: Lab[];
  /** In the order of their names. */
  submissions: SubmissionResult[];
  /** Students of the roster of whom nothing came. */
  absent: Student[];
  /** What a gradebook calls labs, by the labs' ids, e.g. `Logging channel (12345)`; their titles where it has none. */
  columnTitles: Readonly<Record<string, string>>;
  /** Ids of those labs whose checks students do not see (`as-students-see.ts`). */
  hiddenLabs: readonly string[];
  /** When the grading was done, ISO 8601 with a zone. An argument: the same results give the same files. */
  gradedAt: string;
  /** What stood around students' code, in words; absent where nobody says. */
  walls?: string;
  /** The version of the command. */
  version: string;
}

/** A sum of points without what binary fractions would add to it. */
export function sumPoints(points: number[]): number {
  return points.reduce((sum, each) => sum + Math.round(each * 100), 0) / 100;
}

/** The final points of a submission over all labs, and the most there are; undefined where one of its labs could not be graded. */
export function totalOf({ labs }: SubmissionResult): { final: number; pointsMax: number } | undefined {
  const scores = labs.map(({ score }) => score);
  if (scores.some((score) => score === undefined)) return undefined;
  return {
    final: sumPoints(scores.map((score) => score!.final)),
    pointsMax: sumPoints(scores.map((score) => score!.pointsMax)),
  };
}
