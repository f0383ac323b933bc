/** What the browser tests of the site share: its pages opened with an eye on what goes wrong, until nothing more loads. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { readyWorkspace } from './lab-page.ts';

export const LAPTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };

export interface Visit {
  page: Page;
  /** Failed requests, requests to other hosts, errors of scripts, each in words. */
  problems: string[];
}

/** Opens a page of the site at `site` in a context, and waits until it is ready and the network rests. */
export async function open(context: BrowserContext, site: string, path: string): Promise<Visit> {
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('request', (request) => {
    const isOurs = /^(blob|data):/.test(request.url()) || request.url().startsWith(site);
    if (!isOurs) problems.push(`asked ${request.url()}`);
  });
  page.on('response', (response) => response.status() >= 400 && problems.push(`${response.status()} ${response.url()}`));
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(site + path);
  if (path.startsWith('labs/')) await page.waitForSelector(readyWorkspace, { timeout: 60_000 });
  await page.waitForLoadState('networkidle');
  return { page, problems };
}

/** Does something with a page in a context of its own, in which nothing is stored or cached, and closes it. */
export async function inNewContext<T>(
  browser: Browser,
  options: BrowserContextOptions,
  run: (context: BrowserContext) => Promise<T>,
): Promise<T> {
  const context = await browser.newContext(options);
  try {
    return await run(context);
  } finally {
    await context.close();
  }
}
