/**
 * From Run to verdict in Chromium: what a student waits for. Cold is the first run of a page just opened, once as soon as one can type and once
 * when the page has come to rest (compiler and runtime load when the browser is idle). Warm is every later run.
 */
import type { Browser } from 'playwright-core';
import { openLabPage } from '../scripts/lab-page.ts';
import { DIST } from '../scripts/repository.ts';
import { startStaticServer } from '../scripts/static-server.ts';
import { labMatrix, type LabUnderTest } from '../tests/src/labs/lab-matrix.ts';
import { figureLine, median } from './figure.ts';

const PAGES = 5;
const WARM_RUNS = 5;

interface Visit {
  site: string;
  lab: LabUnderTest;
  /** The page comes to rest before the first run. */
  rest?: boolean;
  /** How many runs follow the first. */
  again?: number;
}

/** Seconds of the first run in a new page, and of those after it. */
async function secondsInNewPage(
  browser: Browser,
  { site, lab: { lab, solutions, solutionSource }, rest = false, again = 0 }: Visit,
): Promise<{ first: number; later: number[] }> {
  const page = await openLabPage(browser, site, lab.id);
  await page.write(solutionSource(solutions[0]!));
  if (rest) {
    await page.page.waitForTimeout(4000);
    await page.page.waitForLoadState('networkidle');
  }
  const seconds: number[] = [];
  for (let run = 0; run <= again; run++) seconds.push((await page.run()).tookMs / 1000);
  await page.close();
  return { first: seconds[0]!, later: seconds.slice(1) };
}

/** Lines about the time from Run to the verdict in each lab, with a solution that passes every check. */
export async function benchRunToVerdict(browser: Browser): Promise<string[]> {
  const server = await startStaticServer({ root: DIST });
  try {
    const lines: string[] = [];
    for (const lab of labMatrix) lines.push(...(await benchLab(browser, server.url, lab)));
    return lines;
  } finally {
    await server.close();
  }
}

async function benchLab(browser: Browser, site: string, lab: LabUnderTest): Promise<string[]> {
  const atOnce: number[] = [];
  const rested: number[] = [];
  const warm: number[] = [];
  for (let page = 0; page < PAGES; page++) {
    atOnce.push((await secondsInNewPage(browser, { site, lab })).first);
    const { first, later } = await secondsInNewPage(browser, { site, lab, rest: true, again: WARM_RUNS });
    rested.push(first);
    warm.push(...later);
  }
  const how = (what: string) => `press of Run to the verdict on the screen, all checks pass; median of ${what}`;
  const line = (what: string, seconds: number[], atMost: number, runs: string) =>
    figureLine({ what: `${lab.lab.id}, ${what}`, value: median(seconds), unit: 's', atMost, how: how(runs) });
  return [
    line('cold, page at rest', rested, 2, `${PAGES} new pages`),
    line('cold, as soon as one can type', atOnce, 2, `${PAGES} new pages`),
    line('warm', warm, 1, `${warm.length} later runs`),
  ];
}
