/** Where an instructor has results written: folders that are made, and why nothing can be. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes a folder and those above it. Node's `recursive` tries for ever where one that is there answers ENOENT, as those of `/proc` do. */
export function makeFolder(folder: string): void {
  const above = dirname(folder);
  if (!existsSync(above)) makeFolder(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** Why what `--out` names cannot be made, and what to do. */
export function whyNoPlace({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return 'a file is in its place. Name another folder with --out.';
    case 'EISDIR':
      return 'a folder is in its place. Name a file with --out.';
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'this cannot be written. Check the permissions of the folder above.';
    case 'ENOSPC':
      return 'the disk is full. Make room, or name a folder on another disk.';
    default:
      return `${code ?? message}. Name another folder with --out.`;
  }
}
