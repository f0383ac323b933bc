/** Unpacks a zip as the programs of platforms do: files where they belong, with their permissions. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';

/** Returns the paths of its files. */
export async function unzip(path: string, folder: string): Promise<string[]> {
  const zip = await yauzl.openPromise(path, { lazyEntries: true });
  const paths: string[] = [];
  for await (const entry of zip.eachEntry()) {
    const place = join(folder, entry.fileName);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, await buffer(await zip.openReadStreamPromise(entry)), { mode: (entry.externalFileAttributes >>> 16) & 0o777 });
    paths.push(entry.fileName);
  }
  return paths;
}
