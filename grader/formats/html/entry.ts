/** A submission as the class's page looks at it: its sections, and where it stands among the others. */
import { totalOf, type ClassResults, type SubmissionResult } from '../../results/results.ts';
import { fileName } from '../file-name.ts';
import { sectionsOf, type CheckRow, type Section } from '../sections.ts';

/** `failing` is whatever was graded and has not all points; `missing` is nothing handed in for any lab. */
export type Standing = 'all points' | 'failing' | 'not graded' | 'missing';

export interface Entry {
  submission: SubmissionResult;
  /** Of the block with its failures, on the class's page: made of its place in the class, since a name can be anything. */
  anchor: string;
  sections: Section[];
  total: { final: number; pointsMax: number } | undefined;
  standing: Standing;
  /** Checks of graded labs that did not pass. */
  failing: { section: Section; row: CheckRow }[];
}

export function entriesOf({ submissions, labs }: ClassResults): Entry[] {
  return submissions.map((submission, index) => {
    const sections = sectionsOf(submission, labs);
    const total = totalOf(submission);
    const graded = sections.filter(({ outcome }) => outcome.kind === 'graded');
    const failing = graded.flatMap((section) => section.rows.filter(({ verdict }) => verdict !== 'pass').map((row) => ({ section, row })));
    return { submission, anchor: `submission-${index + 1}`, sections, total, standing: standingOf(sections, total), failing };
  });
}

function standingOf(sections: Section[], total: Entry['total']): Standing {
  if (total === undefined) return 'not graded';
  if (sections.every(({ outcome }) => outcome.kind === 'missing')) return 'missing';
  return total.final === total.pointsMax ? 'all points' : 'failing';
}

/** The student's name, or else the submission's. */
export function nameOf({ name, student }: SubmissionResult): string {
  return student?.name ?? name;
}

/** Where the page to hand back lies, from the class's page. */
export function studentPath({ name }: SubmissionResult): string {
  return `students/${fileName(name)}.html`;
}
