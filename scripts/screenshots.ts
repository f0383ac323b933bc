/**
 * `npm run screenshots`, or `npm run screenshots -- FOLDER WORD...`: builds the site and takes a picture of every page (or of those whose path
 * holds one of the words), light and dark, as wide as a laptop and as a phone, so that anyone can look at them side by side.
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { buildSite } from './built-site.ts';
import { launchChromium } from './chromium.ts';
import { startStaticServer } from './static-server.ts';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
];
const THEMES = ['light', 'dark'] as const;

/** A page's path as a part of a file's name: `lecture/level/` becomes `lecture-level`, home becomes `home`. */
function nameOf(path: string): string {
  return (
    path
      .replace(/\/$/, '')
      .replace(/\.html$/, '')
      .replaceAll('/', '-') || 'home'
  );
}

/** Takes the four pictures of one page. Without motion, so that figures show all they have. */
async function photograph(browser: Browser, site: string, path: string, folder: string): Promise<void> {
  for (const viewport of SIZES) {
    for (const theme of THEMES) {
      const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      await page.goto(site + path);
      if (path.startsWith('labs/')) await page.waitForSelector('.workspace[data-ready="true"]', { timeout: 60_000 });
      await page.waitForLoadState('networkidle');
      await page.screenshot({ path: join(folder, `${nameOf(path)}.${viewport.width}.${theme}.png`), fullPage: true });
      await context.close();
    }
  }
}

const [folder = join(tmpdir(), 'lockstep-screenshots'), ...words] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
console.log('Building the course ...');
const built = await buildSite();
const server = await startStaticServer({ root: built.root });
const browser = await launchChromium();
try {
  const pages = built.pages.filter((path) => words.length === 0 || words.some((word) => nameOf(path).includes(word)));
  for (const path of pages) {
    console.log(`  ${nameOf(path)}`);
    await photograph(browser, server.url, path, folder);
  }
  console.log(`${pages.length * SIZES.length * THEMES.length} pictures are in ${resolve(folder)}`);
} finally {
  await browser.close();
  await server.close();
  built.remove();
}
