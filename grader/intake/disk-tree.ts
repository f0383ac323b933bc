/** Files and folders on a disk. No symbolic link below the path that was typed is followed, and only plain files are opened. */
import { constants } from 'node:fs';
import { lstat, open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { access, cannotGrade, reason } from './cannot-grade.ts';
import { inOrderOfNames, shownIn, tooLarge, type Entry, type FileEntry, type FolderEntry } from './tree.ts';
import { zipFolder, zipOnDisk } from './zip-tree.ts';

const NOT_PLAIN = 'it is no plain file, and should be a TypeScript file.';

/** Opening a named pipe would wait for ever, and a link could have taken a file's place since it was listed. Windows has neither flag. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

async function readPlainFile(file: FileHandle, shown: string, bytesMax: number): Promise<Uint8Array> {
  const found = await file.stat();
  if (!found.isFile()) throw cannotGrade(shown, NOT_PLAIN);
  if (found.size > bytesMax) throw tooLarge(shown, String(found.size));
  return file.readFile();
}

function fileEntry(path: string, name: string, shown: string, flags = OPEN_FLAGS): FileEntry {
  return {
    kind: 'file',
    name,
    shown,
    read: (bytesMax) =>
      access(shown, async () => {
        const file = await open(path, flags);
        try {
          return await readPlainFile(file, shown, bytesMax);
        } finally {
          await file.close();
        }
      }),
    openZip: () => zipFolder(zipOnDisk(path), { name, shown, zipsInside: true }),
  };
}

function folderEntry(path: string, name: string, shown: string): FolderEntry {
  return {
    kind: 'folder',
    name,
    shown,
    list: async () => {
      const children = await access(shown || name, () => readdir(path));
      return inOrderOfNames(await Promise.all(children.map((child) => childEntry(join(path, child), child, shownIn(shown, child)))));
    },
    shownAs: (other) => folderEntry(path, name, other),
  };
}

async function childEntry(path: string, name: string, shown: string): Promise<Entry> {
  const found = await lstat(path).catch((error: unknown) => `${reason(error)}.`);
  if (typeof found === 'string') return { kind: 'refused', name, shown, why: found };
  if (found.isDirectory()) return folderEntry(path, name, shown);
  if (found.isFile()) return fileEntry(path, name, shown);
  const why = found.isSymbolicLink() ? 'it is a symbolic link, which is not followed. Put the file itself there.' : NOT_PLAIN;
  return { kind: 'refused', name, shown, why };
}

/**
 * What stands at a path that an instructor typed, which may itself be a symbolic link.
 * @throws CannotGrade where nothing is there, or neither a file nor a folder
 */
export async function typedPath(path: string): Promise<FileEntry | FolderEntry> {
  const found = await access(path, () => stat(path));
  const name = basename(resolve(path));
  if (found.isDirectory()) return folderEntry(path, name, name);
  if (found.isFile()) return fileEntry(path, name, name, constants.O_RDONLY);
  throw cannotGrade(path, 'it is neither a file nor a folder. Name one of those.');
}
