/** Every figure that runs the machine in the page, started as a reader would: it does what its caption and the text around it say. */
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { pagesOf } from '../../scripts/built-site.ts';
import { DIST } from '../../scripts/repository.ts';
import { inNewContext, LAPTOP, open } from './site-page.ts';
import { serveSite } from './served-site.ts';

/** One run of a figure: what the reader sets before it, and what the figure then says and shows. */
interface FigureRun {
  /** Radio buttons and boxes by the beginning of their labels, other controls by name with their value. */
  choose?: (string | { input: string; value: string })[];
  /** What else the reader does once it runs. */
  then?: (figure: Locator) => Promise<void>;
  says: RegExp;
  shows?: (figure: Locator) => Promise<void>;
}

/** A trace of the simulated world is drawn. */
async function hasRows(figure: Locator): Promise<void> {
  expect(await figure.locator('svg.trace-drawing [data-row]').count()).toBeGreaterThan(5);
}

/** A trace, and what a client holds. */
const holds = (client: 'A' | 'B', tickets: string) => async (figure: Locator) => {
  expect(await figure.locator(`[data-client=${client}]`).innerText()).toBe(tickets);
  await hasRows(figure);
};

const figures: { element: string; page: string; runs: FigureRun[] }[] = [
  {
    element: 'faulty-pair',
    page: 'lecture/failures/',
    runs: [
      {
        choose: ['The plug'],
        says: /^The backup replayed to the end of the log.*Replication helped\.$/,
        shows: async (figure) => {
          expect(await figure.locator('[data-for=got]').innerText()).toBe(await figure.locator('[data-for=right]').innerText());
          expect(await figure.locator('[data-track=primary] .stop').count()).toBe(1);
          expect(await figure.locator('[data-track=backup] .stop').count()).toBe(0);
        },
      },
      {
        choose: ['A request'],
        says: /^Both guests crashed at the instruction at 0x[0-9a-f]{8}.*Replication did not help\.$/,
        shows: async (figure) => expect(await figure.locator('[data-track] .stop').count()).toBe(2),
      },
      {
        choose: ['A bit flips in its memory, in the sum'],
        says: /of \d+ replies were wrong.*The replay noticed nothing/,
        shows: async (figure) => expect(await figure.locator('[data-for=got] .wrong').count()).toBeGreaterThan(0),
      },
      {
        choose: ['A bit flips in its memory, in how'],
        says: /All replies were right.*The replay noticed it, \d+ attempts after the fault/,
      },
    ],
  },
  {
    element: 'replica-traffic',
    page: 'lecture/replication/',
    runs: [
      {
        choose: ['a sieve'],
        says: /^State transfer sent [\d.,]+ [kM]?i?B.*, the log .*State transfer sent [\d,.]+ times as much\.$|The log stayed empty/,
      },
      { choose: ['a clock'], says: /^State transfer sent .*, the log .* times as much\.$/ },
    ],
  },
  {
    element: 'two-levels',
    page: 'lecture/level/',
    runs: [
      {
        choose: [{ input: 'text', value: 'abc' }],
        says: /^3 requests: \d+ bytes to agree on for the application, \d+ bytes for the machine\..* gives the same answers\.$/,
        shows: async (figure) =>
          expect(await figure.locator('[data-for=replies]').innerText()).toMatch(/^1 [0-9a-f]{4}, 2 [0-9a-f]{4}, 3 [0-9a-f]{4}/),
      },
    ],
  },
  {
    element: 'break-the-link',
    page: 'lecture/logging-channel/',
    runs: [
      { says: /^All 8 entries were handed over once and in order\./, shows: hasRows },
      {
        choose: ['3 entries each', { input: 'late', value: '70' }],
        says: /^All 8 entries were handed over once and in order\..*The guest stood still for \d+ ms/,
        shows: async (figure) => expect(await figure.locator('[data-trace]').innerHTML()).toContain('stalls the guest'),
      },
    ],
  },
  {
    element: 'clock-divergence',
    page: 'lecture/determinism/',
    runs: [
      { choose: ['its own clock'], says: /^At read 12 the clocks showed .* The states differ from position/ },
      { choose: ['the log of the first'], says: /The state hashes agree at all 100 positions\.$/ },
      { choose: ['that log, with this entry changed'], says: /replay diverged at position \d+/ },
    ],
  },
  {
    element: 'pull-the-plug',
    page: 'lecture/output-rule/',
    runs: [
      { choose: ['off', { input: 'moment', value: '2' }], says: /^Broken: both clients hold ticket 1/, shows: holds('B', '1') },
      { choose: ['on', { input: 'moment', value: '2' }], says: /^Consistent: /, shows: holds('B', '2') },
      { choose: ['off', { input: 'moment', value: '5' }], says: /^Consistent: /, shows: holds('A', '1') },
    ],
  },
  {
    element: 'split-brain',
    page: 'lecture/failover/',
    runs: [
      { choose: ['off'], says: /^Split brain: both machines are live, and both gave out ticket 2/, shows: holds('B', '2') },
      {
        choose: ['on', 'the backup'],
        says: /^One service: the backup holds the flag and is live, the primary has halted/,
        shows: holds('A', '1'),
      },
      {
        choose: ['on', 'the primary'],
        says: /^One service: the primary holds the flag and is live, the backup has halted/,
        shows: holds('A', '1, 2'),
      },
    ],
  },
  {
    element: 'dma-race',
    page: 'lecture/disks-and-networks/',
    runs: [
      { choose: ['straight'], says: /^By position \d+ one guest had read a word that was not there yet for the other/ },
      { choose: ['by way of a bounce buffer'], says: /^Both guests got the whole block at position \d+/ },
    ],
  },
  {
    element: 'pre-copy',
    page: 'lecture/new-replica/',
    runs: [
      { choose: ['a sieve'], says: /Both then had state hash [0-9a-f]{16}, and still agree/ },
      { choose: ['a writer', { input: 'bandwidth', value: '0' }], says: /^It does not converge: / },
    ],
  },
  {
    element: 'execution-lag',
    page: 'lecture/performance/',
    runs: [
      {
        choose: [{ input: 'share', value: '50' }],
        then: async (figure) => {
          await expect.poll(() => figure.locator('[data-for=lag]').innerText(), { timeout: 30_000 }).toMatch(/[1-9]/);
          await figure.locator('[data-stop]').click();
        },
        says: /^The backup replayed [\d,]+ entr(y|ies) that it held, and could go live .* after the primary’s end/,
      },
    ],
  },
  {
    element: 'lost-update',
    page: 'lecture/many-cores/',
    runs: [{ says: /^Counters from \d+ to [\d,]+ of 1,000\. Each replay ended in the very state of its run\./ }],
  },
  {
    element: 'find-a-schedule',
    page: 'lecture/search/',
    runs: [
      {
        choose: ['the output rule'],
        says: /^The search broke the property “no output is lost” after/,
        shows: async (figure) => {
          await hasRows(figure);
          expect(await figure.locator('[data-found]').innerText()).toMatch(/Observed\s+Server 1 goes live/);
        },
      },
      { choose: ['the test-and-set'], says: /^The search broke the property “one machine is live”.* 2 are enough/, shows: hasRows },
      { choose: ['telling the network'], says: /^Random walks broke the property “service goes on”/, shows: hasRows },
      {
        choose: ['nothing'],
        says: /^No schedule up to these bounds breaks a property: all [\d,]+ states/,
        shows: async (figure) => {
          expect(await figure.locator('[data-trace]').innerHTML()).toBe('');
          expect(await figure.locator('[data-found]').isVisible()).toBe(false);
        },
      },
    ],
  },
];

