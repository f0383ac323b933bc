/**
 * Reads when a repository's last commit was made, without running Git: its hooks and settings are a student's, and Git runs programs that
 * they name. The files are those of `gitrepository-layout` and `gitformat-pack` (https://git-scm.com/docs). Whatever is not understood, or
 * is larger than a lab's repository would be, leaves the time unknown.
 */
import { inflateSync } from 'node:zlib';
import { commitInPack, type Pack } from './git-pack.ts';
import { Budget, type Entry, type FileEntry, type FolderEntry } from './tree.ts';

const TEXT_BYTES_MAX = 1024 * 1024;
const PACK_BYTES_MAX = 32 * 1024 * 1024;

/** When the commit that is checked out was made, ISO 8601; undefined where that cannot be told. `repository` is the folder `.git`. */
export async function headCommitTime(repository: FolderEntry): Promise<string | undefined> {
  try {
    const id = await headCommit(repository);
    const commit = id && ((await looseCommit(repository, id)) ?? (await packedCommit(repository, id)));
    const seconds = commit && /^committer .*> (\d{1,11}) [+-]\d{4}$/m.exec(commit)?.[1];
    return seconds ? new Date(Number(seconds) * 1000).toISOString() : undefined;
  } catch {
    return undefined;
  }
}

/** What stands at a path below a folder. Each step is looked up in a list of names, so that no path leads out. */
async function at(folder: FolderEntry, path: string): Promise<Entry | undefined> {
  let entry: Entry | undefined = folder;
  for (const name of path.split('/')) {
    if (entry?.kind !== 'folder') return undefined;
    entry = (await entry.list()).find((child) => child.name === name);
  }
  return entry;
}

async function bytesAt(folder: FolderEntry, path: string, bytesMax: number): Promise<Buffer | undefined> {
  const entry = await at(folder, path);
  return entry?.kind === 'file' ? bytesOf(entry, bytesMax) : undefined;
}

async function bytesOf(file: FileEntry, bytesMax: number): Promise<Buffer> {
  return Buffer.from(await file.read(bytesMax, new Budget(bytesMax)));
}

const COMMIT_ID = /^[0-9a-f]{40}$/;

/** The id that HEAD leads to, by at most one reference. */
async function headCommit(repository: FolderEntry): Promise<string | undefined> {
  const head = (await bytesAt(repository, 'HEAD', TEXT_BYTES_MAX))?.toString('utf8').trim() ?? '';
  const reference = /^ref: (refs\/\S+)$/.exec(head)?.[1];
  if (reference === undefined) return COMMIT_ID.test(head) ? head : undefined;
  const loose = (await bytesAt(repository, reference, TEXT_BYTES_MAX))?.toString('utf8').trim();
  if (loose !== undefined) return COMMIT_ID.test(loose) ? loose : undefined;
  const packed = (await bytesAt(repository, 'packed-refs', TEXT_BYTES_MAX))?.toString('utf8').split('\n') ?? [];
  return packed.find((line) => COMMIT_ID.test(line.slice(0, 40)) && line.slice(41) === reference)?.slice(0, 40);
}

async function looseCommit(repository: FolderEntry, id: string): Promise<string | undefined> {
  const packed = await bytesAt(repository, `objects/${id.slice(0, 2)}/${id.slice(2)}`, TEXT_BYTES_MAX);
  if (packed === undefined) return undefined;
  const object = inflateSync(packed, { maxOutputLength: TEXT_BYTES_MAX }).toString('utf8');
  return object.startsWith('commit ') ? object.slice(object.indexOf('\0') + 1) : undefined;
}

async function packedCommit(repository: FolderEntry, id: string): Promise<string | undefined> {
  const folder = await at(repository, 'objects/pack');
  if (folder?.kind !== 'folder') return undefined;
  const files = (await folder.list()).filter((entry) => entry.kind === 'file');
  for (const index of files.filter(({ name }) => name.endsWith('.idx'))) {
    const data = files.find(({ name }) => name === index.name.replace(/idx$/, 'pack'));
    if (data === undefined) continue;
    const pack: Pack = { index: await bytesOf(index, PACK_BYTES_MAX), data: await bytesOf(data, PACK_BYTES_MAX) };
    const commit = commitInPack(pack, id);
    if (commit !== undefined) return commit;
  }
  return undefined;
}
