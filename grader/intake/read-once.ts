/** Submissions whose files stay as they were read first: a report has to show what its verdict is about, whatever became of the file since. */
import type { Submission } from './submission.ts';

/** The same submission, of which each lab's files are read once and kept, or are refused each time as they were the first. */
export function readOnce(submission: Submission): Submission {
  const known = new Map<string, ReturnType<Submission['read']>>();
  return {
    ...submission,
    read: (lab) => {
      const files = known.get(lab.id) ?? submission.read(lab);
      known.set(lab.id, files);
      return files;
    },
  };
}
