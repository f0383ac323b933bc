/** A folder that an instructor keeps: a file, a folder or a zip for each student. */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import { printable } from '../../terminal.ts';
import { filesIn } from '../handed-in.ts';
import { isReport, labNamedBy, stem } from '../lab-file-names.ts';
import { gathered } from '../search-folder.ts';
import type { Submission } from '../submission.ts';
import { isZip, type Entry } from '../tree.ts';
import { entrySubmission, type Taken } from './taken.ts';

/**
 * Makes a submission of each entry. Where several labs are graded, files that name a lab behind the same words are one student's:
 * `alice-channel.ts` and `alice-gate.ts`. `unnamed` is whose those are that name nothing but a lab.
 */
export function takePlain(entries: Entry[], labs: Lab[], unnamed: string): Taken {
  const reports = entries.filter(({ name }) => isReport(name));
  const problems = reports.map(({ shown }) => `${printable(shown)}: a report, which is no submission, is left out.`);
  const groups = new Map<string, Entry[]>();
  for (const entry of entries.filter((each) => !reports.includes(each))) {
    const name = labs.length > 1 ? ownerOf(entry, labs, unnamed) : entry.name;
    groups.set(name, [...(groups.get(name) ?? []), entry]);
  }
  const submissions = [...groups].map(([name, group]) => groupSubmission(name, group, labs));
  return { submissions, rest: [], problems };
}

function ownerOf(entry: Entry, labs: Lab[], unnamed: string): string {
  if (entry.kind === 'folder' || isZip(entry)) return entry.name;
  const named = labNamedBy(entry.name, labs);
  return named === undefined ? entry.name : named.who || unnamed;
}

function groupSubmission(name: string, group: Entry[], labs: Lab[]): Submission {
  const about = { student: { id: stem(name) } };
  const [only] = group;
  if (group.length === 1) return entrySubmission(only!, name, labs, about);
  const folder = async () => gathered(name, group);
  return { ...about, name, read: (lab) => filesIn({ name, folder, uploads: true }, lab, labs) };
}
