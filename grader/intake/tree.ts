/**
 * Files and folders as layouts look at them, the same on a disk and inside a zip. Nothing is read before somebody asks, and nothing is
 * written anywhere.
 */
import { cannotGrade, type CannotGrade } from './cannot-grade.ts';

/** Counts the bytes that one reading takes out of zips, so that what is small when packed cannot fill the memory. */
export class Budget {
  readonly bytesMax: number;
  /** Bytes that came out so far: counted, whatever a header says. */
  bytes = 0;

  constructor(bytesMax: number = INFLATED_BYTES_MAX) {
    this.bytesMax = bytesMax;
  }

  /** Adds bytes that came out. Returns whether there is still room. */
  take(bytes: number): boolean {
    this.bytes += bytes;
    return this.bytes <= this.bytesMax;
  }
}

/** All that one submission may take out of zips, in bytes: a few labs' files and a zip in a zip. */
const INFLATED_BYTES_MAX = 64 * 1024 * 1024;

interface Named {
  /** Without the folders above it; as its author chose it. */
  name: string;
  /** Its path from the submission on, for messages: not yet printable. */
  shown: string;
}

export interface FileEntry extends Named {
  kind: 'file';
  /** All its bytes. @throws CannotGrade where there are more than `bytesMax`, or they cannot be read */
  read(bytesMax: number, budget: Budget): Promise<Uint8Array>;
  /** Its content as a folder. @throws CannotGrade where it is no zip, or a broken one */
  openZip(budget: Budget): Promise<FolderEntry>;
}

export interface FolderEntry extends Named {
  kind: 'folder';
  /** Something in it or below whose path leads out of its zip, which no honest program writes: all of it is refused. */
  hostile?: RefusedEntry;
  /** In the order of names. @throws CannotGrade */
  list(): Promise<Entry[]>;
  /** The same folder, with another path in messages; nothing stands in front of what is in a folder shown as ''. */
  shownAs(shown: string): FolderEntry;
}

/** What is not read: a symbolic link, a pipe, an encrypted file. */
export interface RefusedEntry extends Named {
  kind: 'refused';
  why: string;
}

export type Entry = FileEntry | FolderEntry | RefusedEntry;

export function inOrderOfNames<T extends { name: string }>(entries: T[]): T[] {
  return entries.toSorted((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
}

/** The path of something in a folder, for messages. */
export function shownIn(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

export function isZip(entry: Entry): entry is FileEntry {
  return entry.kind === 'file' && /\.zip$/i.test(entry.name);
}

/** Whether somebody may have put it there: no hidden file, and no folder that a program made. A path out of a zip (`../x`) stays visible. */
export function isVisible({ name }: { name: string }): boolean {
  return !/^\.(?!\.?[/\\])/.test(name) && name !== 'node_modules' && name !== '__MACOSX';
}

/** How much of one text is read at most, in bytes: well above any lab's limit, well below what would hurt. */
const READ_BYTES_MAX = 4 * 1024 * 1024;

/** The text of a student's file, without a byte order mark. @throws CannotGrade where it is no plain file, too large, or no UTF-8 */
export async function readText(entry: Entry, budget: Budget): Promise<string> {
  if (entry.kind === 'folder') throw cannotGrade(entry.shown, 'it is a folder, and should be a TypeScript file.');
  if (entry.kind === 'refused') throw cannotGrade(entry.shown, entry.why);
  const bytes = await entry.read(READ_BYTES_MAX, budget);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    const what = utf16 ? 'it is UTF-16 text' : 'it is not UTF-8 text';
    throw cannotGrade(entry.shown, `${what}. A submission is TypeScript in UTF-8: save it again as that.`);
  }
}

/** What is refused for its size. `bytes` is what is known of it: all of them, or more than so many. */
export function tooLarge(shown: string, bytes: string): CannotGrade {
  return cannotGrade(shown, `it has ${bytes} bytes, which is more than any file of a lab.`);
}
