/** The lab's page in Chromium, as a student uses it: write, run, read the verdict, and lose nothing on the way. */
import { readFileSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { REPOSITORY } from '../../scripts/repository.ts';
import type { Report } from '../../labs-runtime/checks/report.ts';
import { lab } from '../../src/labs/logging-channel/lab.ts';
import { labMatrix } from '../src/labs/lab-matrix.ts';
import { mutants, mutantSource, solutionSource } from '../src/labs/logging-channel/mutants.ts';
import { editorText, openTab, shownVerdicts, waitForState, writeText } from './lab-page.ts';
import { serveSite } from './served-site.ts';

const starter = readFileSync(`${REPOSITORY}src/labs/${lab.id}/starter/${lab.files[0]}`, 'utf8');
/** Its loop does some work, so that the run lasts long enough to do things meanwhile. */
const loop = 'export function start() {\n  return {};\n}\n\nexport function step() {\n  for (;;) [3, 1, 2].sort();\n}\n';
const ended = ['done', 'stopped', 'failed'];

const site = serveSite();
let context: BrowserContext;
let page: Page;

beforeEach(async () => {
  context = await site.browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(site.url).origin });
  page = await openTab(context, site.url);
});

afterEach(async () => {
  await context.close();
});

/** Presses Run, waits for the end, and returns the words of the live region. */
async function run(tab = page): Promise<string> {
  await tab.locator('button.run:visible').click();
  await waitForState(tab, 'progress', ended);
  return tab.getByTestId('verdict').innerText();
}

describe.each(labMatrix)('the lab $lab.id', ({ lab: { id, number, checks, ...lab }, solutions, mutants, solutionSource, mutantSource }) => {
  const points = checks.reduce((sum, check) => sum + check.points, 0);
  const best = (tab: Page) => tab.evaluate((key) => localStorage.getItem(key), `lockstep:best:${id}`);

  test('is solved through its page, and its best score is kept', async () => {
    const tab = await openTab(context, site.url, `labs/${id}/`);
    expect(await tab.locator('.statement').innerText()).toMatch(new RegExp(`^Lab ${number} of ${labMatrix.length}\\b`));
    expect(await tab.locator('.statement h1').innerText()).toBe(lab.title);
    await writeText(tab, solutionSource(solutions[0]!));
    expect(await run(tab)).toBe(`${checks.length} of ${checks.length} checks pass, ${points} of ${points} points.`);
    expect(await tab.locator('.squiggly-error').count()).toBe(0);
    expect(JSON.parse((await best(tab))!)).toEqual({ points, pointsMax: points });
    await writeText(tab, mutantSource(mutants[0]!));
    expect(await run(tab)).not.toContain(`${checks.length} of ${checks.length} checks`);
    expect(JSON.parse((await best(tab))!)).toEqual({ points, pointsMax: points });
  });

  test('replays a failing run from a link, and says when the text passes now', async () => {
    const mutant = mutants.findLast(({ verdict }) => verdict === undefined)!;
    const tab = await openTab(context, site.url, `labs/${id}/`);
    await writeText(tab, mutantSource(mutant));
    await run(tab);
    const report = JSON.parse((await tab.locator('[data-lockstep-report]').textContent())!) as Report;
    const seed = report.checks.find((check) => check.id === mutant.fails)!.failure!.seed!;
    await tab.goto(`${site.url}labs/${id}/?check=${mutant.fails}&seed=${seed}`);
    await waitForState(tab, 'progress', ended);
    const details = tab.locator(`[data-check="${mutant.fails}"] details`);
    await expect.poll(() => details.getAttribute('open')).not.toBeNull();
    await expect.poll(() => isInView(tab, `[data-check="${mutant.fails}"] .trace-drawing`)).toBe(true);
    expect(await tab.locator('.notice').count()).toBe(0);
    await writeText(tab, solutionSource(solutions[0]!));
    await waitForState(tab, 'save', ['saved']);
    await tab.reload();
    await waitForState(tab, 'progress', ended);
    await tab.locator('.notice').getByText('Your text now passes').waitFor();
  });
});

/** Whether some of an element is on the screen, and in view of the pane that it scrolls in. */
function isInView(tab: Page, selector: string): Promise<boolean> {
  return tab.locator(selector).evaluate((element) => {
    const [{ top, bottom }, pane] = [element.getBoundingClientRect(), element.closest('.scroll')!.getBoundingClientRect()];
    return Math.min(bottom, pane.bottom, innerHeight) - Math.max(top, pane.top, 0) > 100;
  });
}

