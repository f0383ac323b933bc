/** Reading the course: search, figures, themes, keyboard, paper, and the reading progress in one tab, in two, and without storage. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chapters } from '../../src/components/course.ts';
import { BEST_KEY_PREFIX, PROGRESS_KEY } from '../../src/components/progress/progress.ts';
import { LAPTOP, open as openPage, PHONE } from './site-page.ts';
import { serveSite } from './served-site.ts';

const [first, second] = chapters.map((page) => `${page}/`) as [string, string];

const site = serveSite();
let context: BrowserContext;

beforeEach(async () => {
  context = await site.browser.newContext({ viewport: LAPTOP, colorScheme: 'light', reducedMotion: 'reduce' });
});

afterEach(async () => {
  await context.close();
});

/** Opens a page, in which nothing may go wrong. */
async function open(path: string): Promise<Page> {
  const { page, problems } = await openPage(context, site.url, path);
  expect(problems).toEqual([]);
  return page;
}

const readBox = (page: Page) => page.getByRole('checkbox', { name: 'Read' });
const total = (page: Page) => page.locator('course-progress .total');
const stored = (page: Page, key: string) => page.evaluate((name) => localStorage.getItem(name), key);

/** The link of a chapter in the sidebar, by what a screen reader calls it. */
const sidebarNames = (page: Page) => page.locator('nav.sidebar a[data-page]').allInnerTexts();

async function scrollToEnd(page: Page): Promise<void> {
  await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
  await page.waitForFunction(() => document.querySelector<HTMLInputElement>('page-visit input')!.checked);
}

describe('search', () => {
  test('finds a word of the lecture, on the page and in the section where it stands', async () => {
    const page = await open('');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.keyboard.type('bounce buffer');
    const dialog = page.getByRole('dialog', { name: 'Search the course' });
    await dialog.getByRole('link', { name: 'Disks and networks' }).waitFor();
    await dialog.getByRole('link', { name: /^Bounce buffers/ }).click();
    expect(page.url()).toBe(`${site.url}lecture/disks-and-networks/#bounce-buffers`);
  });

  test('works by keyboard: opened by its shortcut, walked by arrows, closed by Escape', async () => {
    const page = await open(first);
    await page.getByRole('button', { name: 'Search' }).focus();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('split brain');
    await page.getByRole('dialog').getByRole('link').nth(1).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate(() => document.activeElement!.tagName)).toBe('A');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.waitForFunction(() => document.activeElement!.matches('site-search > button'));
  });

  test('says when there is nothing', async () => {
    const page = await open(first);
    await page.getByRole('button', { name: 'Search' }).click();
    await page.keyboard.type('qqqzzz');
    await page.getByText('Nothing found for “qqqzzz”.').waitFor();
  });
});

test('the traffic figure follows its sliders', async () => {
  const page = await open('lecture/replication/');
  const traffic = page.locator('[data-bar=state] output');
  expect(await traffic.innerText()).toBe('1.07 Gbit/s');
  await page.getByRole('slider', { name: 'Checkpoints a second' }).press('Home');
  // One checkpoint a second of 4 MiB: 4 * 2^20 * 8 bits.
  expect(await traffic.innerText()).toBe('33.6 Mbit/s');
});

