/** Puts a class's results together: who handed in what and when, what became of it, and the points that count. */
import { pointsMax } from '../../labs-runtime/checks/lab.ts';
import type { LabToGrade } from '../grading/grade-class.ts';
import type { Submission } from '../intake/submission.ts';
import type { LatePolicy } from './late-policy.ts';
import { lateRule, scoreOf } from './late-policy.ts';
import type { ClassResults, LabResult, Outcome } from './results.ts';

export interface ClassParts extends Pick<ClassResults, 'absent' | 'columnTitles' | 'gradedAt' | 'walls' | 'version'> {
  labs: LabToGrade[];
  submissions: Submission[];
  /** By submission and lab, in their orders. */
  outcomes: Outcome[][];
  policy: LatePolicy | undefined;
}

export function classResults({ labs, submissions, outcomes, policy, ...rest }: ClassParts): ClassResults {
  return {
    ...rest,
    labs: labs.map(({ lab }) => lab),
    hiddenLabs: labs.filter(({ hiddenOf }) => hiddenOf !== undefined).map(({ lab }) => lab.id),
    submissions: submissions.map((submission, row) => ({
      name: submission.name,
      ...(submission.student && { student: submission.student }),
      ...(submission.submittedAt !== undefined && { submittedAt: submission.submittedAt }),
      labs: labs.map((lab, column) => labResult(lab, submission, outcomes[row]![column]!, policy)),
    })),
  };
}

function labResult(
  { lab, hiddenOf }: LabToGrade,
  { submittedAt, late, student }: Submission,
  outcome: Outcome,
  policy?: LatePolicy,
): LabResult {
  if (outcome.kind === 'not graded') return { lab: lab.id, outcome };
  if (outcome.kind === 'missing') return { lab: lab.id, outcome, score: { points: 0, pointsMax: pointsMax(lab), deducted: 0, final: 0 } };
  const rule = policy && lateRule(policy, hiddenOf ?? lab.id);
  const { points, pointsMax: most } = outcome.report;
  return { lab: lab.id, outcome, score: scoreOf(points, most, { submittedAt, markedLate: late === true, student }, rule) };
}
