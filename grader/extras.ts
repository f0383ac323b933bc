/** What reports show beside results: what was handed in, and which submissions of a class look alike. */
import type { Course } from './course.ts';
import type { Extras } from './formats/format.ts';
import type { LabToGrade } from './grading/grade-class.ts';
import type { Submission, SubmissionFiles } from './intake/submission.ts';
import { similarityOf, type Similarity } from './similarity/similarity.ts';

/**
 * Takes what was read to be graded, and compares the submissions of each lab. Hidden checks are about files that are compared already.
 * @param submissions that are `readOnce`; of what could not be read there is nothing to show, and it has been told of already
 */
export async function readExtras(submissions: Submission[], labs: LabToGrade[], course: Course): Promise<Extras> {
  const sources = new Map<string, Map<string, SubmissionFiles>>();
  const similarity = new Map<string, Similarity>();
  for (const { lab, hiddenOf } of labs) {
    const files = new Map<string, SubmissionFiles>();
    for (const submission of submissions) {
      const its = await submission.read(lab).catch(() => undefined);
      if (its !== undefined) files.set(submission.name, its);
    }
    sources.set(lab.id, files);
    if (hiddenOf !== undefined || files.size < 2) continue;
    const handedIn = [...files].map(([name, its]) => ({ name, files: its }));
    similarity.set(lab.id, similarityOf(handedIn, await course.readStarter(lab)));
  }
  return { similarity, sources: (submission, lab) => sources.get(lab)?.get(submission) };
}
