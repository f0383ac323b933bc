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

/** Opens a page in a browser that has nothing of it yet; returns the files it fetched until the network came to rest. */
async function filesOf(browser: Browser, path: string, ready?: string): Promise<string[]> {
  const files = new Set<string>();
  const server = await startStaticServer({ root: DIST, onFile: (file) => files.add(file) });
  const page = await browser.newPage();
  try {
    await page.goto(server.url + path);
    if (ready !== undefined) await page.waitForSelector(ready, { timeout: 60_000 });
    await page.waitForLoadState('networkidle');
  } finally {
    await page.close();
    await server.close();
  }
  return [...files];
}

const kilobytes = (files: string[]) => files.reduce((sum, file) => sum + transferBytes(file), 0) / 1000;

/** Lines about both pages, with the largest files of the lab. */
export async function benchPageWeight(browser: Browser): Promise<string[]> {
  const how = `brotli ${QUALITY}, empty cache, every file sent until the network rests`;
  const lecture = await filesOf(browser, 'lecture/replication/');
  const lab = await filesOf(browser, 'labs/logging-channel/', '.workspace[data-ready="true"]');
  const wasm = lab.filter((file) => file.endsWith('.wasm'));
  const others = lab.filter((file) => !file.endsWith('.wasm'));
  const largest = others
    .map((file) => ({ name: basename(file), size: transferBytes(file) / 1000 }))
    .sort((a, b) => b.size - a.size)
    .slice(0, 6);
  return [
    figureLine({ what: 'lecture page', value: kilobytes(lecture), unit: 'KB', atMost: 60, how: `${how}; ${lecture.length} files` }),
    figureLine({
      what: 'lab page',
      value: kilobytes(others) / 1000,
      unit: 'MB',
      atMost: 2.5,
      how: `${how}, editor ready; ${others.length} files`,
    }),
    figureLine({ what: 'esbuild.wasm, loaded when idle', value: kilobytes(wasm) / 1000, unit: 'MB', how: 'not counted above' }),
    ...largest.map(({ name, size }) => `    ${size.toFixed(1).padStart(8)} KB  ${name}`),
  ];
}
