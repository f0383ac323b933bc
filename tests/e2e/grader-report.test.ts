/** The grader's HTML in a browser, from files as a person opens them: readable by everyone, quiet, and useful with its script and without. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { html } from '../../grader/formats/html/html.ts';
import { similarityOf } from '../../grader/similarity/similarity.ts';
import { launchChromium } from '../../scripts/chromium.ts';
import { smallClass } from '../grader/formats/small-class.ts';
import { labMatrix } from '../src/labs/lab-matrix.ts';
import { inNewContext, LAPTOP, PHONE } from './site-page.ts';

const folder = mkdtempSync(join(tmpdir(), 'lockstep-report-'));
let browser: Browser;

beforeAll(async () => {
  const source = labMatrix[0]!.solutionSource(labMatrix[0]!.solutions[0]!);
  const handedIn = smallClass.submissions.map(({ name }) => ({ name, files: { 'channel.ts': source } }));
  const similarity = new Map([['small-channel', similarityOf(handedIn, {}, { pairsMax: 3 })]]);
  for (const { path, content } of html(smallClass, { similarity, sources: () => ({ 'channel.ts': source }) })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  browser = await launchChromium();
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

/** Opens a page of the report with every block open. What it complains of must be nothing, the browser's own complaints included. */
async function onPage(path: string, options: BrowserContextOptions, run: (page: Page) => Promise<void>): Promise<void> {
  await inNewContext(browser, options, async (context) => {
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', ({ message }) => complaints.push(message));
    page.on('console', (message) => complaints.push(message.text()));
    await page.goto(pathToFileURL(join(folder, path)).href);
    await run(page);
    expect(complaints).toEqual([]);
  });
}

/** The first cell of each row that is shown. */
async function names(page: Page): Promise<string[]> {
  const all = await page.locator('.submissions tbody tr:visible th a, .submissions tbody tr:visible th > bdi').allTextContents();
  return all.map((text) => (text.startsWith('=') ? 'hostile' : text));
}

const pages = ['class.html', 'students/student-02.html'];

describe.each(pages)('%s', (path) => {
  test.each(['light', 'dark'] as const)('has no finding of axe in %s', async (colorScheme) => {
    await onPage(path, { viewport: LAPTOP, colorScheme }, async (page) => {
      await page.evaluate(() => document.querySelectorAll('details').forEach((block) => (block.open = true)));
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} at ${target.join(' ')}`))).toEqual([]);
    });
  });

  test.each([LAPTOP, PHONE])('is no wider than a window of $width', async (viewport) => {
    await onPage(path, { viewport }, async (page) => {
      await page.evaluate(() => document.querySelectorAll('details').forEach((block) => (block.open = true)));
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(viewport.width);
    });
  });
});

describe('the table of a class', () => {
  test('is sorted and filtered with the keyboard', async () => {
    await onPage('class.html', { viewport: LAPTOP }, async (page) => {
      await page.getByRole('button', { name: 'Points' }).focus();
      await page.keyboard.press('Enter');
      const sorted = ['student-03.ts', 'hostile', 'Student, Second', 'Student-05', 'Student, First', 'Student, Fourth', 'Student, Sixth'];
      expect(await names(page)).toEqual(sorted);
      await page.keyboard.press('Enter');
      expect(await names(page)).toEqual([...sorted.slice(0, 5).reverse(), ...sorted.slice(5)]);
      await page.getByLabel('Show').selectOption('Not graded');
      expect(await names(page)).toEqual(['Student, Fourth']);
      await page.getByLabel('Show').selectOption('all');
      await page.getByLabel('Failing').selectOption('Small channel: an entry arrives once');
      await page.getByLabel('Find').fill('SECOND');
      expect(await names(page)).toEqual(['Student, Second']);
      expect(await page.getByRole('search').getByRole('status').textContent()).toBe('1 of 7');
    });
  });

  test('leads to the failures of a submission, which open', async () => {
    await onPage('class.html', { viewport: LAPTOP }, async (page) => {
      await page.getByRole('row', { name: 'Second' }).getByRole('link').last().click();
      await page.locator('#submission-3[open]').waitFor();
      expect(await page.locator('details[open]').count()).toBe(1);
    });
  });

  test('is there without a script, and offers nothing that would need one', async () => {
    await onPage('class.html', { viewport: LAPTOP, javaScriptEnabled: false }, async (page) => {
      expect(await names(page)).toHaveLength(7);
      expect(await page.getByRole('search').count()).toBe(0);
      await page.locator('summary').first().click();
      expect(await page.locator('#submission-1 .failure').first().isVisible()).toBe(true);
    });
  });
});
