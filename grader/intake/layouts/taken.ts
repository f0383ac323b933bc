/** What every layout gives back, and the submissions that they are made of. */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import { assertTypeScript, filesIn, filesOf, type HandedIn } from '../handed-in.ts';
import type { Submission } from '../submission.ts';
import { isZip, type Entry } from '../tree.ts';

/** What a layout made of a class's entries. */
export interface Taken {
  submissions: Submission[];
  /** Entries that are not of its kind. */
  rest: Entry[];
  problems: string[];
}

/** What one student handed in, as a submission. */
export function handedInSubmission(handedIn: HandedIn, labs: Lab[], about: Omit<Submission, 'name' | 'read'> = {}): Submission {
  return { ...about, name: handedIn.name, read: (lab) => filesIn(handedIn, lab, labs) };
}

/** A file, a folder or a zip as a submission. */
export function entrySubmission(entry: Entry, name: string, labs: Lab[], about: Omit<Submission, 'name' | 'read'> = {}): Submission {
  if (entry.kind === 'folder') return handedInSubmission({ name, folder: async () => entry, uploads: false }, labs, about);
  if (isZip(entry)) return handedInSubmission({ name, folder: (budget) => entry.openZip(budget), uploads: true }, labs, about);
  const read = async (lab: Lab) => {
    assertTypeScript(entry);
    return filesOf(entry, lab, labs);
  };
  return { ...about, name, read };
}