describe('reading progress', () => {
  test('a chapter counts as read when its end has been on screen, and the sidebar and the home page say so', async () => {
    const page = await open(first);
    expect(await readBox(page).isChecked()).toBe(false);
    await scrollToEnd(page);
    expect((await sidebarNames(page))[0]).toMatch(/, read$/);
    expect((await sidebarNames(page))[1]).not.toMatch(/, read$/);
    const home = await open('');
    expect(await total(home).innerText()).toMatch(new RegExp(`^1 of ${chapters.length} chapters read, 0 of \\d+ points`));
    await home.getByRole('link', { name: /^Continue/ }).click();
    expect(home.url()).toBe(site.url + second);
  });

  test('a chapter that is left in the middle is continued at its heading', async () => {
    const page = await open(second);
    const heading = page.locator('.sl-markdown-content h2').nth(2);
    await heading.evaluate((element) => element.scrollIntoView());
    await page.goto(site.url);
    await page.getByRole('link', { name: /^Continue/ }).click();
    expect(page.url()).toBe(`${site.url}${second}#${await heading.getAttribute('id')}`);
  });

  test('a tick can be taken back, and its end on screen does not put it there again', async () => {
    const page = await open(first);
    await scrollToEnd(page);
    await readBox(page).uncheck();
    await page.reload();
    await page.evaluate(() => scrollTo(0, 0));
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.waitForTimeout(300);
    expect(await readBox(page).isChecked()).toBe(false);
    await readBox(page).check();
    await page.reload();
    expect(await readBox(page).isChecked()).toBe(true);
  });

  test('two tabs keep each other’s ticks, and show them', async () => {
    const [one, other] = [await open(first), await open(second)];
    await scrollToEnd(one);
    await scrollToEnd(other);
    await one.waitForFunction(() => document.querySelectorAll('nav.sidebar .mark svg').length === 2);
    expect(JSON.parse((await stored(one, PROGRESS_KEY))!)).toMatchObject({ read: { [chapters[0]!]: true, [chapters[1]!]: true } });
  });

  test('a lab shows its best score, in the sidebar and on the home page', async () => {
    const page = await open(first);
    await page.evaluate((key) => localStorage.setItem(key, '{"points":85,"pointsMax":100}'), `${BEST_KEY_PREFIX}logging-channel`);
    await page.reload();
    const link = page.locator('nav.sidebar a[data-lab=logging-channel]');
    expect(await link.innerText()).toContain('85/100');
    expect(await link.ariaSnapshot()).toContain('best score 85 of 100 points');
    expect(await total(await open('')).innerText()).toMatch(/85 of \d+ points in the labs$/);
  });

  test('can be cleared, and the clearing undone; what was written in the labs stays', async () => {
    const page = await open(first);
    await scrollToEnd(page);
    await page.evaluate((key) => localStorage.setItem(key, '{"points":85,"pointsMax":100}'), `${BEST_KEY_PREFIX}logging-channel`);
    await page.evaluate(() => localStorage.setItem('lockstep/v1/logging-channel/channel.ts', 'text'));
    const home = await open('');
    const before = await total(home).innerText();
    await home.getByRole('button', { name: 'Clear' }).click();
    expect(await stored(home, PROGRESS_KEY)).toBe(null);
    expect(await stored(home, `${BEST_KEY_PREFIX}logging-channel`)).toBe(null);
    expect(await stored(home, 'lockstep/v1/logging-channel/channel.ts')).toBe('text');
    await home.getByRole('button', { name: 'Undo' }).click();
    expect(await total(home).innerText()).toBe(before);
  });

  test.each([
    [
      'refused',
      () => Object.defineProperty(window, 'localStorage', { get: () => Function('throw new DOMException("refused", "SecurityError")')() }),
    ],
    ['full', () => (Storage.prototype.setItem = () => Function('throw new DOMException("full", "QuotaExceededError")')())],
  ])('where storage is %s, pages work, and say that nothing is kept', async (_, spoil) => {
    await context.addInitScript(spoil);
    const page = await open(first);
    await scrollToEnd(page);
    expect((await sidebarNames(page))[0]).toMatch(/, read$/);
    await page.getByText('This browser does not keep it.').waitFor();
    await page.getByLabel('Theme').first().selectOption('dark');
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    expect(await (await open('')).locator('course-progress').isVisible()).toBe(false);
  });
});

describe('the figure of the home page', () => {
  const moment = (page: Page) => page.getByRole('slider', { name: 'Moment shown in the figure' });

  test('stands still and complete for a reader who wants less motion', async () => {
    const page = await open('');
    const slider = moment(page);
    expect(await slider.inputValue()).toBe(await slider.getAttribute('max'));
    await page.getByRole('button', { name: 'Play the figure' }).click();
    await page.waitForFunction(() => Number(document.querySelector<HTMLInputElement>('takeover-player input')!.value) > 40);
  });

  test('plays, and can be paused and moved', async () => {
    await context.close();
    context = await site.browser.newContext({ viewport: LAPTOP, reducedMotion: 'no-preference' });
    const page = await open('');
    await page.getByRole('button', { name: 'Pause the figure' }).click();
    const paused = await moment(page).inputValue();
    await page.waitForTimeout(300);
    expect(await moment(page).inputValue()).toBe(paused);
    await moment(page).press('Home');
    await page.getByText('A client asks the primary to add 1.', { exact: true }).waitFor();
  });
});

