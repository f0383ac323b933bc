/**
 * From Run to verdict in Chromium: what a student waits for. Cold is the first run of a page just opened, once as soon as one can type and once
 * when the page has come to rest (compiler and runtime load when the browser is idle). Warm is every later run.
 */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { openLabPage } from '../scripts/lab-page.ts';
import { DIST, REPOSITORY } from '../scripts/repository.ts';
import { startStaticServer } from '../scripts/static-server.ts';
import { figureLine, median } from './figure.ts';

const PAGES = 5;
const WARM_RUNS = 5;
const LAB = 'logging-channel';

/** Seconds of the first run in a new page, and of `again` runs after it. With `rest`, the page comes to rest first. */
async function secondsInNewPage(browser: Browser, site: string, { rest = false, again = 0 }): Promise<{ first: number; later: number[] }> {
  const lab = await openLabPage(browser, site, LAB);
  await lab.write(readFileSync(`${REPOSITORY}tests/src/labs/${LAB}/solutions/checksum.ts`, 'utf8'));
  if (rest) {
    await lab.page.waitForTimeout(4000);
    await lab.page.waitForLoadState('networkidle');
  }
  const seconds: number[] = [];
  for (let run = 0; run <= again; run++) seconds.push((await lab.run()).tookMs / 1000);
  await lab.close();
  return { first: seconds[0]!, later: seconds.slice(1) };
}

/** Lines about the time from Run to the verdict, with a solution that passes every check. */
export async function benchRunToVerdict(browser: Browser): Promise<string[]> {
  const server = await startStaticServer({ root: DIST });
  const atOnce: number[] = [];
  const rested: number[] = [];
  const warm: number[] = [];
  try {
    for (let page = 0; page < PAGES; page++) {
      atOnce.push((await secondsInNewPage(browser, server.url, {})).first);
      const { first, later } = await secondsInNewPage(browser, server.url, { rest: true, again: WARM_RUNS });
      rested.push(first);
      warm.push(...later);
    }
  } finally {
    await server.close();
  }
  const how = (what: string) => `press of Run to the verdict on the screen, all checks pass; median of ${what}`;
  return [
    figureLine({ what: 'cold, page at rest', value: median(rested), unit: 's', atMost: 2, how: how(`${PAGES} new pages`) }),
    figureLine({ what: 'cold, as soon as one can type', value: median(atOnce), unit: 's', atMost: 2, how: how(`${PAGES} new pages`) }),
    figureLine({ what: 'warm', value: median(warm), unit: 's', atMost: 1, how: how(`${warm.length} later runs`) }),
  ];
}
