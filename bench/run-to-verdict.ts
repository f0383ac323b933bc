/** From Run to verdict in Chromium: what a student waits for. Cold is the first run of a page just opened, warm is every later one. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { openLabPage } from '../scripts/lab-page.ts';
import { DIST, REPOSITORY } from '../scripts/repository.ts';
import { startStaticServer } from '../scripts/static-server.ts';
import { figureLine, median } from './figure.ts';

const COLD_RUNS = 5;
const WARM_RUNS = 10;
const LAB = 'logging-channel';

/** Lines about the time from Run to the verdict, with a solution that passes every check. */
export async function benchRunToVerdict(browser: Browser): Promise<string[]> {
  const solution = readFileSync(`${REPOSITORY}tests/src/labs/${LAB}/solutions/checksum.ts`, 'utf8');
  const server = await startStaticServer({ root: DIST });
  const cold: number[] = [];
  const warm: number[] = [];
  try {
    for (let index = 0; index < COLD_RUNS; index++) {
      const lab = await openLabPage(browser, server.url, LAB);
      await lab.write(solution);
      cold.push((await lab.run()).tookMs / 1000);
      if (index === 0) for (let again = 0; again < WARM_RUNS; again++) warm.push((await lab.run()).tookMs / 1000);
      await lab.close();
    }
  } finally {
    await server.close();
  }
  const how = 'press of Run to the verdict on the screen';
  return [
    figureLine({
      what: 'run to verdict, cold',
      value: median(cold),
      unit: 's',
      atMost: 2,
      how: `${how}; median of ${COLD_RUNS} pages just opened, Run as soon as one can type`,
    }),
    figureLine({
      what: 'run to verdict, warm',
      value: median(warm),
      unit: 's',
      atMost: 1,
      how: `${how}; median of ${WARM_RUNS} later runs in one page`,
    }),
  ];
}
