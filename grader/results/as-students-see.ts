/** Results for those that they are about: of hidden checks they see the points, and nothing that would tell what is checked. */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import { pointsMax } from '../../labs-runtime/checks/lab.ts';
import type { Report } from '../../labs-runtime/checks/report.ts';
import type { ClassResults, Outcome } from './results.ts';

const TITLE = 'Hidden checks';

/** The same results, with all hidden checks of a lab as one that says nothing. */
export function asStudentsSee<Results extends Pick<ClassResults, 'labs' | 'submissions' | 'hiddenLabs'>>(results: Results): Results {
  const isHidden = (id: string) => results.hiddenLabs.includes(id);
  return {
    ...results,
    labs: results.labs.map((lab) => (isHidden(lab.id) ? summedLab(lab) : lab)),
    submissions: results.submissions.map((submission) => ({
      ...submission,
      labs: submission.labs.map((result) => (isHidden(result.lab) ? { ...result, outcome: summedOutcome(result.outcome) } : result)),
    })),
  };
}

function summedLab(lab: Lab): Lab {
  return { ...lab, checks: [{ id: 'hidden', title: TITLE, points: pointsMax(lab), class: 'safety' }] };
}

function summedOutcome(outcome: Outcome): Outcome {
  return outcome.kind === 'graded' ? { kind: 'graded', report: summedReport(outcome.report), details: [] } : outcome;
}

function summedReport({ problem, ...report }: Report): Report {
  const { verdict, points, pointsMax: most, checks } = report;
  const steps = checks.reduce((sum, check) => sum + check.steps, 0);
  // What keeps a submission from being run is the same for open checks, and said there.
  return { ...report, checks: [{ id: 'hidden', title: TITLE, verdict, points, pointsMax: most, steps }], ...(problem && { problem }) };
}