test.each([1440, 390])('on a screen of %d pixels a trace’s drawing has its words within its width', async (width) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await writeText(page, mutantSource(mutants.find(({ fails }) => fails === 'late-bytes')!));
  await run();
  await page.setViewportSize({ width, height: 844 });
  const drawing = page.locator('.trace-drawing').first();
  await expect.poll(() => drawing.evaluate((svg) => svg.clientWidth <= svg.parentElement!.clientWidth)).toBe(true);
  const outside = await drawing.evaluate((svg) => {
    const frame = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll('text')].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    return boxes.filter(({ box }) => box.left < frame.left || box.right > frame.right).map(({ text }) => text);
  });
  expect(outside).toEqual([]);
});

describe('running the checks', () => {
  test('a solution passes every check, by Control Enter in the editor', async () => {
    await writeText(page, solutionSource('checksum'));
    await page.keyboard.press('ControlOrMeta+Enter');
    await waitForState(page, 'progress', ended);
    expect(await page.getByTestId('verdict').innerText()).toBe('10 of 10 checks pass, 100 of 100 points.');
    expect(new Set(Object.values(await shownVerdicts(page)))).toEqual(new Set(['pass']));
    expect(await page.locator('.workspace').getAttribute('data-pane')).toBe('checks');
  });

  test('a mutant fails in the check named for it, with a message, a trace and a section that explains it', async () => {
    const mutant = mutants.find(({ fails }) => fails === 'once')!;
    await writeText(page, mutantSource(mutant));
    expect(await run()).toMatch(/^\d of 10 checks pass/);
    expect((await shownVerdicts(page))['once']).toBe('fail');
    const row = page.locator('[data-check="once"]');
    if ((await row.locator('details').getAttribute('open')) === null) await row.locator('summary').click();
    for (const part of ['Expected', 'Observed', 'A client sees', 'Likely cause']) expect(await row.innerText()).toContain(part);
    expect(await row.locator('[data-row]').count()).toBeGreaterThan(1);
    expect(await row.locator('svg text', { hasText: 'Rule broken here' }).count()).toBe(1);
    await expectSectionExists(await row.getByRole('link', { name: 'in the lecture' }).getAttribute('href'));
  });

  test('an infinite loop ends by step budget with its line, and one can type meanwhile', async () => {
    await writeText(page, loop);
    await page.locator('button.run:visible').click();
    await waitForState(page, 'progress', ['running']);
    await page.locator('.editor .view-lines').first().click();
    await page.keyboard.press('ControlOrMeta+End');
    await page.keyboard.insertText('// typed during the run');
    await page.waitForFunction(() => document.querySelector('.view-lines')?.textContent?.includes('typed'));
    const stillRunning = await page.locator('.workspace').getAttribute('data-progress');
    expect(stillRunning).toBe('running');
    await waitForState(page, 'progress', ended);
    expect(new Set(Object.values(await shownVerdicts(page)))).toEqual(new Set(['step budget']));
    await page.getByRole('button', { name: 'channel.ts:6' }).first().click();
    await page.keyboard.type('/**/');
    expect((await editorText(page)).split('\n')[5]).toContain('/**/');
  });

  test('Stop ends a run at once, and the next run works', async () => {
    await writeText(page, loop);
    await page.locator('button.run:visible').click();
    await waitForState(page, 'progress', ['running']);
    await page.getByRole('button', { name: 'Stop' }).filter({ visible: true }).click();
    await waitForState(page, 'progress', ['stopped']);
    // Stopped before anything runs: what was being compiled must not start a run of its own later.
    await page.locator('button.run:visible').click();
    await page.getByRole('button', { name: 'Stop' }).filter({ visible: true }).click();
    await waitForState(page, 'progress', ['stopped']);
    await writeText(page, starter);
    expect(await run()).toBe('0 of 10 checks pass, 0 of 100 points.');
  });

  test('a syntax error is told with its place', async () => {
    await writeText(page, 'export function start() {\n  return {;\n}\n');
    expect(await run()).toMatch(/^Not run: /);
    await page.getByRole('button', { name: 'channel.ts:2:11' }).click();
  });
});

/** The link of a message leads to a heading of a page that exists. */
async function expectSectionExists(href: string | null): Promise<void> {
  const address = new URL(href ?? '', site.url);
  const html = await (await fetch(address)).text();
  expect(html).toContain(`id="${address.hash.slice(1)}"`);
}

