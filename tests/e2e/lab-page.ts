/** What the browser tests do on the lab's page beyond `scripts/lab-page.ts`: read the editor, look at checks, open a second tab. */
import type { BrowserContext, Locator, Page } from 'playwright-core';

/** The lab on which the page itself is tested; what holds for each lab is tested for each. */
export const labPath = 'labs/logging-channel/';
export const readyWorkspace = '.workspace[data-ready="true"]';

/** Opens a lab in this context: tabs of one context share their storage, as tabs of one browser do. */
export async function openTab(context: BrowserContext, site: string, path = labPath): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site + path);
  await page.waitForSelector(readyWorkspace, { timeout: 60_000 });
  return page;
}

/** The whole text in the editor, taken as a student would: select all, copy. */
export async function editorText(page: Page): Promise<string> {
  await page.bringToFront();
  await page.locator('.editor .view-lines').first().click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('ControlOrMeta+C');
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Replaces the text in the editor, by pasting. */
export async function writeText(page: Page, text: string): Promise<void> {
  await page.bringToFront();
  await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
  await page.locator('.editor .view-lines').first().click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('ControlOrMeta+V');
}

/** Waits until the workspace's attribute has one of these values. */
export async function waitForState(page: Page, attribute: 'progress' | 'save', values: string[]): Promise<void> {
  await page.waitForSelector(values.map((value) => `.workspace[data-${attribute}="${value}"]`).join(', '), { timeout: 120_000 });
}

/** Each check's verdict by its id, as the list shows them. */
export async function shownVerdicts(page: Page): Promise<Record<string, string>> {
  return page.evaluate(() => {
    const rows = [...document.querySelectorAll<HTMLElement>('[data-check]')];
    return Object.fromEntries(rows.map((row) => [row.dataset['check']!, row.dataset['verdict']!]));
  });
}

/** Presses a key until the focus is on or in the element, as who has no mouse does; fails where it never gets there. */
export async function goTo(page: Page, target: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const element = target.first();
  for (let presses = 0; presses < 80; presses++) {
    if (await element.evaluate((node) => node.contains(document.activeElement))) return;
    await page.keyboard.press(key);
  }
  throw new Error(`${key} does not lead to ${target.toString()}`);
}
