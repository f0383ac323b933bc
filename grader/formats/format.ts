/** What a format is: a pure function from the results of a class to files. `formats.ts` has them all by name. */
import type { ClassResults } from '../results/results.ts';
import type { Files, Similarity } from '../similarity/similarity.ts';

/** A file to write, e.g. `canvas.csv` or `gradescope/student-01.json`. */
export interface OutputFile {
  /** Relative, with `/` between folders; safe on every system. */
  path: string;
  content: string;
}

/** What is no result, and stands beside the results where a format has room for it. */
export interface Extras {
  /** By the lab's id; for labs whose submissions were compared. */
  similarity?: ReadonlyMap<string, Similarity>;
  /** What was handed in, by the names of submission and lab; undefined where it cannot be had. */
  sources?: (submission: string, lab: string) => Files | undefined;
  /** Address of the course's site, with a `/` at its end. */
  courseUrl?: string | undefined;
}

/** Writes results down; the same arguments give the same bytes. */
export type Format = (results: ClassResults, extras?: Extras) => OutputFile[];
