/**
 * A zip as a folder (PKWARE's APPNOTE.TXT). Zips are hostile: whoever wrote one chose every name and every size in it. So nothing of it
 * goes to a disk, its names are only looked at, and what comes out of it is counted as it comes, whatever its headers say.
 */
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import { CannotGrade, cannotGrade, reason } from './cannot-grade.ts';
import { inOrderOfNames, shownIn, tooLarge, type Budget, type Entry, type FolderEntry, type RefusedEntry } from './tree.ts';
import { entryName, pathSegments } from './zip-names.ts';

/** Opens the zip once more; whoever opened it closes it. */
export type OpenZip = () => Promise<yauzl.ZipFile>;

/** Names stay bytes, and sizes are ours to check: else one bad entry would end the reading of all the others. */
const OPTIONS = { autoClose: false, decodeStrings: false, validateEntrySizes: false } as const;

export function zipOnDisk(path: string): OpenZip {
  return () => yauzl.openPromise(path, OPTIONS);
}

function zipInMemory(bytes: Uint8Array): OpenZip {
  return () => yauzl.fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), OPTIONS);
}

/** More entries than a large class has files; each costs memory. */
const ENTRIES_MAX = 50_000;

/** A path of one entry may name dozens of folders, and those cost memory too. */
const FOLDERS_MAX = 50_000;

/** A zip inside a zip is read into memory, and is one student's. */
const INNER_ZIP_BYTES_MAX = 32 * 1024 * 1024;

interface ZipFolderOptions {
  name: string;
  shown: string;
  /** Whether zips in it are opened in turn: one level of them is. */
  zipsInside: boolean;
}

async function withZip<T>(open: OpenZip, shown: string, use: (zip: yauzl.ZipFile) => Promise<T>): Promise<T> {
  let zip: yauzl.ZipFile | undefined;
  try {
    zip = await open();
    return await use(zip);
  } catch (error) {
    if (error instanceof CannotGrade) throw error;
    if ('syscall' in (error as Error)) throw cannotGrade(shown, `${reason(error)}.`);
    throw cannotGrade(shown, `it is no zip file, or a broken one (${(error as Error).message}). Ask for it again, or unpack it by hand.`);
  } finally {
    zip?.close();
  }
}

/** What is found in a folder, made once it is known how it is shown. */
type Leaf = (shown: string) => Entry;

/** A folder while it is filled. */
interface Filling {
  children: Map<string, Filling | Leaf>;
  /** A path in it that leads out of the zip. */
  hostile?: string;
}

interface Root extends Filling {
  /** How many folders were made below it. */
  folders: number;
}

/** The zip's content as a folder. Its list of entries is read now, the entries when they are asked for. @throws CannotGrade */
export async function zipFolder(open: OpenZip, options: ZipFolderOptions): Promise<FolderEntry> {
  const root: Root = { children: new Map(), folders: 0 };
  await withZip(open, options.shown, async (zip) => {
    let count = 0;
    for await (const entry of zip.eachEntry()) {
      if (++count > ENTRIES_MAX) throw cannotGrade(options.shown, `it holds more than ${ENTRIES_MAX} files. Unpack it by hand.`);
      place(root, entry, open, options);
      if (root.folders > FOLDERS_MAX) throw cannotGrade(options.shown, `it holds more than ${FOLDERS_MAX} folders. Unpack it by hand.`);
    }
  });
  return folderOf(root, options.name, options.shown);
}

const LEADS_OUT = 'its path leads out of the zip, which no honest program writes. Ask the student about it.';

function folderOf(filled: Filling, name: string, shown: string): FolderEntry {
  const entries = [...filled.children].map(([child, content]) =>
    typeof content === 'function' ? content(shownIn(shown, child)) : folderOf(content, child, shownIn(shown, child)),
  );
  const { hostile } = filled;
  const own = hostile === undefined ? undefined : refused(hostile, shownIn(shown, hostile), LEADS_OUT);
  return {
    kind: 'folder',
    name,
    shown,
    hostile: own ?? entries.flatMap((entry) => (entry.kind === 'folder' && entry.hostile) || [])[0],
    list: async () => inOrderOfNames(entries),
    shownAs: (other) => folderOf(filled, name, other),
  };
}

