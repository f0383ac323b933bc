/** A lab worked without a mouse, from the statement to an undone reset: every step is a key, and the focus is never lost on the way. */
import type { BrowserContext, Page } from 'playwright-core';
import { beforeEach, afterEach, expect, test } from 'vitest';
import { mutants, mutantSource } from '../src/labs/logging-channel/mutants.ts';
import { goTo, labPath, openTab, waitForState } from './lab-page.ts';
import { serveSite } from './served-site.ts';

const site = serveSite();
let context: BrowserContext;
let page: Page;

beforeEach(async () => {
  context = await site.browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(site.url).origin });
});

afterEach(async () => {
  await context.close();
});

const press = (...keys: string[]) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
const focusIsOn = (selector: string) => page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);

/** Selects and copies all of what the focus is in. */
async function copyAll(): Promise<string> {
  await press('ControlOrMeta+A', 'ControlOrMeta+C');
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Puts a mutant into the editor, which has the focus, and lets Tab leave it again. */
async function pasteMutant(): Promise<string> {
  const source = mutantSource(mutants.find(({ fails }) => fails === 'once')!);
  await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), source);
  await press('ControlOrMeta+A', 'ControlOrMeta+V', 'Control+M');
  return source;
}

test('a lab is worked by keyboard alone', async () => {
  page = await openTab(context, site.url, labPath);
  const editor = page.locator('#editor');

  // The statement scrolls; the editor is reached, written in, and left.
  await goTo(page, page.locator('#pane-statement'));
  await press('PageDown');
  await expect.poll(() => page.locator('#pane-statement').evaluate((pane) => pane.scrollTop)).toBeGreaterThan(100);
  await goTo(page, editor);
  const mine = await pasteMutant();
  await press('Tab');
  expect(await editor.evaluate((element) => element.contains(document.activeElement))).toBe(false);

  // Run, whose button keeps the focus though it is Stop meanwhile.
  await goTo(page, page.locator('.run-wide button'), 'Shift+Tab');
  await press('Enter');
  await waitForState(page, 'progress', ['done']);
  expect(await focusIsOn('button.run')).toBe(true);
  expect(await page.getByTestId('verdict').innerText()).toMatch(/^\d of 10 checks pass/);

  // Read the checks, open one, and step through its trace.
  await goTo(page, page.locator('#pane-checks'), 'Shift+Tab');
  await goTo(page, page.locator('[data-check="once"] summary'));
  if ((await page.locator('[data-check="once"] details').getAttribute('open')) === null) await press('Enter');
  const trace = page.locator('[data-check="once"] .trace');
  await goTo(page, trace.getByRole('slider'));
  const rows = await trace.locator('[data-row]').count();
  await press('Home', 'ArrowDown', 'ArrowDown');
  expect(await trace.getByRole('slider').inputValue()).toBe('2');
  expect(await trace.getByRole('status').innerText()).toMatch(/^Event \d+, \d+ ms, /);
  expect(await trace.locator('[data-row][opacity]').count()).toBe(rows - 3);
  await goTo(page, trace.getByRole('button', { name: 'Text' }));
  await press('Enter');
  expect(await trace.locator('pre').innerText()).toMatch(/^event +time +primary/);
  expect(await focusIsOn('.trace button')).toBe(true);

  // Earlier texts open and close; a reset can be undone; each leaves the focus where it was.
  const versions = page.getByRole('button', { name: 'Earlier texts' });
  await goTo(page, versions);
  await press('Enter');
  await page.getByRole('dialog').waitFor();
  await press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await versions.evaluate((button) => button === document.activeElement)).toBe(true);
  await goTo(page, page.getByRole('button', { name: 'Reset' }));
  await press('Enter');
  await goTo(page, page.getByRole('button', { name: 'Undo' }));
  await press('Enter');
  await page.locator('.notice').waitFor({ state: 'detached' });
  expect(await focusIsOn('body')).toBe(false);
  await goTo(page, editor, 'Shift+Tab');
  expect(await copyAll()).toBe(mine);

  // And a text that was reset earlier comes back from the list.
  await goTo(page, page.getByRole('button', { name: 'Reset' }));
  await press('Enter');
  await goTo(page, versions, 'Shift+Tab');
  await press('Enter');
  await goTo(page, page.getByRole('dialog').getByRole('button', { name: 'Restore' }));
  await press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  expect(await versions.evaluate((button) => button === document.activeElement)).toBe(true);
  await goTo(page, editor, 'Shift+Tab');
  expect(await copyAll()).toBe(mine);
});

test('on a phone’s width the keys that run the checks lead to them, and not into the void', async () => {
  page = await openTab(context, site.url, labPath);
  await page.setViewportSize({ width: 390, height: 844 });
  await goTo(page, page.getByRole('tab', { name: 'Statement' }));
  await press('ArrowRight');
  await goTo(page, page.locator('#editor'));
  await press('ControlOrMeta+Enter');
  await waitForState(page, 'progress', ['done']);
  expect(await page.locator('.workspace').getAttribute('data-pane')).toBe('checks');
  expect(await focusIsOn('#pane-checks')).toBe(true);
});
