/** Zips whose bytes follow from their files alone, so that two people can see that they have the same one. */
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import yazl from 'yazl';
import type { PackedFile } from './pack.ts';

/** The first day that a zip can name: in the reader's own zone, as the format has it. */
const LONG_AGO = new Date(1980, 0, 1);

export async function zipOf(files: PackedFile[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const { path, content, executable } of files)
    zip.addBuffer(Buffer.from(content.buffer, content.byteOffset, content.byteLength), path, {
      mtime: LONG_AGO,
      forceDosTimestamp: true,
      mode: executable === true ? 0o100755 : 0o100644,
    });
  zip.end();
  return buffer(zip.outputStream as Readable);
}
