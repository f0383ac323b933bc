/**
 * Drives a lab's page in Chromium as a student would: opens it, puts text into the editor, presses Run, reads the report. The parity test
 * and the benchmarks share it.
 */
import type { Browser, Page } from 'playwright-core';

/** One run in the page. */
export interface PageRun {
  /** The canonical report, as the page offers it for download. */
  report: string;
  /** From the press of Run until the verdict is drawn, in milliseconds. */
  tookMs: number;
}

export interface LabPage {
  page: Page;
  /** Replaces the text of the editor, by pasting. */
  write(source: string): Promise<void>;
  /** Presses Run and waits for the verdict. @throws Error with the page's own words where nothing was graded */
  run(): Promise<PageRun>;
  close(): Promise<void>;
}

const WORKSPACE = '.workspace[data-ready="true"]';

/** Opens the page of a lab in a browser context of its own: nothing saved, nothing cached. `site` is the address of the home page. */
export async function openLabPage(browser: Browser, site: string, labId: string): Promise<LabPage> {
  const context = await browser.newContext();
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: new URL(site).origin });
  const page = await context.newPage();
  await page.goto(`${site}labs/${labId}/`);
  await page.waitForSelector(WORKSPACE, { timeout: 60_000 });
  return {
    page,
    write: async (source) => {
      await page.evaluate((text) => navigator.clipboard.writeText(text), source);
      await page.locator('.editor .view-lines').first().click();
      await page.keyboard.press('ControlOrMeta+A');
      await page.keyboard.press(source === '' ? 'Delete' : 'ControlOrMeta+V');
    },
    run: () => pressRun(page),
    close: () => context.close(),
  };
}

/** Presses Run inside the page, so that the clock that measures it is the page's own. */
async function pressRun(page: Page): Promise<PageRun> {
  const ended = await page.evaluate(async (selector) => {
    const workspace = document.querySelector<HTMLElement>(selector)!;
    const button = [...workspace.querySelectorAll<HTMLButtonElement>('button.run')].find((each) => each.offsetParent !== null)!;
    const startedMs = performance.now();
    const progress = await new Promise<string>((resolve) => {
      const observer = new MutationObserver(() => {
        const now = workspace.dataset.progress ?? '';
        if (now === 'preparing' || now === 'running') return;
        observer.disconnect();
        resolve(now);
      });
      observer.observe(workspace, { attributeFilter: ['data-progress'] });
      button.click();
    });
    // The second frame begins when the first, which draws the verdict, has been drawn.
    await new Promise<void>((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => resolve())));
    return {
      progress,
      tookMs: performance.now() - startedMs,
      verdict: workspace.querySelector('[data-testid="verdict"]')?.textContent ?? '',
      report: workspace.querySelector('[data-lockstep-report]')?.textContent ?? '',
    };
  }, WORKSPACE);
  if (ended.progress !== 'done') throw new Error(`the page graded nothing: ${ended.verdict}`);
  return { report: ended.report, tookMs: ended.tookMs };
}
