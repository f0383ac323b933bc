/** Grading for tests that are about the queue: what comes out follows from the files alone, as with real checks, and takes next to no time. */
import { createHash } from 'node:crypto';
import type { LabToGrade } from '../../../grader/grading/grade-class.ts';
import type { GradingAnswer, GradingJob } from '../../../grader/grading/messages.ts';
import { sumPoints } from '../../../grader/results/results.ts';
import { pointsMax, type CheckInfo } from '../../../labs-runtime/checks/lab.ts';
import { REPORT_SCHEMA, type CheckReport, type Report } from '../../../labs-runtime/checks/report.ts';
import { lab } from '../../../src/labs/logging-channel/lab.ts';

export const software = { version: '0.0.0', runtimeHash: 'a runtime for tests' };

export const labs: LabToGrade[] = [{ lab, checksSource: 'checks' }];

/** Submissions that `stand-in-grader.ts` has in the queue at a time. */
export const JOBS = 60;

/** A submission whose text begins so ends the process that grades it. */
export const POISON = 'poison';

/** One whose text begins so is under way for longer than it takes the other to do that. */
export const SLOW = 'slow';

/** A report that nothing else gets. */
export function standIn({ files, checksSource }: GradingJob): GradingAnswer {
  const labHash = createHash('sha256').update(JSON.stringify({ files, checksSource })).digest('hex');
  const checks = lab.checks.map((check, index) => checkReport(check, labHash[index]! < '8'));
  const report: Report = {
    schema: REPORT_SCHEMA,
    lab: lab.id,
    labHash,
    runtimeHash: software.runtimeHash,
    verdict: checks.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'fail',
    points: sumPoints(checks.map(({ points }) => points)),
    pointsMax: pointsMax(lab),
    checks,
  };
  return { kind: 'graded', grading: { report, details: [] }, recorder: '1.1' };
}

function checkReport({ id, title, points }: CheckInfo, isPassed: boolean): CheckReport {
  const common = { id, title, pointsMax: points, steps: 1 };
  return isPassed
    ? { ...common, verdict: 'pass', points }
    : { ...common, verdict: 'fail', points: 0, message: `It does not hold: ${title}.` };
}
