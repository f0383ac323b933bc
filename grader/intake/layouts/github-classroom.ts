/**
 * What `gh classroom clone student-repos` makes: a folder `<assignment>-submissions` with a clone for each student, named
 * `<assignment>-<login>` (https://github.com/github/gh-classroom, `cmd/gh-classroom/clone/student-repos`; named alike by GitHub
 * Classroom's own page). When it was handed in is the time of the clone's last commit, which is the word of whoever made it.
 */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import { headCommitTime } from '../git-repository.ts';
import type { Entry, FolderEntry } from '../tree.ts';
import { entrySubmission, type Taken } from './taken.ts';

async function repositoryIn(folder: FolderEntry): Promise<FolderEntry | undefined> {
  const entries = await folder.list().catch((): Entry[] => []);
  return entries.find((entry): entry is FolderEntry => entry.kind === 'folder' && entry.name === '.git');
}

/** Whether an entry is a clone, with a repository of its own. */
export async function isClone(entry: Entry): Promise<boolean> {
  return entry.kind === 'folder' && (await repositoryIn(entry)) !== undefined;
}

/** When the last commit of the clone was made, ISO 8601; undefined where it is no clone, or its repository does not tell. */
export async function lastCommitTime(folder: FolderEntry): Promise<string | undefined> {
  const repository = await repositoryIn(folder);
  return repository && headCommitTime(repository);
}

/** What clones' names begin with, up to the student's login; undefined where nobody can say where that begins. */
function assignmentPrefix(names: string[], parent: string): string | undefined {
  const told = /^(.+-)submissions$/.exec(parent)?.[1];
  if (told !== undefined && names.every((name) => name.startsWith(told))) return told;
  const [first = '', ...others] = names;
  let length = first.length;
  while (others.some((name) => !name.startsWith(first.slice(0, length)))) length--;
  const common = first.slice(0, length).replace(/[^-]*$/, '');
  return names.length > 1 && common !== '' ? common : undefined;
}

/** Takes the folders that are clones. `parent` is the name of the folder that they stand in. */
export async function takeClones(entries: Entry[], parent: string, labs: Lab[]): Promise<Taken> {
  const are = await Promise.all(entries.map(isClone));
  const clones = entries.filter((_, index) => are[index]) as FolderEntry[];
  const prefix = assignmentPrefix(
    clones.map(({ name }) => name),
    parent,
  );
  const submissions = clones.map(async (clone) => {
    const login = prefix === undefined ? undefined : clone.name.slice(prefix.length);
    const submittedAt = await lastCommitTime(clone);
    const student = login ? { id: login, login } : { id: clone.name };
    return entrySubmission(clone, clone.name, labs, { student, ...(submittedAt && { submittedAt }) });
  });
  return { submissions: await Promise.all(submissions), rest: entries.filter((_, index) => !are[index]), problems: [] };
}
