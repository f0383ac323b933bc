/** Looks through all that one student handed in, within bounds. */
import { cannotGrade } from './cannot-grade.ts';
import { isVisible, isZip, type Budget, type Entry, type FolderEntry } from './tree.ts';

/** More than any student's own files; where there are more, somebody handed in what a program made. */
const ENTRIES_MAX = 5_000;
const DEPTH_MAX = 12;

/** What a folder and those below it hold, hidden ones left out: files and what is refused, the near ones first. @throws CannotGrade */
export async function entriesBelow(folder: FolderEntry, shown: string): Promise<Entry[]> {
  const found: Entry[] = [];
  let level: FolderEntry[] = [folder];
  for (let depth = 0; level.length > 0 && depth < DEPTH_MAX; depth++) {
    const entries = (await Promise.all(level.map(listed))).flat();
    found.push(...entries.filter(({ kind }) => kind !== 'folder'));
    if (found.length > ENTRIES_MAX) throw cannotGrade(shown, `it holds more than ${ENTRIES_MAX} files. Keep the lab's own.`);
    level = entries.filter((entry) => entry.kind === 'folder');
  }
  return found;
}

/** What is visible in a folder. @throws CannotGrade where something in it leads out of its zip */
export async function listed(folder: FolderEntry): Promise<Entry[]> {
  if (folder.hostile !== undefined) throw cannotGrade(folder.hostile.shown, folder.hostile.why);
  return (await folder.list()).filter(isVisible);
}

/** What the zips among `entries` hold. @throws CannotGrade where one cannot be read */
export async function entriesInZips(entries: Entry[], budget: Budget): Promise<Entry[]> {
  const inside: Entry[] = [];
  for (const zip of entries.filter(isZip)) inside.push(...(await entriesBelow(await zip.openZip(budget), zip.shown)));
  return inside;
}

/** A folder that was put together here, of files that a platform keeps apart. */
export function gathered(name: string, entries: Entry[]): FolderEntry {
  return { kind: 'folder', name, shown: name, list: async () => entries, shownAs: (shown) => gathered(shown, entries) };
}
