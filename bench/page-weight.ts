/**
 * Page weight: what a reader's browser fetches for a lecture page, and for the lab until one can type and everything has come to rest. Counted at
 * the server, so that what workers fetch counts too; each file as brotli leaves it, since that is what a web server would send.
 */
import type { Browser } from 'playwright-core';
import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { DIST } from '../scripts/repository.ts';
import { startStaticServer } from '../scripts/static-server.ts';
import { figureLine } from './figure.ts';

/** Compressed as they are: web servers send them unchanged. */
const COMPRESSED = new Set(['.png', '.jpg', '.webp', '.woff', '.woff2']);

const QUALITY = 9;

/** Size in bytes of a file as it would cross the network. */
function transferBytes(path: string): number {
  const content = readFileSync(path);
  if (COMPRESSED.has(extname(path))) return content.length;
  return brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } }).length;
}

/** The files that a page fetched: until it was ready, and after that until the network came to rest. */
interface Fetched {
  first: string[];
  later: string[];
}

/** Opens a page in a browser that has nothing of it yet. Without `ready`, the page is ready when the network rests. */
async function filesOf(browser: Browser, path: string, ready?: string): Promise<Fetched> {
  const files = new Set<string>();
  const server = await startStaticServer({ root: DIST, onFile: (file) => files.add(file) });
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    await page.goto(server.url + path);
    if (ready !== undefined) await page.waitForSelector(ready, { timeout: 60_000 });
    else await page.waitForLoadState('networkidle');
    const first = [...files];
    await page.waitForLoadState('networkidle');
    // Some things load only when the browser has had nothing to do for a while.
    await page.waitForTimeout(4000);
    await page.waitForLoadState('networkidle');
    return { first, later: [...files].slice(first.length) };
  } finally {
    await context.close();
    await server.close();
  }
}

const kilobytes = (files: string[]) => files.reduce((sum, file) => sum + transferBytes(file), 0) / 1000;

/** The largest of some files, a line each. */
function largestLines(files: string[]): string[] {
  const sized = files.map((file) => ({ name: basename(file), size: transferBytes(file) / 1000 }));
  const largest = sized.sort((a, b) => b.size - a.size).slice(0, 5);
  return largest.map(({ name, size }) => `    ${size.toFixed(1).padStart(8)} KB  ${name}`);
}

/** Lines about both pages, with the largest files of the lab. */
export async function benchPageWeight(browser: Browser): Promise<string[]> {
  const how = `brotli ${QUALITY}, empty cache, every file sent`;
  const lecture = await filesOf(browser, 'lecture/replication/');
  const lab = await filesOf(browser, 'labs/logging-channel/', '.workspace[data-ready="true"]');
  const lectureFiles = [...lecture.first, ...lecture.later];
  const idle = kilobytes(lab.later) / 1000;
  return [
    figureLine({
      what: 'lecture page',
      value: kilobytes(lectureFiles),
      unit: 'KB',
      atMost: 60,
      how: `${how}, ${lectureFiles.length} files`,
    }),
    figureLine({
      what: 'lab page',
      value: kilobytes(lab.first) / 1000,
      unit: 'MB',
      atMost: 2.5,
      how: `${how} until one can type, ${lab.first.length} files`,
    }),
    ...largestLines(lab.first),
    figureLine({ what: 'lab page, loaded when idle', value: idle, unit: 'MB', how: `not counted above, ${lab.later.length} files` }),
    ...largestLines(lab.later),
  ];
}
