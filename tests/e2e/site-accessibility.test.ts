/** Every page through axe, in light and in dark: no finding that it calls serious or critical. What axe can't see, people have to. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { pagesOf } from '../../scripts/built-site.ts';
import { DIST } from '../../scripts/repository.ts';
import { inNewContext, LAPTOP, open } from './site-page.ts';
import { serveSite } from './served-site.ts';

const site = serveSite();

/** Serious and critical findings, each as a line. */
async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return grave.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id} (${help}) at ${target.join(' ')}`));
}

test.each(pagesOf(DIST))('page "%s" has no grave finding in either theme', async (path) => {
  await inNewContext(site.browser, { viewport: LAPTOP, colorScheme: 'light', reducedMotion: 'reduce' }, async (context) => {
    const { page } = await open(context, site.url, path);
    const light = await findings(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.waitForFunction(() => document.documentElement.dataset['theme'] === 'dark');
    expect({ light, dark: await findings(page) }).toEqual({ light: [], dark: [] });
  });
});

test('axe would say so if there were one', async () => {
  await inNewContext(site.browser, {}, async (context) => {
    const { page } = await open(context, site.url, '404.html');
    await page.evaluate(() => document.querySelector('main')!.insertAdjacentHTML('beforeend', '<img src="favicon.svg">'));
    expect((await findings(page)).join()).toContain('image-alt');
  });
});
