/**
 * Names of files for submissions. A submission is named as its student liked, and its files must be able to lie side by side on every
 * system: where `A` is `a`, where `é` is the same in one character and in two, and where `con` is a device.
 */
import { createHash } from 'node:crypto';

/** Names that are the same on every system as they stand. None has a `~`, which marks all others. */
const PLAIN = /^(?!.*\.\.)[a-z0-9_](?:[a-z0-9._-]{0,62}[a-z0-9_-])?$/;

/** Devices of Windows, whatever ending follows. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/;

/** How much of a name that is not plain is kept for readers, in characters. */
const READABLE_MAX = 40;

/**
 * A name for the files of the submission `name`, to be given an ending: at most 73 characters of `a-z`, `0-9`, `.`, `_`, `-` and `~`. Two
 * names never share one. It depends on nothing but the name, so that it stays when the class changes.
 */
export function fileName(name: string): string {
  if (PLAIN.test(name) && !DEVICE.test(name)) return name;
  const words = name.toLowerCase().match(/[a-z0-9_]+/g) ?? ['submission'];
  const readable = words.join('-').slice(0, READABLE_MAX);
  // Of the UTF-16, since UTF-8 would make all halves of surrogate pairs one; 128 bits, for whoever looks for a second name of one file.
  const hash = createHash('sha256').update(name, 'utf16le').digest('hex').slice(0, 32);
  return `${readable}~${hash}`;
}
