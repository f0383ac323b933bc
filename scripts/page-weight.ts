/**
 * What a reader's browser fetches for a page, and what it weighs: counted at the server, so that what workers fetch counts too; each file as
 * brotli leaves it, since that is what a web server would send. The benchmark and a browser test share it.
 */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { startStaticServer } from './static-server.ts';

/** Compressed as they are: web servers send them unchanged. */
const COMPRESSED = new Set(['.png', '.jpg', '.webp', '.woff', '.woff2']);

/** Brotli's quality, from 0 to 11: what servers use for files that they compress once and keep. */
export const QUALITY = 9;

/** Size in bytes of a file as it would cross the network. */
export function transferBytes(path: string): number {
  const content = readFileSync(path);
  if (COMPRESSED.has(extname(path))) return content.length;
  return brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: QUALITY } }).length;
}

/** Weight of some files in units of 1000 bytes. */
export function kilobytes(files: string[]): number {
  return files.reduce((sum, file) => sum + transferBytes(file), 0) / 1000;
}

/** The files that a page fetched: until it was ready, and after that until the network came to rest. */
export interface Fetched {
  first: string[];
  later: string[];
}

export interface FetchOptions {
  /** The folder of the built site. */
  root: string;
  /** The page below the site's address, e.g. `lecture/replication/`. */
  path: string;
  /** What is there when the page is ready. Without it, the page is ready when the network rests. */
  ready?: string;
  /** How long to wait for what loads only when the browser has had nothing to do for a while. */
  restMs?: number;
}

/** Opens a page in a browser that has nothing of it yet, and starts nothing on it. */
export async function fetchedFiles(browser: Browser, options: FetchOptions): Promise<Fetched> {
  const { root, path, ready, restMs = 0 } = options;
  const files = new Set<string>();
  const server = await startStaticServer({ root, onFile: (file) => files.add(file) });
  const context = await browser.newContext();
  const page = await context.newPage();
  try {
    await page.goto(server.url + path);
    if (ready === undefined) await page.waitForLoadState('networkidle');
    else await page.waitForSelector(ready, { timeout: 60_000 });
    const first = [...files];
    await page.waitForLoadState('networkidle');
    if (restMs > 0) {
      await page.waitForTimeout(restMs);
      await page.waitForLoadState('networkidle');
    }
    return { first, later: [...files].slice(first.length) };
  } finally {
    await context.close();
    await server.close();
  }
}
