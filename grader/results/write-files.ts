/** Puts files of a report where the instructor wants them: each whole or not at all, since it is written beside its place and moved there. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OutputFile } from '../formats/format.ts';

/**
 * Writes all that can be written.
 * @param folder made if it is not there
 * @returns what could not be written and why, a sentence each
 */
export async function writeFiles(folder: string, files: OutputFile[]): Promise<string[]> {
  const troubles: string[] = [];
  for (const { path, content } of files) {
    const place = join(folder, path);
    try {
      await mkdir(dirname(place), { recursive: true });
      await replaceFile(place, content);
    } catch (error) {
      troubles.push(`${place}: ${reasonOf(error as NodeJS.ErrnoException)}`);
    }
  }
  return troubles;
}

async function replaceFile(place: string, content: string): Promise<void> {
  const beside = `${place}.part`;
  try {
    await writeFile(beside, content);
    await rename(beside, place);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    throw error;
  }
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOSPC') return 'the disk is full. Make room, and run the same command again with --resume: what is graded is kept.';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'it cannot be written. Check the permissions of the folder.';
  return `it cannot be written (${code ?? message}).`;
}
