/** Finds a lab's files in what one student handed in. */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import { nearest } from '../nearest.ts';
import { printable } from '../terminal.ts';
import { cannotGrade } from './cannot-grade.ts';
import { fileNames, inWords, isTypeScript, labNamedBy, stem } from './lab-file-names.ts';
import { entriesBelow, entriesInZips, listed } from './search-folder.ts';
import type { SubmissionFiles } from './submission.ts';
import { Budget, readText, type Entry, type FileEntry, type FolderEntry } from './tree.ts';

export interface HandedIn {
  /** What the submission is called in messages. */
  name: string;
  folder: (budget: Budget) => Promise<FolderEntry>;
  /**
   * Whether these are uploads: the platform may have renamed them, and of one lab a lone file counts whatever its name. In a folder that
   * somebody keeps, a file has its lab's name.
   */
  uploads: boolean;
}

/** The texts of a lab's files; undefined where there is none, and nothing that could be meant. @throws CannotGrade */
export async function filesIn(handedIn: HandedIn, lab: Lab, labs: Lab[]): Promise<SubmissionFiles | undefined> {
  const budget = new Budget();
  const folder = await handedIn.folder(budget);
  const holds = (found: Entry[]) => lab.files.every((file) => candidates(found, file, lab, handedIn).length > 0);
  let entries = await listed(folder);
  if (!holds(entries)) {
    entries = await entriesBelow(folder, handedIn.name);
    let last = entries;
    while (last.length > 0 && !holds(entries)) {
      last = await entriesInZips(last, budget);
      entries = [...entries, ...last];
    }
  }
  const chosen = lab.files.map((file) => choose(candidates(entries, file, lab, handedIn), file, handedIn));
  if (chosen.every((entry) => entry === undefined)) {
    const lone = labs.length === 1 && lab.files.length === 1 && handedIn.uploads ? loneFile(entries) : undefined;
    if (lone !== undefined) return { [lab.files[0]]: await readText(lone, budget) };
    assertNoneMeant(entries, lab, labs, handedIn);
    return undefined;
  }
  const missing = lab.files.filter((_, index) => chosen[index] === undefined);
  if (missing.length > 0) throw cannotGrade(handedIn.name, lacks(missing, entries, labs, handedIn));
  const texts = chosen.map(async (entry, index) => [lab.files[index]!, await readText(entry!, budget)] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** Everything that could be the lab's `file`. */
function candidates(entries: Entry[], file: string, lab: Lab, { uploads }: HandedIn): Entry[] {
  return entries.filter(({ name }) => name === file || (uploads && labNamedBy(name, [lab])?.file === file));
}

/** The one that is meant: the only one with the exact name, or the only one at all. @throws CannotGrade */
function choose(found: Entry[], file: string, handedIn: HandedIn): Entry | undefined {
  const exact = found.filter(({ name }) => name === file);
  const meant = exact.length > 0 ? exact : found;
  if (meant.length < 2) return meant[0];
  const places = meant.map((entry) => printable(entry.shown)).sort();
  const advice = `Keep the one that is meant${orSeveral(handedIn)}.`;
  throw cannotGrade(handedIn.name, `it holds ${file} in ${meant.length} places: ${inWords(places, 'and')}. ${advice}`);
}

/** What else may be right in somebody's own folder: one for each section of a class, in which the students' are. */
function orSeveral({ uploads }: HandedIn): string {
  return uploads ? '' : ', or name the folder itself if it holds several students';
}

/** The only TypeScript file there is. */
function loneFile(entries: Entry[]): FileEntry | undefined {
  const sources = entries.filter((entry) => entry.kind === 'file' && isTypeScript(entry.name));
  return sources.length === 1 ? (sources[0] as FileEntry) : undefined;
}

/** Nothing handed in is a zero, so it is said only where nothing could have been meant for the lab. @throws CannotGrade */
function assertNoneMeant(entries: Entry[], lab: Lab, labs: Lab[], handedIn: HandedIn): void {
  const forAnother = entries.some(({ name }) => labs.some((other) => other.id !== lab.id && isOf(name, other, handedIn)));
  const meant = nearest(
    stem(lab.files[0]),
    unclaimed(entries, labs, handedIn)
      .map((name) => labNamedBy(name, [lab])?.file ?? name)
      .map(stem),
  );
  if (entries.length === 0 || (forAnother && meant === undefined)) return;
  throw cannotGrade(handedIn.name, lacks(lab.files, entries, labs, handedIn));
}

/** Whether a file of this name is one of the lab's. */
function isOf(name: string, lab: Lab, { uploads }: HandedIn): boolean {
  return lab.files.includes(name) || (uploads && labNamedBy(name, [lab]) !== undefined);
}

/** Names of TypeScript files that are no lab's. */
function unclaimed(entries: Entry[], labs: Lab[], handedIn: HandedIn): string[] {
  return entries.map(({ name }) => name).filter((name) => isTypeScript(name) && !labs.some((lab) => isOf(name, lab, handedIn)));
}

function lacks(missing: string[], entries: Entry[], labs: Lab[], handedIn: HandedIn): string {
  const others = unclaimed(entries, labs, handedIn).sort();
  const advice = `rename the one that is meant${others.length > 1 ? orSeveral(handedIn) : ''}`;
  const hint = others.length > 0 ? ` It holds ${others.map(printable).join(', ')}: ${advice}.` : '';
  return `it lacks ${inWords(missing, 'and')}.${hint}`;
}

/** Refuses what may be a submission that its author packed, or no submission at all. @throws CannotGrade */
export function assertTypeScript(entry: Entry): void {
  if (entry.kind !== 'file' || isTypeScript(entry.name)) return;
  const advice = 'If it is a submission, unpack it or rename it to .ts; if not, move it away.';
  throw cannotGrade(entry.shown, `it is no TypeScript file. ${advice}`);
}

/** A single file as a submission: of one lab whatever its name, of several where its name says which. @throws CannotGrade */
export async function filesOf(entry: Entry, lab: Lab, labs: Lab[]): Promise<SubmissionFiles | undefined> {
  if (labs.length === 1) return { [lab.files[0]]: await readText(entry, new Budget()) };
  const named = labNamedBy(entry.name, labs);
  if (named === undefined && entry.kind === 'file') {
    throw cannotGrade(entry.shown, `its name does not say which lab it is for. Call it ${fileNames(labs, 'or')}, or name one lab.`);
  }
  if (named !== undefined && named.lab.id !== lab.id) return undefined;
  return { [named?.file ?? lab.files[0]]: await readText(entry, new Budget()) };
}