test.runIf(process.env['UPDATE_SCREENSHOT'] === '1')('the picture for the README', async () => {
  await writeText(page, mutantSource(mutants.find(({ fails }) => fails === 'backup-buffer')!));
  await page.keyboard.press('ControlOrMeta+Home');
  await run();
  const failing = page.locator('[data-check="backup-buffer"]');
  await failing.scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  await page.screenshot({ path: `${REPOSITORY}docs/lab-page.png` });
});

describe('the editor', () => {
  test('knows the lab’s types, and marks a wrong use of them', async () => {
    expect(await page.locator('.squiggly-error').count()).toBe(0);
    await writeText(page, `import type { Role } from 'lockstep/logging-channel';\nexport const role: Role = 'third';\n`);
    await page.waitForSelector('.squiggly-error');
    await page.locator('.view-line').nth(1).getByText('Role', { exact: true }).hover();
    await page.getByText('Which machine this end of the channel belongs to').waitFor();
  });

  test('shows the checks, which cannot be edited', async () => {
    await page.getByRole('tab', { name: 'checks.ts' }).click();
    await page.waitForFunction(() => document.querySelector('.view-lines')?.textContent?.includes('vitest'));
    const before = await editorText(page);
    await page.keyboard.type('x');
    expect(await editorText(page)).toBe(before);
    expect(before).toBe(readFileSync(`${REPOSITORY}src/labs/${lab.id}/checks.ts`, 'utf8'));
  });
});

describe('nothing gets lost', () => {
  test('a reload right after typing keeps the text', async () => {
    await writeText(page, '// typed a moment before the reload\n');
    await page.reload();
    await page.waitForSelector('.workspace[data-ready="true"]');
    expect(await editorText(page)).toBe('// typed a moment before the reload\n');
  });

  test('reset can be undone, by the notice, by the editor, and from the earlier texts after a reload', async () => {
    const mine = '// hours of work\n';
    const reset = () => page.getByRole('button', { name: 'Reset' }).click();
    await writeText(page, mine);
    await reset();
    expect(await editorText(page)).toBe(starter);
    await page.getByRole('button', { name: 'Undo' }).click();
    expect(await editorText(page)).toBe(mine);
    await reset();
    await editorText(page);
    await page.keyboard.press('ControlOrMeta+Z');
    expect(await editorText(page)).toBe(mine);
    await reset();
    await page.reload();
    await page.waitForSelector('.workspace[data-ready="true"]');
    expect(await editorText(page)).toBe(starter);
    await page.getByRole('button', { name: 'Earlier texts' }).click();
    await page.getByRole('button', { name: 'Restore' }).first().click();
    expect(await editorText(page)).toBe(mine);
  });

  test('an earlier text can be compared with the present one', async () => {
    await writeText(page, `${starter}// hours of work\n`);
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('button', { name: 'Earlier texts' }).click();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.locator('.changes .char-delete', { hasText: 'hours of work' }).waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    expect(await editorText(page)).toBe(starter);
  });

  test('a second tab shows what the first one saved', async () => {
    const other = await openTab(context, site.url);
    await writeText(page, '// from the first tab\n');
    await waitForState(page, 'save', ['saved']);
    await other.waitForFunction(() => document.querySelector('.view-lines')?.textContent?.includes('first'));
    expect(await editorText(other)).toBe('// from the first tab\n');
  });

  test('of two tabs that type at once, both texts are kept, and the page says so', async () => {
    const other = await openTab(context, site.url);
    await Promise.all(
      [page, other].map((tab) =>
        tab.evaluate(() => document.querySelector<HTMLElement>('.editor textarea, .native-edit-context')?.focus()),
      ),
    );
    await Promise.all([page.keyboard.insertText('/* one */'), other.keyboard.insertText('/* two */')]);
    const notices = [page, other].map((tab) => tab.getByText('Two tabs wrote to channel.ts').waitFor());
    await Promise.any(notices);
    const texts = await page.evaluate(() => Object.keys(localStorage).map((key) => localStorage.getItem(key)));
    expect(texts.some((text) => text?.includes('/* one */'))).toBe(true);
    expect(texts.some((text) => text?.includes('/* two */'))).toBe(true);
  });

  test('a browser that refuses to save is told of, with a download at hand', async () => {
    await page.evaluate(() => {
      Storage.prototype.setItem = () => {
        throw new DOMException('full', 'QuotaExceededError');
      };
    });
    await writeText(page, '// not to be lost\n');
    await page.getByRole('alert').getByText('Not saved').waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download it' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe('channel.ts');
    expect(readFileSync(await file.path(), 'utf8')).toBe('// not to be lost\n');
  });
});
