/** Names in a zip: bytes that their author chose. They are only ever looked at and shown; no path on a disk is made of them. */
import yauzl from 'yauzl';

/** General purpose bit 11: the name is UTF-8 (APPNOTE.TXT, 4.4.4). */
const UTF8_FLAG = 0x800;

/** Info-ZIP's extra field with the name in Unicode (APPNOTE.TXT, 4.6.9). */
const UNICODE_PATH = 0x7075;

/**
 * An entry's name. Without the flag for UTF-8 the standard means code page 437, and some programs write UTF-8 all the same; what is valid
 * UTF-8 is read as that.
 */
export function entryName(entry: yauzl.Entry): string {
  // Nothing was decoded (`decodeStrings`), so this holds the bytes, whatever its type says.
  const bytes = entry.fileName as unknown as Buffer;
  const says = (entry.generalPurposeBitFlag & UTF8_FLAG) !== 0 || entry.extraFields.some(({ id }) => id === UNICODE_PATH);
  if (says) return yauzl.getFileNameLowLevel(entry.generalPurposeBitFlag, bytes, entry.extraFields, true);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return yauzl.getFileNameLowLevel(0, bytes, [], true);
  }
}

const NAME_LENGTH_MAX = 4096;
const DEPTH_MAX = 64;

/**
 * The folders and the name in an entry's path. Backslashes part names too: some programs on Windows write them.
 * Undefined where the path leads out of the zip: absolute, with a drive, with `..`, or empty; and where it is longer than any honest one.
 */
export function pathSegments(path: string): string[] | undefined {
  if (path.length > NAME_LENGTH_MAX || /^[/\\]/.test(path) || /^[a-z]:/i.test(path) || path.includes('\0')) return undefined;
  const segments = path.split(/[/\\]/).filter((segment) => segment !== '' && segment !== '.');
  return segments.length === 0 || segments.length > DEPTH_MAX || segments.includes('..') ? undefined : segments;
}
