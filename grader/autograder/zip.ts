/** Zips whose bytes follow from their files alone, so that two people can see that they have the same one. */
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import yazl from 'yazl';
import type { PackedFile } from './pack.ts';

export async function zipOf(files: PackedFile[]): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  // A zip has the hour of its own place, without a zone: the same digits everywhere.
  const mtime = new Date(2000, 0, 1);
  for (const { path, content, executable } of files)
    zip.addBuffer(Buffer.from(content.buffer, content.byteOffset, content.byteLength), path, {
      mtime,
      forceDosTimestamp: true,
      mode: executable === true ? 0o100755 : 0o100644,
    });
  zip.end();
  return buffer(zip.outputStream as Readable);
}
