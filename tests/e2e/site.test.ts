/** The site as a university would serve it, below a path of its own: every page loads, every link leads somewhere, nothing comes from elsewhere. */
import { globSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSite, type BuiltSite } from '../../scripts/built-site.ts';
import { launchChromium } from '../../scripts/chromium.ts';
import { startStaticServer, type StaticServer } from '../../scripts/static-server.ts';
import { chapters, labPage, machinePage, more } from '../../src/components/course.ts';
import { inNewContext, LAPTOP, open, PHONE } from './site-page.ts';

const base = '/course/ft/';

/** What is on a page: the addresses of its links, and the ids of its elements. */
interface Content {
  links: string[];
  ids: string[];
}

let built: BuiltSite;
let server: StaticServer;
let browser: Browser;
const contents = new Map<string, Content>();
const problems: string[] = [];
const widths: Record<string, number> = {};

beforeAll(async () => {
  built = await buildSite(base);
  server = await startStaticServer({ root: built.root, base });
  browser = await launchChromium();
  for (const path of built.pages) await look(path);
}, 600_000);

afterAll(async () => {
  await browser?.close();
  await server?.close();
  built?.remove();
});

/** Opens a page as wide as a laptop and as a phone, and notes what is wrong and what is on it. */
async function look(path: string): Promise<void> {
  for (const viewport of [LAPTOP, PHONE]) {
    await inNewContext(browser, { viewport }, async (context) => {
      const visit = await open(context, server.url, path);
      problems.push(...visit.problems.map((problem) => `${path}, ${viewport.width} wide: ${problem}`));
      if (viewport === PHONE) widths[path] = await visit.page.evaluate(() => document.documentElement.scrollWidth);
      const content = await visit.page.evaluate(() => ({
        links: [...document.querySelectorAll('a[href]')].map((link) => new URL(link.getAttribute('href')!, document.baseURI).href),
        ids: [...document.querySelectorAll('[id]')].map((element) => element.id),
      }));
      if (viewport === LAPTOP) contents.set(path, content);
    });
  }
}

/** Why an address of the site leads nowhere; undefined where it leads somewhere. */
async function isDead(address: string): Promise<string | undefined> {
  const { href, hash } = new URL(address);
  if (!href.startsWith(server.url)) return 'leads out of the site';
  const path = href.slice(server.url.length).replace(/[?#].*$/, '');
  const content = contents.get(path);
  if (content === undefined) return (await fetch(href)).ok ? undefined : 'no such page';
  return hash === '' || content.ids.includes(decodeURIComponent(hash.slice(1))) ? undefined : 'no such heading';
}

test('the site has every page of the course', () => {
  const labs = globSync('src/labs/*/lab.ts').map((file) => labPage(file.split(/[\\/]/)[2]!));
  const expected = ['', '404.html', ...[...chapters, ...labs, ...more, machinePage].map((page) => `${page}/`)];
  expect(built.pages.toSorted()).toEqual(expected.toSorted());
});

test('every page loads below a base path, from its own server alone', () => {
  expect(problems).toEqual([]);
});

test('every page fits a phone', () => {
  expect(Object.entries(widths).filter(([, width]) => width !== PHONE.width)).toEqual([]);
});

test('every link on every page leads to a page, and to a heading of it where it names one', async () => {
  const dead: string[] = [];
  for (const [path, { links }] of contents) {
    for (const link of new Set(links)) {
      const why = await isDead(link);
      if (why !== undefined) dead.push(`${path}: ${link}, ${why}`);
    }
  }
  expect(dead).toEqual([]);
});

test('every link that a failing check prints leads to a heading', async () => {
  const texts = globSync('src/labs/*/*.ts').map((file) => readFileSync(file, 'utf8'));
  const printed = texts.flatMap((text) => [...text.matchAll(/\b(?:lecture|labs)\/[\w-]+\/#[\w-]+/g)].map(([link]) => link));
  expect(printed.length).toBeGreaterThan(10);
  const dead: string[] = [];
  for (const link of new Set(printed)) {
    const why = await isDead(server.url + link);
    if (why !== undefined) dead.push(`${link}, ${why}`);
  }
  expect(dead).toEqual([]);
});

test('a missing page says so, with links that work', async () => {
  await inNewContext(browser, { viewport: LAPTOP }, async (context) => {
    const page = await context.newPage();
    const answer = await page.goto(`${server.url}lecture/no/such/page/`);
    expect(answer!.status()).toBe(404);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.getByRole('link', { name: 'home page' }).click();
    expect(page.url()).toBe(server.url);
  });
});

describe('the content security policy that the page for instructors names', () => {
  const text = readFileSync('src/content/docs/instructors.mdx', 'utf8');
  const policy = /^```text title="Content-Security-Policy"\n(.+)\n```/m.exec(text)![1]!;
  const lab = labPage('logging-channel');

  /** Opens pages and runs a lab's checks under a policy. Returns how the run ended, and what went wrong before it. */
  async function underPolicy(wanted: string): Promise<{ problems: string[]; progress: string | undefined }> {
    return inNewContext(browser, { viewport: LAPTOP }, async (context) => {
      await context.route('**/*', async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': wanted } });
      });
      const reading = await open(context, server.url, 'lecture/replication/');
      await reading.page.getByRole('button', { name: 'Search' }).click();
      await reading.page.keyboard.type('checkpoint');
      await reading.page.getByRole('dialog').getByRole('link').first().waitFor();
      const working = await open(context, server.url, `${lab}/`);
      const problems = [...reading.problems, ...working.problems];
      await working.page.locator('button.run:visible').click();
      await working.page.waitForSelector('.workspace:is([data-progress="done"], [data-progress="failed"])', { timeout: 60_000 });
      const progress = await working.page.locator('.workspace').getAttribute('data-progress');
      return { problems, progress: progress ?? undefined };
    });
  }

  test('stops nothing', async () => {
    expect(await underPolicy(policy)).toEqual({ problems: [], progress: 'done' });
  });

  test('is needed: without unsafe-eval, no check runs', async () => {
    const { progress } = await underPolicy(policy.replace("'unsafe-eval'", "'wasm-unsafe-eval'"));
    expect(progress).toBe('failed');
  });
});

test('lecture pages carry neither editor nor compiler', async () => {
  await inNewContext(browser, { viewport: LAPTOP }, async (context) => {
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${server.url}lecture/replication/`);
    await page.waitForLoadState('networkidle');
    expect(asked.filter((url) => /wasm|editor|worker|_lockstep|codicon/.test(url))).toEqual([]);
  });
});