describe('themes', () => {
  test('a choice is kept for the next page, and other tabs follow it', async () => {
    const [page, other] = [await open(first), await open(second)];
    await page.getByLabel('Theme').first().selectOption('dark');
    await other.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark');
    await page.goto(site.url);
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('dark');
    await page.getByLabel('Theme').first().selectOption('Auto');
    expect(await page.evaluate(() => document.documentElement.dataset['theme'])).toBe('light');
  });
});

describe('the keyboard', () => {
  /** What Tab comes to, from the top of the page, as long as it stays in the header. */
  async function tabbedInHeader(page: Page): Promise<string[]> {
    const names: string[] = [];
    for (;;) {
      await page.keyboard.press('Tab');
      const name = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        if (element.matches('.sl-skip-link')) return '';
        const label = element.getAttribute('aria-label') ?? element.closest('label')?.querySelector('.sr-only')?.textContent;
        return element.closest('header') ? (label ?? element.innerText.split('\n')[0]) : undefined;
      });
      if (name === undefined) return names;
      if (name !== '') names.push(name);
    }
  }

  test('reaches everything in the header, in the order in which it stands there', async () => {
    const page = await open('');
    const names = ['Lockstep', 'Search', 'Lecture', 'Labs', 'Machine', 'Emulator', 'Glossary', 'Instructors', 'Theme'];
    expect(await tabbedInHeader(page)).toEqual(names);
  });

  test('reaches what a phone’s header has, and opens and closes its menu', async () => {
    await context.close();
    context = await site.browser.newContext({ viewport: PHONE });
    expect(await tabbedInHeader(await open(''))).toEqual(['Lockstep', 'Search', 'Lecture', 'Labs', 'Theme']);
    const page = await open(first);
    await page.getByRole('button', { name: 'Menu' }).press('Enter');
    await page.locator('nav.sidebar a[data-page]').first().waitFor({ state: 'visible' });
    await page.keyboard.press('Escape');
    await page.locator('nav.sidebar a[data-page]').first().waitFor({ state: 'hidden' });
  });
});

describe('on paper', () => {
  beforeEach(async () => {
    await context.close();
    context = await site.browser.newContext({ viewport: LAPTOP, colorScheme: 'dark', reducedMotion: 'reduce' });
  });

  test('a chapter is black on white whatever the screen shows, without navigation', async () => {
    const page = await open('lecture/replication/');
    await page.emulateMedia({ media: 'print' });
    const shown = await page.evaluate(() => ({
      navigation: [...document.querySelectorAll('nav, header, .pagination-links, aside, page-visit')].filter((element) =>
        element.checkVisibility(),
      ).length,
      background: getComputedStyle(document.body).backgroundColor,
      colour: getComputedStyle(document.querySelector('.sl-markdown-content p')!).color,
      link: getComputedStyle(document.querySelector('.sl-markdown-content a')!).textDecorationLine,
    }));
    expect(shown).toEqual({ navigation: 0, background: 'rgb(255, 255, 255)', colour: 'rgb(0, 0, 0)', link: 'underline' });
  });

  test('a lab is its statement, with its hints unfolded', async () => {
    const page = await open('labs/logging-channel/');
    await page.emulateMedia({ media: 'print' });
    const hint = page.locator('.statement details p').last();
    expect(await hint.evaluate((element) => element.getBoundingClientRect().height)).toBeGreaterThan(0);
    expect(await page.locator('.workspace .editor').isVisible()).toBe(false);
    const ends = await page.locator('.workspace').evaluate((element) => {
      const last = element.querySelector('.statement > :last-child')!;
      return { text: last.getBoundingClientRect().bottom, page: element.getBoundingClientRect().bottom };
    });
    expect(ends.text).toBeLessThanOrEqual(ends.page);
  });
});
