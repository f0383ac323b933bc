/** The site as a university would serve it, below a path of its own: every page loads, every link leads somewhere, nothing comes from elsewhere. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchChromium } from '../../scripts/chromium.ts';
import { runTool } from '../../scripts/repository.ts';
import { startStaticServer, type StaticServer } from '../../scripts/static-server.ts';
import { labPath, readyWorkspace } from './lab-page.ts';

const base = '/course/ft/';
const pages = ['', 'lecture/replication/', 'lecture/logging-channel/', labPath];

let folder: string;
let server: StaticServer;
let browser: Browser;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-site-'));
  // Vitest describes itself in these, and a build started from here would take them for its own.
  for (const name of ['BASE_URL', 'DEV', 'MODE', 'NODE_ENV', 'PROD', 'SSR', 'TEST', 'VITEST']) delete process.env[name];
  const build = await runTool('astro', ['build', '--base', base, '--outDir', folder]);
  if (build.status !== 0) throw new Error(build.output);
  server = await startStaticServer({ root: folder, base });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** Opens a page and returns what went wrong with it: failed requests, requests to other hosts, errors of its scripts. */
async function open(path: string, width = 1440): Promise<{ page: Page; problems: string[] }> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const problems: string[] = [];
  page.on('request', (request) => {
    const isOurs = /^(blob|data):/.test(request.url()) || request.url().startsWith(server.url);
    if (!isOurs) problems.push(`asked ${request.url()}`);
  });
  page.on('response', (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(server.url + path);
  if (path === labPath) await page.waitForSelector(readyWorkspace, { timeout: 60_000 });
  await page.waitForLoadState('networkidle');
  return { page, problems };
}

test.each(pages)('page "%s" loads below a base path, from its own server alone, and fits a phone', async (path) => {
  const wide = await open(path);
  expect(wide.problems).toEqual([]);
  const narrow = await open(path, 390);
  expect(narrow.problems).toEqual([]);
  expect(await narrow.page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});

test('every link on every page leads to a page, and to a heading of it where it names one', async () => {
  const dead: string[] = [];
  for (const path of pages) {
    const { page } = await open(path);
    const links = await page.evaluate(() => [...document.querySelectorAll('a')].map((link) => link.href));
    for (const link of new Set(links)) {
      const address = new URL(link);
      const answer = await fetch(address);
      const anchor = address.hash.slice(1);
      if (!answer.ok || !link.startsWith(server.url)) dead.push(`${path}: ${link}`);
      else if (anchor && !(await answer.text()).includes(`id="${anchor}"`)) dead.push(`${path}: ${link}, no such heading`);
    }
  }
  expect(dead).toEqual([]);
});

test('lecture pages carry neither editor nor compiler', async () => {
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${server.url}lecture/replication/`);
  await page.waitForLoadState('networkidle');
  expect(asked.filter((url) => /wasm|editor|worker|_lockstep|codicon/.test(url))).toEqual([]);
});

test('search finds a word of the lecture', async () => {
  const { page } = await open('');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.keyboard.type('checkpoint');
  await page.getByRole('dialog').getByRole('link', { name: 'Two ways to keep a replica' }).first().waitFor();
});

test('the traffic figure follows its sliders', async () => {
  const { page } = await open('lecture/replication/');
  const traffic = page.locator('[data-bar=state] output');
  expect(await traffic.innerText()).toBe('1.07 Gbit/s');
  await page.getByRole('slider', { name: 'Checkpoints a second' }).press('Home');
  // One checkpoint a second of 4 MiB: 4 * 2^20 * 8 bits.
  expect(await traffic.innerText()).toBe('33.6 Mbit/s');
});
