/** What the page and its two workers say to each other. Each worker is a thin host over `labs-runtime/checks/host.ts`. */
import type { Prepared } from '../../../labs-runtime/checks/host.ts';
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import type { CrashDetail } from '../../../labs-runtime/checks/transcript.ts';
import type { CheckReport, Report } from '../../../labs-runtime/checks/report.ts';

/** The one prebuilt bundle of the runtime that every host of the checks loads. */
export interface RuntimeAddress {
  /** Absolute path on this site, base path included. */
  url: string;
  /** SHA-256 of the bundle, hex, as it stands in reports. */
  hash: string;
}

/** A student's files and the lab's checks, to be compiled. */
export interface PrepareRequest {
  kind: 'prepare';
  run: number;
  runtime: RuntimeAddress;
  lab: Lab;
  checksSource: string;
  /** Text of each of the lab's files, by name. */
  files: Record<string, string>;
}

/** To the compile worker. `load` starts fetching the compiler and the runtime ahead of the first run. */
export type ToCompiler = { kind: 'load'; runtime: RuntimeAddress } | PrepareRequest;

/** From the compile worker. A report comes at once where the student's file does not compile. */
export type FromCompiler =
  | { kind: 'prepared'; run: number; prepared: Prepared }
  | { kind: 'report'; run: number; report: Report }
  | { kind: 'failed'; run: number; message: string };

/** To a run worker. `load` lets it fetch and evaluate the runtime ahead of that; `observe` asks for one check, by title. */
export type ToRun = { kind: 'load'; runtime: RuntimeAddress } | { kind: 'observe'; prepared: Prepared; title: string };

/** From a run worker, one for each check asked for. */
export type FromRun = { kind: 'observed'; checks: CheckReport[]; details: CrashDetail[] } | { kind: 'failed'; message: string };