/** Puts an entry where its path says. One whose path leads out stays with the folder that it would have left. */
function place(root: Root, entry: yauzl.Entry, open: OpenZip, { zipsInside }: ZipFolderOptions): void {
  const path = entryName(entry);
  const segments = pathSegments(path);
  if (segments === undefined) return placeHostile(root, path);
  const isFolder = /[/\\]$/.test(path);
  const folder = folderAt(root, isFolder ? segments : segments.slice(0, -1));
  if (folder === undefined || isFolder) return;
  const name = segments.at(-1)!;
  const twice: Leaf = (shown) => refused(name, shown, 'it stands in the zip twice, so nobody can say which is meant. Ask for it again.');
  folder.children.set(name, folder.children.has(name) ? twice : (shown) => fileOf(entry, name, shown, open, zipsInside));
}

function placeHostile(root: Root, path: string): void {
  const [first = ''] = path.split(/[/\\]/);
  const owner = (pathSegments(first) !== undefined && folderAt(root, [first])) || root;
  owner.hostile = path;
  owner.children.set(path, (shown) => refused(path, shown, LEADS_OUT));
}

function refused(name: string, shown: string, why: string): RefusedEntry {
  return { kind: 'refused', name, shown, why };
}

/** The folder at a path, made where there is none; undefined where a file stands in its way, which is refused from then on. */
function folderAt(root: Root, segments: string[]): Filling | undefined {
  let folder: Filling = root;
  for (const segment of segments) {
    const found = folder.children.get(segment);
    if (found === undefined) root.folders += 1;
    const next = found ?? { children: new Map() };
    const both: Leaf = (shown) => refused(segment, shown, 'it stands in the zip as a file and as a folder. Ask for it again.');
    folder.children.set(segment, typeof next === 'function' ? both : next);
    if (typeof next === 'function') return undefined;
    folder = next;
  }
  return folder;
}

const UNIX = 3;
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;
const S_IFLNK = 0o120000;

function fileOf(entry: yauzl.Entry, name: string, shown: string, open: OpenZip, zipsInside: boolean): Entry {
  const type = entry.versionMadeBy >>> 8 === UNIX ? (entry.externalFileAttributes >>> 16) & S_IFMT : 0;
  if (type === S_IFLNK) return refused(name, shown, 'it is a symbolic link, which is not followed. Put the file itself there.');
  if (type !== 0 && type !== S_IFREG) return refused(name, shown, 'it is no plain file, and should be a TypeScript file.');
  if (entry.isEncrypted()) return refused(name, shown, 'it is encrypted. Ask for it without a password.');
  if (!entry.canDecodeFileData()) {
    return refused(name, shown, `it is packed in a way (method ${entry.compressionMethod}) that is not read here. Unpack it by hand.`);
  }
  return {
    kind: 'file',
    name,
    shown,
    read: (bytesMax, budget) => withZip(open, shown, (zip) => inflate(zip, entry, shown, bytesMax, budget)),
    openZip: async (budget) => {
      if (!zipsInside) throw cannotGrade(shown, 'it is a zip in a zip in a zip, which is not opened. Unpack it by hand.');
      const bytes = await withZip(open, shown, (zip) => inflate(zip, entry, shown, INNER_ZIP_BYTES_MAX, budget));
      return zipFolder(zipInMemory(bytes), { name, shown, zipsInside: false });
    },
  };
}

/** An entry's bytes. Stops at the first piece that is too much: what a header says of sizes is only believed where it refuses. */
async function inflate(zip: yauzl.ZipFile, entry: yauzl.Entry, shown: string, bytesMax: number, budget: Budget): Promise<Uint8Array> {
  if (entry.uncompressedSize > bytesMax) throw tooLarge(shown, String(entry.uncompressedSize));
  const stream = await zip.openReadStreamPromise(entry);
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop destroys the stream, and with it what would still come out.
  for await (const piece of stream as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (!budget.take(piece.length)) throw cannotGrade(shown, `its zips hold more than ${budget.bytesMax} bytes, which no lab needs.`);
    if (bytes > bytesMax) throw tooLarge(shown, `more than ${bytesMax}`);
    pieces.push(piece);
  }
  const content = Buffer.concat(pieces);
  if (bytes !== entry.uncompressedSize || crc32(content) !== entry.crc32) {
    throw cannotGrade(shown, 'it is damaged: what comes out of the zip is not what went in. Ask for it again.');
  }
  return content;
}
