/**
 * The Node host of the check pipeline: prepares in this process, has the part run by a child without rights, judges in this process.
 * Walk two, "who judges": only the replay of the checks against the child's transcript writes the report.
 */
import * as esbuild from 'esbuild';
import type { CheckRecording, Prepared } from '../labs-runtime/checks/host.ts';
import type { Lab } from '../labs-runtime/checks/lab.ts';
import type { Report } from '../labs-runtime/checks/report.ts';
import { recordInChild } from './child-process.ts';
import { readChecks } from './labs.ts';
import { loadRuntime } from './runtime.ts';
import type { LoadedRuntime } from './runtime.ts';

/** A report, and lines to stand beside it, such as an engine's own words about a crash. */
export interface Grading {
  report: Report;
  details: string[];
}

/** Grades one submission of a lab of this course. Throws where the fault is not the student's. */
export async function gradeSubmission(lab: Lab, files: Readonly<Record<string, string>>): Promise<Grading> {
  return gradeWithChecks(lab, await readChecks(lab), files);
}

/** The same for checks given as text, of a lab that need not be one of the course. */
export async function gradeWithChecks(lab: Lab, checksSource: string, files: Readonly<Record<string, string>>): Promise<Grading> {
  const runtime = await loadRuntime();
  const { report: early, prepared } = await runtime.module.prepare(esbuild, { lab, checksSource, files, runtimeHash: runtime.hash });
  if (prepared === undefined) return { report: early, details: [] };
  const transcript = await recordAll(runtime, prepared);
  const { report, details } = await runtime.module.judge(prepared, transcript);
  return { report, details: details.map(({ check, text }) => `${check}: ${text}`) };
}

/** Records all checks in one child; if the part takes its memory, each in one of its own, so that only those that do fail for it. */
async function recordAll(runtime: LoadedRuntime, prepared: Prepared): Promise<Uint8Array> {
  const transcript = await recordInChild({ runtimePath: runtime.path, prepared });
  if (transcript !== 'out of memory') return transcript;
  const recordings: CheckRecording[] = [];
  for (const { title } of prepared.lab.checks) {
    recordings.push({ title, transcript: await recordInChild({ runtimePath: runtime.path, prepared, only: [title] }) });
  }
  return runtime.module.joinRecordings(prepared, recordings);
}
