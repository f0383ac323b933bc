/** A thread of the pool: bundles, has recorded, and judges one submission after the other, with a recorder of its own. No student's code runs in it. */
import { threadId } from 'node:worker_threads';
import { audit, Tampered } from './audit.ts';
import { gradeJob } from './grade-submission.ts';
import type { GradingAnswer, GradingJob } from './messages.ts';
import { Recorder, RecorderDied } from './recorder.ts';
import { loadRuntime } from './runtime.ts';

const recorder = new Recorder({ runtimePath: (await loadRuntime()).path });

export default async function grade(job: GradingJob): Promise<GradingAnswer> {
  try {
    if (job.fresh === true) return { kind: 'graded', grading: await gradeJob(job), recorder: undefined };
    const grading = await gradeJob(job, { recorder, audit });
    return { kind: 'graded', grading, recorder: nameOfRecorder() };
  } catch (error) {
    if (error instanceof RecorderDied) return { kind: 'died', message: error.message };
    if (error instanceof (await loadRuntime()).module.GradingError)
      return { kind: 'not graded', message: `The checks of ${job.lab.id} are at fault, not the submission. ${error.message}` };
    if (!(error instanceof Tampered))
      return { kind: 'failed', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    const tampered = nameOfRecorder();
    await recorder.retire();
    return { kind: 'tampered', recorder: tampered };
  }
}

function nameOfRecorder(): string {
  return `${threadId}.${recorder.generation}`;
}
