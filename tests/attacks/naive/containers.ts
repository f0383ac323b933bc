/** What naive graders do with what a submission comes in: unpack it by its own names, and use what lies beside it. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inflateRawSync } from 'node:zlib';

/** What became of an unpacking that stopped where it had written so much. */
const WRITTEN_BYTES_MAX = 64 * 1024 * 1024;

/** Unpacks a zip, each entry where its name says. Returns the bytes written. */
export function unpackNaively(zip: Buffer, folder: string): number {
  let written = 0;
  for (let at = zip.indexOf('PK\x01\x02'); at !== -1 && written < WRITTEN_BYTES_MAX; at = zip.indexOf('PK\x01\x02', at + 46)) {
    const [packedLength, nameLength] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
    const isLink = (zip.readUInt32LE(at + 38) >>> 16) >>> 12 === 0o12;
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    const start = zip.readUInt32LE(at + 42) + 30 + nameLength;
    const bytes = inflateRawSync(zip.subarray(start, start + packedLength));
    const path = name.startsWith('/') ? name : join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    if (isLink) symlinkSync(bytes.toString('utf8'), path);
    else writeFileSync(path, bytes);
    written += bytes.length;
  }
  return written;
}

/** Whether a folder passes for those who run the script that stands in its own package.json. */
export function runsOwnScript(folder: string): boolean {
  const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { scripts: { test: string } };
  return spawnSync(scripts.test, { shell: true, cwd: folder }).status === 0;
}

/** Whether it passes for those who take the checks that lie in the folder, if some do. */
export async function takesOwnChecks(folder: string, part: { step(): unknown }): Promise<boolean> {
  const path = join(folder, 'checks.mjs');
  if (!existsSync(path)) return false;
  const { passes } = (await import(pathToFileURL(path).href)) as { passes(part: unknown): boolean };
  return passes(part);
}

/** What the part's import becomes for those who resolve it where the part is. */
export async function resolvesBeside(folder: string): Promise<unknown> {
  return ((await import(pathToFileURL(join(folder, 'echo.mjs')).href)) as { found: unknown }).found;
}

/** A class as a table for a spreadsheet, a page and a terminal, by those who write names as they are. */
export function reportNaively(names: string[]): { csv: string; html: string; terminal: string } {
  return {
    csv: names.map((name) => `${name},0`).join('\n'),
    html: `<table>${names.map((name) => `<tr><td>${name}</td></tr>`).join('')}</table>`,
    terminal: names.map((name) => `fail  ${name}`).join('\n'),
  };
}