const site = serveSite();

/** Sets the figure's controls as a reader would. */
async function choose(figure: Locator, settings: FigureRun['choose'] = []): Promise<void> {
  for (const setting of settings) {
    if (typeof setting === 'string') await figure.getByLabel(new RegExp(`^\\s*${setting}`)).check();
    else await figure.locator(`input[name=${setting.input}]`).fill(setting.value);
  }
}

/** Runs a figure once, from the press of its button to its last words. */
async function runOnce(page: Page, element: string, { choose: settings, then, says, shows }: FigureRun): Promise<void> {
  const figure = page.locator(element);
  await choose(figure, settings);
  await figure.locator('[data-start]').click();
  await then?.(figure);
  await expect.poll(() => figure.locator('[role=status]').innerText(), { timeout: 60_000 }).toMatch(says);
  await shows?.(figure);
}

describe('figures that run the machine', () => {
  test('are all in this list', async () => {
    const found = await inNewContext(site.browser, { viewport: LAPTOP }, async (context) => {
      const elements: string[] = [];
      const page = await context.newPage();
      for (const path of pagesOf(DIST).filter((path) => !path.startsWith('labs/'))) {
        await page.goto(site.url + path);
        const here = await page
          .locator('[data-start]')
          .evaluateAll((buttons) => buttons.map((button) => button.closest('figure > *')!.localName));
        elements.push(...here);
      }
      return elements;
    });
    expect(found.sort()).toEqual(figures.map(({ element }) => element).sort());
  });

  test.each(figures)('$element does what its caption says', async ({ element, page: path, runs }) => {
    for (const run of runs)
      await inNewContext(site.browser, { viewport: LAPTOP, reducedMotion: 'reduce' }, async (context) => {
        const { page, problems } = await open(context, site.url, path);
        await runOnce(page, element, run);
        expect(problems).toEqual([]);
      });
  });
});
