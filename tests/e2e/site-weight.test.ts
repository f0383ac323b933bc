/** Chapters stay light: at most 60 KB cross the network before a figure is started, so that a slow line is no reason not to read. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pagesOf } from '../../scripts/built-site.ts';
import { launchChromium } from '../../scripts/chromium.ts';
import { fetchedFiles, kilobytes } from '../../scripts/page-weight.ts';
import { DIST } from '../../scripts/repository.ts';

const KILOBYTES_MAX = 60;

let browser: Browser;
beforeAll(async () => void (browser = await launchChromium()));
afterAll(async () => browser?.close());

test.each(pagesOf(DIST).filter((path) => path.startsWith('lecture/')))('%s', async (path) => {
  const { first, later } = await fetchedFiles(browser, { root: DIST, path });
  const files = [...first, ...later];
  expect(files.length).toBeGreaterThan(3);
  expect(kilobytes(files)).toBeLessThan(KILOBYTES_MAX);
});
