/** Files that the machine's commands read. Each refusal says which file, what is wrong with it and what to do. */
import { openSync, readSync, closeSync, statSync, readFileSync } from 'node:fs';
import { reason } from '../intake/cannot-grade.ts';
import { printable } from '../terminal.ts';

/** The user's to mend: says what is wrong and what to do. */
export class CannotRun extends Error {}

/** Runs an access to the file system; its refusal becomes a `CannotRun` about `path`. */
export function accessFile<Result>(path: string, access: () => Result): Result {
  try {
    return access();
  } catch (error) {
    if (error instanceof CannotRun) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CannotRun(`${printable(path)}: ${fullReason(error)}.`);
  }
}

function fullReason(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'there is no space left for it. Make room';
  if (code === 'EROFS') return 'it may not be written: its file system is read-only';
  if (code === 'EISDIR') return 'it is a folder. Name a file';
  return reason(error);
}

/** Reads a plain file of at most `bytesMax`. */
export function readPlainFile(path: string, bytesMax: number): Uint8Array {
  return accessFile(path, () => {
    const found = statSync(path);
    if (found.isDirectory()) throw new CannotRun(`${printable(path)}: it is a folder. Name a file.`);
    if (!found.isFile()) throw new CannotRun(`${printable(path)}: it is no plain file. Copy its content into one.`);
    if (found.size > bytesMax) throw new CannotRun(`${printable(path)}: it has ${found.size} bytes, and at most ${bytesMax} can be read.`);
    return new Uint8Array(readFileSync(path));
  });
}

/** The first bytes of a file, at most `length`; undefined if there is no file. */
export function readStart(path: string, length: number): Uint8Array | undefined {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  return accessFile(path, () => {
    const file = openSync(path, 'r');
    try {
      const bytes = new Uint8Array(length);
      return bytes.slice(0, readSync(file, bytes, 0, length, 0));
    } finally {
      closeSync(file);
    }
  });
}

/** Whether two paths lead to the same file; false where one leads nowhere. */
export function isSameFile(a: string, b: string): boolean {
  const [first, second] = [a, b].map((path) => statSync(path, { throwIfNoEntry: false }));
  return first !== undefined && second !== undefined && first.dev === second.dev && first.ino === second.ino;
}
