/** Grading for tests that are about the queue: what comes out follows from the files alone, as with real checks, and takes next to no time. */
import { createHash } from 'node:crypto';
import type { LabToGrade } from '../../../grader/grading/grade-class.ts';
import type { GradingAnswer, GradingJob } from '../../../grader/grading/messages.ts';
import { REPORT_SCHEMA, type Report } from '../../../labs-runtime/checks/report.ts';
import { lab } from '../../../src/labs/logging-channel/lab.ts';

export const software = { version: '0.0.0', runtimeHash: 'a runtime for tests' };

export const labs: LabToGrade[] = [{ lab, checksSource: 'checks' }];

/** A submission whose text begins so ends the process that grades it. */
export const POISON = 'poison';

/** One whose text begins so is under way for longer than it takes the other to do that. */
export const SLOW = 'slow';

/** A report that nothing else gets. */
export function standIn({ files, checksSource }: GradingJob): GradingAnswer {
  const labHash = createHash('sha256').update(JSON.stringify({ files, checksSource })).digest('hex');
  const report: Report = {
    schema: REPORT_SCHEMA,
    lab: lab.id,
    labHash,
    runtimeHash: software.runtimeHash,
    verdict: 'pass',
    points: 0,
    pointsMax: 0,
    checks: [],
  };
  return { kind: 'graded', grading: { report, details: [] }, recorder: '1.1' };
}
