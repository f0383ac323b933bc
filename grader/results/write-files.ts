/** Puts files of a report where the instructor wants them: each whole or not at all, since it is written beside its place and moved there. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OutputFile } from '../formats/format.ts';

export interface Written {
  /** The files that are there now. */
  files: OutputFile[];
  /** What could not be written and why, a sentence for each reason. */
  troubles: string[];
}

/** Writes all that can be written. @param folder made if it is not there */
export async function writeFiles(folder: string, files: OutputFile[]): Promise<Written> {
  const written: OutputFile[] = [];
  const failed = new Map<string, string[]>();
  for (const file of files) {
    const place = join(folder, file.path);
    try {
      await mkdir(dirname(place), { recursive: true });
      await replaceFile(place, file.content);
      written.push(file);
    } catch (error) {
      const reason = reasonOf(error as NodeJS.ErrnoException);
      failed.set(reason, [...(failed.get(reason) ?? []), place]);
    }
  }
  return { files: written, troubles: [...failed].map(([reason, places]) => `${inShort(places)}: ${reason}`) };
}

function inShort([first, ...others]: string[]): string {
  return others.length === 0 ? first! : `${first} and ${others.length} more`;
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
  if (code === 'ENOSPC') return 'the disk is full. Make room and run the same command again with --resume.';
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return 'this cannot be written. Check the permissions of the folder.';
  return `this cannot be written (${code ?? message}).`;
}
