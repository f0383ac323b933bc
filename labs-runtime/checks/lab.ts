/** A lab as data: what the page shows, what the command grades, what the pipeline enforces. Each `src/labs/<id>/lab.ts` exports one. */

/** The kind of rule a check is about, as in the theory of distributed systems. */
export type CheckClass = 'safety' | 'liveness';

/** One named property of a student's part, worth points. `title` is the name of its test in `checks.ts`, letter for letter. */
export interface CheckInfo {
  /** Short and stable, e.g. `in-order`: reports and mutants refer to it. */
  id: string;
  title: string;
  points: number;
  class: CheckClass;
}

/** Limits on a student's part. Each is counted, never timed, so that every host enforces the same. */
export interface LabLimits {
  /**
   * Steps for one check: a statement, a turn of a loop, and the entry of a function each take one; what a builtin does at once takes
   * more (`meter.ts`). One call can take `CALL_STEPS_MAX` of them. At most 2^30.
   */
  stepsMax: number;
  /** Function calls nested in each other. */
  depthMax: number;
  /** Values (numbers, strings, objects, array items) in one state or one list of effects; 64 bytes, or characters, are one more. */
  valuesMax: number;
  /** UTF-8 bytes of all files of a submission together. */
  sourceBytesMax: number;
}

export interface Lab {
  /** The folder's name, e.g. `logging-channel`; also the last part of the import `lockstep/<id>`. */
  id: string;
  /** Its place in the course, from 1. */
  number: number;
  title: string;
  /** One sentence for lists. */
  summary: string;
  /** Section of the VMware FT paper it teaches. */
  section: string;
  /** Names of the files a student edits, found in `starter/`; the first exports `start` and `step`. */
  files: [string, ...string[]];
  checks: CheckInfo[];
  limits: LabLimits;
}

/** Labs in the order of the course. */
export function inCourseOrder(labs: Lab[]): Lab[] {
  return labs.toSorted((one, other) => one.number - other.number);
}

/** Sum of the points of all checks. */
export function pointsMax(lab: Lab): number {
  return lab.checks.reduce((sum, check) => sum + check.points, 0);
}
