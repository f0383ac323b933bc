/**
 * Finds the submissions in what an instructor names: files, folders and zips, as somebody keeps them or as a platform exports them. Where
 * walk two begins on the command line. Nothing that a student sent is followed out of its place, unpacked to a disk, or run.
 */
import { dirname, resolve } from 'node:path';
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import { printable } from '../terminal.ts';
import { cannotGrade } from './cannot-grade.ts';
import { typedPath } from './disk-tree.ts';
import { filesOf } from './handed-in.ts';
import { fileNames, isReport } from './lab-file-names.ts';
import { takeCanvas } from './layouts/canvas.ts';
import { isClone, lastCommitTime, takeClones } from './layouts/github-classroom.ts';
import { isGradescopes, takeGradescope } from './layouts/gradescope.ts';
import { isMoodles, takeMoodle } from './layouts/moodle.ts';
import { takePlain } from './layouts/plain.ts';
import { handedInSubmission, type Taken } from './layouts/taken.ts';
import type { Found, Submission } from './submission.ts';
import { Budget, inOrderOfNames, isVisible, isZip, type Entry, type FileEntry, type FolderEntry } from './tree.ts';

/**
 * The submissions at `paths`. With one lab in `labs` a single file counts whatever its name; with several its name says which lab it is
 * for. Each path may itself be a symbolic link: the instructor typed it.
 * @param out folder of the results, which are no submission: it is left out where it stands among them
 * @throws CannotGrade where there is nothing at a path, or nothing to grade in it, or it is `out`
 */
export async function findSubmissions(paths: string[], labs: Lab[], out?: string): Promise<Found> {
  const results = out === undefined ? undefined : resolve(out);
  const places = new Map(paths.map((path) => [resolve(path), path]));
  const files = new Map<string, FileEntry[]>();
  const founds: { path: string; found: Found }[] = [];
  for (const [place, path] of places) {
    if (place === results) throw cannotGrade(path, 'results and submissions would be mixed up there. Name another folder with --out.');
    const entry = await typedPath(path);
    if (entry.kind === 'file' && !isZip(entry)) files.set(dirname(path), [...(files.get(dirname(path)) ?? []), entry]);
    else founds.push({ path, found: await findInFolder(entry, path, labs, results) });
  }
  for (const [path, entries] of files) founds.push({ path, found: findInFiles(entries, path, labs) });
  return founds.length === 1 ? founds[0]!.found : together(founds);
}

/** Files that were named one by one, of one folder. */
function findInFiles(entries: FileEntry[], folder: string, labs: Lab[]): Found {
  const [only] = entries;
  if (entries.length === 1) {
    const submission: Submission = { name: only!.name, read: (lab) => filesOf(only!, lab, labs) };
    return { kind: 'one', layout: 'a single file', submissions: [submission], problems: [] };
  }
  const { submissions, problems } = takePlain(entries, labs, folder);
  return { kind: submissions.length === 1 ? 'one' : 'class', layout: 'single files', submissions: inOrderOfNames(submissions), problems };
}

async function findInFolder(entry: FileEntry | FolderEntry, path: string, labs: Lab[], results?: string): Promise<Found> {
  const packed = entry.kind === 'file';
  const place = packed ? await unwrapped(await entry.openZip(new Budget())) : entry;
  const folder = place.shownAs('');
  const entries = (await folder.list()).filter((each) => isVisible(each) && (packed || resolve(path, each.name) !== results));
  if (holdsLabFile(entries, labs)) return oneFolder(place.shownAs(entry.name), entry.name, entries, packed, labs);
  if (entries.length === 0) {
    const what = packed ? 'zip' : 'folder';
    const advice = `Put ${fileNames(labs, 'and')} in it, or one file or folder for each student.`;
    throw cannotGrade(path, `the ${what} holds no submission. ${advice}`);
  }
  const { submissions, problems, layouts } = await takeAll(folder, entries, labs);
  const layout = `${layouts.join(' and ')}${packed ? ', zipped' : ''}`;
  return { kind: 'class', layout, submissions: withUniqueNames(inOrderOfNames(submissions)), problems };
}

function holdsLabFile(entries: Entry[], labs: Lab[]): boolean {
  return entries.some(({ name }) => labs.some(({ files }) => files.includes(name)));
}

async function oneFolder(folder: FolderEntry, name: string, entries: Entry[], packed: boolean, labs: Lab[]): Promise<Found> {
  const submittedAt = await lastCommitTime(folder);
  const submission = handedInSubmission({ name, folder: async () => folder, uploads: packed }, labs, submittedAt ? { submittedAt } : {});
  const reports = entries.filter((entry) => isReport(entry.name));
  const problems = reports.map((report) => `${printable(report.name)}: a report, which is no submission, is left out.`);
  return { kind: 'one', layout: packed ? 'a zip of one submission' : 'a folder of one submission', submissions: [submission], problems };
}

/** What a zip holds, without folders around it that hold nothing else: programs pack a folder rather than what is in it. */
async function unwrapped(folder: FolderEntry): Promise<FolderEntry> {
  const entries = (await folder.list()).filter(isVisible);
  const [only] = entries;
  const wraps = entries.length === 1 && only!.kind === 'folder' && !isMoodles(only!) && !(await isClone(only!));
  return wraps ? unwrapped(only as FolderEntry) : folder;
}

/** Lets each platform's layout take what it knows; what is left is somebody's own folder. */
async function takeAll(folder: FolderEntry, entries: Entry[], labs: Lab[]): Promise<Taken & { layouts: string[] }> {
  const layouts: [name: string, take: (rest: Entry[]) => Taken | Promise<Taken>][] = [
    ['a Gradescope export', (rest) => (isGradescopes(rest) ? takeGradescope(rest, labs) : { submissions: [], rest, problems: [] })],
    ['a Moodle download', (rest) => takeMoodle(rest, labs)],
    ['a Canvas download', (rest) => takeCanvas(rest, labs)],
    ['clones of GitHub Classroom', (rest) => takeClones(rest, folder.name, labs)],
    ['a folder of submissions', (rest) => takePlain(rest, labs, folder.name)],
  ];
  const all: Taken & { layouts: string[] } = { submissions: [], rest: entries, problems: [], layouts: [] };
  for (const [name, take] of layouts) {
    const taken = await take(all.rest);
    if (taken.submissions.length > 0) all.layouts.push(name);
    all.submissions.push(...taken.submissions);
    all.problems.push(...taken.problems);
    all.rest = taken.rest;
  }
  return all;
}

/** What several paths hold, as one class. A name that comes twice gets its path in front. */
function together(founds: { path: string; found: Found }[]): Found {
  const names = founds.flatMap(({ found }) => found.submissions.map(({ name }) => name));
  const submissions = founds.flatMap(({ path, found }) =>
    found.submissions.map((submission) => {
      const twice = names.indexOf(submission.name) !== names.lastIndexOf(submission.name);
      return twice ? { ...submission, name: `${path}/${submission.name}` } : submission;
    }),
  );
  return {
    kind: submissions.length === 1 ? 'one' : 'class',
    layout: [...new Set(founds.map(({ found }) => found.layout))].join(' and '),
    submissions: withUniqueNames(inOrderOfNames(submissions)),
    problems: founds.flatMap(({ found }) => found.problems),
  };
}

/** Two layouts can come to the same name. */
function withUniqueNames(submissions: Submission[]): Submission[] {
  const taken = new Set<string>();
  return submissions.map((submission) => {
    let name = submission.name;
    for (let number = 2; taken.has(name); number++) name = `${submission.name} (${number})`;
    taken.add(name);
    return { ...submission, name };
  });
}
