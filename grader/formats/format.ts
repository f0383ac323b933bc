/** What a format is: a pure function from the results of a class to files. `formats.ts` has them all by name. */
import type { ClassResults } from '../results/results.ts';

/** A file to write, e.g. `canvas.csv` or `gradescope/student-01.json`. */
export interface OutputFile {
  /** Relative, with `/` between folders; safe on every system. */
  path: string;
  content: string;
}

/** Writes results down; the same results give the same bytes. */
export type Format = (results: ClassResults) => OutputFile[];
