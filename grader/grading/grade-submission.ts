/**
 * The Node host of the check pipeline: prepares in this process, has the part run by a process without rights, judges in this process.
 * Walk two, "who judges": only the replay of the checks against the recorded answers writes the report.
 */
import type { CheckRecording, Prepared } from '../../labs-runtime/checks/host.ts';
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import { readChecks } from '../labs.ts';
import { bundler } from './bundler.ts';
import type { Grading, GradingJob } from './messages.ts';
import { Recorder } from './recorder.ts';
import { loadRuntime } from './runtime.ts';

/** What grades, and for how many: one who grades several keeps a recorder for them. */
export interface Workshop {
  recorder: Recorder;
  /** Called with each transcript, and a way to get it once more from a process that has run nothing else (`audit.ts`). */
  audit?(transcript: Uint8Array, again: () => Promise<Uint8Array>): Promise<void>;
}

/** Grades one submission of a lab of this course, in a process of its own. */
export async function gradeSubmission(lab: Lab, files: Readonly<Record<string, string>>): Promise<Grading> {
  return gradeWithChecks(lab, await readChecks(lab), files);
}

/** Grades one submission by checks given as text, of a lab that need not be one of the course, in a process of its own. */
export async function gradeWithChecks(lab: Lab, checksSource: string, files: Readonly<Record<string, string>>): Promise<Grading> {
  return gradeJob({ lab, checksSource, files });
}

/**
 * Grades one submission. Throws where the fault is not the student's: `RecorderDied` for trouble that may pass, `GradingError` for checks that
 * are wrong.
 * @param workshop for one who grades several; without one the submission gets a process of its own
 */
export async function gradeJob({ lab, checksSource, files, seedOffset = 0 }: GradingJob, workshop?: Workshop): Promise<Grading> {
  const { module, hash } = await loadRuntime();
  const { report: early, prepared } = await module.prepare(bundler, { lab, checksSource, files, seedOffset, runtimeHash: hash });
  if (prepared === undefined) return { report: early, details: [] };
  const transcript = workshop === undefined ? await recordAlone(prepared) : await recordIn(workshop, prepared);
  const { report, details } = await module.judge(prepared, transcript);
  return { report, details: details.map(({ check, text }) => `${check}: ${text}`) };
}

/** Records in a process of its own. */
async function recordAlone(prepared: Prepared): Promise<Uint8Array> {
  const recorder = new Recorder({ runtimePath: (await loadRuntime()).path, submissionsMax: 1 });
  return recordAll(recorder, prepared);
}

async function recordIn({ recorder, audit }: Workshop, prepared: Prepared): Promise<Uint8Array> {
  const transcript = await recordAll(recorder, prepared);
  await audit?.(transcript, () => recordAlone(prepared));
  return transcript;
}

/** Records all checks in one process; if the part takes its memory, each in one of its own, so that only those that do fail for it. */
async function recordAll(recorder: Recorder, prepared: Prepared): Promise<Uint8Array> {
  const transcript = await recorder.record(prepared);
  if (transcript !== 'out of memory') return transcript;
  const { path, module } = await loadRuntime();
  const alone = new Recorder({ runtimePath: path, submissionsMax: 1 });
  const recordings: CheckRecording[] = [];
  for (const { title } of prepared.lab.checks) recordings.push({ title, transcript: await alone.record(prepared, [title]) });
  return module.joinRecordings(prepared, recordings);
}
