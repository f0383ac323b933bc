/**
 * The canonical report: the one form of a verdict, equal byte for byte in every host. Last stop of walk two.
 * It holds only text of ours, no times and no paths of a machine; keys are sorted, bigints are decimal strings, bytes are hex.
 */
import type { SourcePosition } from '../ft/part.ts';
import type { TraceEvent } from '../sim/trace-event.ts';

export { LANES } from '../sim/trace-event.ts';
export type { Lane, TraceEvent, TraceRow } from '../sim/trace-event.ts';

export const REPORT_SCHEMA = 1;

export type Verdict = 'pass' | 'fail' | 'error' | 'step budget';

/** What a failure is, for the reader who asks "did I break a promise or did I crash". */
export type FailureClass = 'safety' | 'liveness' | 'crash' | 'step budget' | 'malformed' | 'hidden state' | 'refused';

/** The seven parts of a failing check's message (class and trace are fields of their own). */
export interface Failure {
  class: FailureClass;
  /** The rule broken, in words. */
  rule: string;
  expected: string;
  observed: string;
  /** What a client outside would see because of it. */
  consequence: string;
  /** The likely cause, without the answer. */
  cause: string;
  /** Address of the section that explains it, relative to the course's base path, e.g. `lecture/logging-channel/#numbers`. */
  link: string;
  /** Seed of the failing run, where there was one. */
  seed?: number;
  /** Address, relative to the base path, that opens the lab and runs this again, e.g. `labs/failover/?check=one-live&seed=4017`. */
  replay?: string;
  /** The shortest trace found. */
  trace: TraceEvent[];
}

export interface CheckReport {
  id: string;
  title: string;
  verdict: Verdict;
  points: number;
  pointsMax: number;
  /** Steps that the part took in this check. */
  steps: number;
  /** The whole failure as plain text, one part a line; absent on a pass. */
  message?: string;
  failure?: Failure;
  /** Where in the student's TypeScript: the site of the last step taken. */
  position?: SourcePosition;
}

/** Why a submission could not be run at all, though it is the student's to mend: it does not compile, is empty, lacks `start` or `step`. */
export interface Problem {
  message: string;
  position?: SourcePosition;
}

export interface Report {
  schema: typeof REPORT_SCHEMA;
  lab: string;
  /** SHA-256, hex, of the lab's own files (lab data, checks) and of the prebuilt runtime. */
  labHash: string;
  runtimeHash: string;
  verdict: 'pass' | 'fail';
  points: number;
  pointsMax: number;
  checks: CheckReport[];
  problem?: Problem;
}
