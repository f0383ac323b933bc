/** What ends the grading of one thing without a verdict: the instructor's to mend, and no zero for a student. */
import { printable } from '../terminal.ts';

/** Says what is wrong with a path, a file or an option, and what to do. */
export class CannotGrade extends Error {}

/** A `CannotGrade` about `shown`, a name that somebody else chose. `what` is a sentence or two that go on after a colon. */
export function cannotGrade(shown: string, what: string): CannotGrade {
  return new CannotGrade(`${printable(shown)}: ${what}`);
}

/** What the file system's refusals mean in words. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file or folder. Check the path';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read. Check its permissions';
  if (code === 'EISDIR') return 'it is a folder, and should be a file';
  if (code === 'ELOOP') return 'its symbolic links lead in a circle';
  return `it cannot be read (${code ?? message})`;
}

/** Runs an access to the file system; its refusal becomes a `CannotGrade` about `shown`. */
export async function access<T>(shown: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof CannotGrade) throw error;
    throw cannotGrade(shown, `${reason(error)}.`);
  }
}

/** The value of JSON that an instructor wrote, in an editor that may have put a mark of the byte order in front. @throws CannotGrade about `shown` */
export function parseJson(text: string, shown: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw cannotGrade(shown, `it is no JSON (${printable((error as Error).message)}).`);
  }
}
