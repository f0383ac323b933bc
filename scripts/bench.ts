/**
 * `npm run bench`, or `npm run bench -- emulator|grader|page|run|search|paper` for a part of it: measures what the course promises, and prints each figure
 * with its target and with how it was measured.
 */
import { availableParallelism, cpus } from 'node:os';
import type { Browser } from 'playwright-core';
import { launchChromium } from './chromium.ts';
import { runTool } from './repository.ts';

/** Builds the site and hands a browser to a measurement. */
async function inBrowser(measure: (browser: Browser) => Promise<string[]>): Promise<string[]> {
  const build = await buildOnce();
  return build === undefined ? withBrowser(measure) : [build];
}

async function withBrowser(measure: (browser: Browser) => Promise<string[]>): Promise<string[]> {
  const browser = await launchChromium();
  try {
    return await measure(browser);
  } finally {
    await browser.close();
  }
}

let building: Promise<string | undefined> | undefined;

/** Builds the site, once however many measurements ask. Returns what to print where it failed. */
function buildOnce(): Promise<string | undefined> {
  building ??= runTool('astro', ['build']).then(({ status, output }) => {
    if (status !== 0) process.exitCode = 1;
    return status === 0 ? undefined : `The build failed:\n${output}`;
  });
  return building;
}

const PARTS: Record<string, { title: string; measure(): Promise<string[]> }> = {
  emulator: { title: 'Emulator speed', measure: async () => (await import('../bench/emulator.ts')).benchEmulator() },
  grader: { title: 'The grader', measure: async () => (await import('../bench/grader.ts')).benchGrader() },
  page: { title: 'Page weight', measure: async () => inBrowser((await import('../bench/page-weight.ts')).benchPageWeight) },
  run: { title: 'From Run to the verdict', measure: async () => inBrowser((await import('../bench/run-to-verdict.ts')).benchRunToVerdict) },
  search: { title: 'The search', measure: async () => withBrowser((await import('../bench/search.ts')).benchSearch) },
  paper: { title: 'The measurements of the paper', measure: async () => (await import('../bench/paper.ts')).benchPaper() },
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. The parts are: ${Object.keys(PARTS).join(', ')}.`);
  process.exitCode = 2;
} else {
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, Node ${process.versions.node}`);
  for (const [name, { title, measure }] of Object.entries(PARTS)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    console.log(`\n${title}`);
    try {
      for (const line of await measure()) console.log(`  ${line}`);
    } catch (error) {
      console.log(`  not measured: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
}
