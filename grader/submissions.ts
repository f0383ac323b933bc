/**
 * Finds submissions on disk and reads their files. A file is one submission; so is a folder that holds the lab's files; in any other folder
 * each child is one. Nothing that a student sent is followed out of its place: no symbolic links, and only plain files are read.
 */
import { lstat, open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Lab } from '../labs-runtime/checks/lab.ts';
import { printable } from './terminal.ts';

/** The files of a submission as the check pipeline takes them: text by name. */
export type SubmissionFiles = Record<string, string>;

export interface Submission {
  /** Name of the file or folder, without the folders above it. */
  name: string;
  /** Reads its files. @throws CannotGrade where something is missing or is no text */
  read(): Promise<SubmissionFiles>;
}

/** What the command was given: one submission, or a folder of them (a class), in the order of their names. */
export interface Found {
  kind: 'one' | 'class';
  submissions: Submission[];
}

/** The instructor's to mend, not the student's: says what is wrong with a path and what to do. */
export class CannotGrade extends Error {}

/** Folders that no student wrote. */
const SKIPPED = new Set(['node_modules']);

/** How much of one file is read at most, in bytes: well above any lab's limit, well below what would hurt. */
const READ_BYTES_MAX = 4 * 1024 * 1024;

/** What the file system's refusals mean in words. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file or folder. Check the path';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read. Check its permissions';
  if (code === 'ELOOP') return 'its symbolic links lead in a circle';
  return `it cannot be read (${code ?? message})`;
}

/** Runs an access to the file system; its refusal becomes a `CannotGrade` about `shown`. */
async function access<T>(shown: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CannotGrade) throw error;
    throw new CannotGrade(`${printable(shown)}: ${reason(error)}.`);
  }
}

/** UTF-8 bytes as text, without a byte order mark. @throws CannotGrade about `shown` where they are no UTF-8 */
function decode(bytes: Uint8Array, shown: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    const what = utf16 ? 'it is UTF-16 text' : 'it is not UTF-8 text';
    throw new CannotGrade(`${printable(shown)}: ${what}. A submission is TypeScript in UTF-8: save it again as that.`);
  }
}

/** Reads the plain file at `path`. `shown` is its name in messages. */
async function readText(path: string, shown: string): Promise<string> {
  return access(shown, async () => {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      if (size > READ_BYTES_MAX) throw new CannotGrade(`${printable(shown)}: it has ${size} bytes, which is no TypeScript file of a lab.`);
      return decode(await file.readFile(), shown);
    } finally {
      await file.close();
    }
  });
}

/** Refuses everything but a plain file, by what `lstat` says of it: opening a named pipe would wait for ever. */
async function assertPlainFile(path: string, shown: string): Promise<void> {
  const found = await access(shown, () => lstat(path));
  if (found.isFile()) return;
  if (found.isSymbolicLink())
    throw new CannotGrade(`${printable(shown)}: it is a symbolic link, which is not followed. Put the file itself there.`);
  throw new CannotGrade(
    `${printable(shown)}: it is ${found.isDirectory() ? 'a folder' : 'no plain file'}, and should be a TypeScript file.`,
  );
}

/** A submission that is a single file: whatever its name, it counts as the first file of the lab. */
function fileSubmission(path: string, name: string, lab: Lab): Submission {
  return { name, read: async () => ({ [lab.files[0]]: await readText(path, name) }) };
}

/** A submission that is a folder: each of the lab's files has to be in it, everything else in it is left alone. */
function folderSubmission(path: string, name: string, lab: Lab): Submission {
  return {
    name,
    read: async () => {
      const present = new Set(await access(name, () => readdir(path)));
      const missing = lab.files.filter((file) => !present.has(file));
      if (missing.length > 0) throw new CannotGrade(missingFilesMessage(name, missing, [...present]));
      const files: SubmissionFiles = {};
      for (const file of lab.files) {
        await assertPlainFile(join(path, file), `${name}/${file}`);
        files[file] = await readText(join(path, file), `${name}/${file}`);
      }
      return files;
    },
  };
}

function missingFilesMessage(name: string, missing: string[], present: string[]): string {
  const others = present.filter((file) => file.endsWith('.ts')).sort();
  const hint = others.length > 0 ? ` It holds ${others.map(printable).join(', ')}: rename the one that is meant.` : '';
  return `${printable(name)}: it lacks ${missing.join(' and ')}.${hint}`;
}

/** One child of a folder of submissions. Files that are no TypeScript are not passed over in silence: they may be somebody's work. */
function childSubmission(folder: string, name: string, lab: Lab): Submission {
  const path = join(folder, name);
  return {
    name,
    read: async () => {
      const found = await access(name, () => lstat(path));
      if (found.isDirectory()) return folderSubmission(path, name, lab).read();
      await assertPlainFile(path, name);
      if (!/\.(ts|mts|js|mjs)$/.test(name)) {
        throw new CannotGrade(
          `${printable(name)}: it is no TypeScript file. If it is a submission, unpack it or rename it to .ts; if not, move it away.`,
        );
      }
      return fileSubmission(path, name, lab).read();
    },
  };
}

/**
 * The submissions at `path`, which may itself be a symbolic link: the instructor typed it. Hidden files and `node_modules` are skipped.
 * @throws CannotGrade where there is nothing at `path`, or nothing to grade in it
 */
export async function findSubmissions(path: string, lab: Lab): Promise<Found> {
  const found = await access(path, () => stat(path));
  const name = basename(resolve(path));
  if (found.isFile()) return { kind: 'one', submissions: [fileSubmission(path, name, lab)] };
  if (!found.isDirectory()) throw new CannotGrade(`${printable(path)}: it is neither a file nor a folder. Name one of those.`);
  const entries = (await access(path, () => readdir(path))).sort();
  if (lab.files.some((file) => entries.includes(file))) return { kind: 'one', submissions: [folderSubmission(path, name, lab)] };
  const children = entries.filter((entry) => !entry.startsWith('.') && !SKIPPED.has(entry));
  if (children.length === 0) {
    throw new CannotGrade(
      `${printable(path)}: the folder holds no submission. Put ${lab.files.join(' and ')} in it, or one file or folder for each student.`,
    );
  }
  return { kind: 'class', submissions: children.map((child) => childSubmission(path, child, lab)) };
}
