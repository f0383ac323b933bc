/**
 * Puts the reports of single checks together into the canonical report. Walk two, step 4. It stands alone, so that a page whose workers share
 * the checks of a run can use it without loading the pipeline.
 */
import { pointsMax } from './lab.ts';
import type { Lab } from './lab.ts';
import { REPORT_SCHEMA } from './report.ts';
import type { CheckReport, Report } from './report.ts';

/** What a report says of itself. */
export interface ReportIdentity {
  lab: Lab;
  labHash: string;
  runtimeHash: string;
}

/** The report of a lab's checks; they may come in any order, and stand in the lab's. Precondition: one for each check of the lab. */
export function assembleReport({ lab, labHash, runtimeHash }: ReportIdentity, checks: CheckReport[]): Report {
  const ordered = lab.checks.map(({ id }) => checks.find((check) => check.id === id)!);
  return {
    schema: REPORT_SCHEMA,
    lab: lab.id,
    labHash,
    runtimeHash,
    verdict: ordered.every(({ verdict }) => verdict === 'pass') ? 'pass' : 'fail',
    points: ordered.reduce((sum, { points }) => sum + points, 0),
    pointsMax: pointsMax(lab),
    checks: ordered,
  };
}
