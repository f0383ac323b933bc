/** The machine room in a browser: guests booted, typed to, stopped, stepped forward and back; files that are no images; what a reader sees and hears. */
import { AxeBuilder } from '@axe-core/playwright';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { guests } from '../../labs-runtime/guests/index.ts';
import { fetchedFiles, kilobytes } from '../../scripts/page-weight.ts';
import { DIST } from '../../scripts/repository.ts';
import { bytesOf, jal, li, sb, UART } from '../labs-runtime/emulator/assembler.ts';
import { goTo } from './lab-page.ts';
import { inNewContext, LAPTOP, open, PHONE } from './site-page.ts';
import { serveSite } from './served-site.ts';

const PATH = 'machine/';
/** A page with a machine comes to each state within a second; this is for a computer that has much else to do. */
const PATIENCE = { timeout: 30_000 };

const site = serveSite();

/** Opens the machine room, does something there, and sees to it that nothing went wrong on the way. */
async function inRoom(run: (page: Page) => Promise<void>, options: { path?: string; viewport?: typeof LAPTOP } = {}): Promise<void> {
  const { path = PATH, viewport = LAPTOP } = options;
  await inNewContext(site.browser, { viewport, reducedMotion: 'reduce' }, async (context) => {
    const { page, problems } = await open(context, site.url, path);
    await page.waitForSelector('.machine-room[data-ready="true"]', PATIENCE);
    await run(page);
    expect(problems).toEqual([]);
  });
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const activityIs = (page: Page, activity: string) => page.waitForSelector(`[data-activity="${activity}"]`, PATIENCE);
const screen = (page: Page) => page.locator('.xterm-rows').innerText();
const screenSays = (page: Page, what: RegExp) => expect.poll(() => screen(page), PATIENCE).toMatch(what);
/** A reader types when there is a console to be seen, which is fetched while the machine boots already. */
const typeInConsole = async (page: Page, keys: string) => {
  await page.waitForSelector('.xterm textarea:focus', { ...PATIENCE, state: 'attached' });
  await page.keyboard.type(keys);
};
const position = async (page: Page) => Number((await page.getByTestId('position').innerText()).replaceAll(',', ''));
const positionIs = (page: Page, wanted: number) => expect.poll(() => position(page), PATIENCE).toBe(wanted);
const registers = (page: Page) => page.locator('.registers dl').first().locator('dd').allInnerTexts();

/** Boots a guest and waits until it has nothing to do. */
async function bootAndPause(page: Page, guest: string): Promise<void> {
  await button(page, guest).click();
  await activityIs(page, 'waiting');
  await button(page, 'Pause').click();
  await activityIs(page, 'paused');
}

/** Presses Step or Step back and waits until the machine is there. Returns the registers. */
async function press(page: Page, name: 'Step' | 'Step back'): Promise<string[]> {
  const before = await position(page);
  await button(page, name).click();
  await positionIs(page, before + (name === 'Step' ? 1 : -1));
  // The registers come right after the position.
  await expect.poll(async () => (await page.locator('.code [aria-current]').count()) === 1, PATIENCE).toBe(true);
  return registers(page);
}

describe('a guest', () => {
  test('is booted, answers what is typed, and says what it waits for', async () => {
    await inRoom(async (page) => {
      await button(page, 'shell').click();
      await activityIs(page, 'waiting');
      expect(await page.getByTestId('state').innerText()).toContain('Waiting for input');
      // The focus goes there by itself.
      await typeInConsole(page, 'echo doors open\r');
      await screenSays(page, /^doors open/m);
    });
  });

  test('can be named in the address', async () => {
    await inRoom(
      async (page) => {
        await activityIs(page, 'waiting');
        await typeInConsole(page, 'ab');
        await screenSays(page, /^2 [0-9a-f]{4}/m);
      },
      { path: `${PATH}?guest=counter` },
    );
  });

  test('is paused, stepped, and stepped back to the registers from before', async () => {
    await inRoom(async (page) => {
      await bootAndPause(page, 'counter');
      const seen = [await registers(page)];
      for (let step = 0; step < 3; step++) seen.push(await press(page, 'Step'));
      expect(new Set(seen.map(([pc]) => pc)).size).toBeGreaterThan(1);
      expect(await page.locator('[data-register=pc]').getAttribute('class')).toContain('changed');
      for (const before of seen.slice(0, -1).reverse()) {
        await button(page, 'Step back').click();
        await expect.poll(() => registers(page), PATIENCE).toEqual(before);
      }
      expect(await page.getByTestId('state').innerText()).toContain('In the past');
    });
  });

  test('goes back to a count with its console, and from there into another future', async () => {
    await inRoom(async (page) => {
      await button(page, 'counter').click();
      await activityIs(page, 'waiting');
      await typeInConsole(page, 'a');
      await screenSays(page, /^1 /m);
      await activityIs(page, 'waiting');
      await button(page, 'Pause').click();
      await activityIs(page, 'paused');
      const [first] = (await screen(page)).split('\n');
      await page.getByLabel('Go to').fill('0');
      await page.keyboard.press('Enter');
      await positionIs(page, 0);
      await expect.poll(async () => (await screen(page)).trim(), PATIENCE).toBe('');
      // Before the key was given to the guest.
      await page.getByLabel('Go to').fill('+10');
      await page.keyboard.press('Enter');
      await positionIs(page, 10);
      await button(page, 'Forget what came after').click();
      await button(page, 'Run').click();
      await activityIs(page, 'waiting');
      await page.locator('.xterm').click();
      await typeInConsole(page, 'b');
      await screenSays(page, /^1 /m);
      expect((await screen(page)).split('\n')[0]).not.toBe(first);
    });
  });

  test('with two harts runs on both, and shows either', async () => {
    await inRoom(async (page) => {
      await button(page, 'racer').click();
      await activityIs(page, 'off');
      await screenSays(page, /hart 1: 1000/);
      expect(await page.getByTestId('state').innerText()).toContain('Powered off');
      const shown = page.getByLabel('Hart shown');
      await shown.selectOption('hart 0');
      const stackOf = async () => (await page.locator('[data-register=sp] dd').innerText()).trim();
      const first = await stackOf();
      await shown.selectOption('hart 1');
      await expect.poll(stackOf, PATIENCE).not.toBe(first);
    });
  });

  test('that floods its console leaves the page at hand', async () => {
    const flood = bytesOf([...li(5, UART), ...li(6, 0x41), sb(6, 5, 0), jal(0, -4)]);
    await inRoom(async (page) => {
      await page.locator('input[type=file]').setInputFiles({ name: 'flood', mimeType: '', buffer: Buffer.from(flood) });
      await activityIs(page, 'running');
      await expect.poll(() => position(page), PATIENCE).toBeGreaterThan(1_000_000);
      await button(page, 'Pause').click();
      await activityIs(page, 'paused');
      const at = await position(page);
      await press(page, 'Step');
      expect(await position(page)).toBe(at + 1);
    });
  });

  test('takes other options at the next reset', async () => {
    await inRoom(async (page) => {
      await bootAndPause(page, 'counter');
      await button(page, 'Options').click();
      await page.getByLabel('Harts').selectOption('2');
      await page.getByRole('combobox', { name: 'Memory' }).selectOption('1 MiB');
      await button(page, 'Reset now').click();
      await positionIs(page, 0);
      await expect.poll(() => page.locator('.facts').innerText(), PATIENCE).toBe('1 MiB of memory, 2 harts');
      expect(await page.getByLabel('Hart shown').isVisible()).toBe(true);
    });
  });
});

test('a file becomes the disk, and the disk a file', async () => {
  await inRoom(async (page) => {
    await bootAndPause(page, 'counter');
    await button(page, 'Options').click();
    const content = Buffer.from(Array.from({ length: 1500 }, (_, index) => index & 0xff));
    await page.getByLabel('Insert a file').setInputFiles({ name: 'disk', mimeType: '', buffer: content });
    await expect.poll(() => page.locator('.facts').innerText(), PATIENCE).toContain('1.5 KiB of disk');
    const download = page.waitForEvent('download', PATIENCE);
    await button(page, 'Download').click();
    const saved = readFileSync(await (await download).path());
    expect(saved).toHaveLength(1536);
    expect(saved.subarray(0, 1500).equals(content)).toBe(true);
  });
});

describe('memory', () => {
  test('is shown from an address, or from where a register points', async () => {
    await inRoom(async (page) => {
      await bootAndPause(page, 'shell');
      const box = page.getByLabel('Address, or a register');
      const firstAddress = () => page.locator('.memory li .address').first().innerText();
      await box.fill('0x80001234');
      await page.keyboard.press('Enter');
      await expect.poll(firstAddress, PATIENCE).toBe('80001230');
      await box.fill('sp');
      await page.keyboard.press('Enter');
      const pointer = (await page.locator('[data-register=sp] dd').innerText()).trim();
      const shown = async () => (await page.locator('.memory li .address').allInnerTexts()).includes(`${pointer.slice(0, 7)}0`);
      await expect.poll(shown, PATIENCE).toBe(true);
      await box.fill('nowhere');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').filter({ hasText: 'An address such as' }).waitFor();
    });
  });
});

describe('a file', () => {
  const truncated = { name: 'broken.elf', mimeType: '', buffer: Buffer.from([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]) };
  const refusal = /^The ELF file is truncated: it ends at byte 7/;

  /** Drops a file on the page, as from the desktop. */
  async function drop(page: Page, bytes: number[]): Promise<void> {
    await page.evaluate((content) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([Uint8Array.from(content)], 'dropped'));
      const target = document.querySelector('.machine-room')!;
      for (const type of ['dragenter', 'dragover', 'drop'])
        target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }, bytes);
  }

  test('that is no image is refused in words, beside the place for it', async () => {
    await inRoom(async (page) => {
      await page.locator('input[type=file]').setInputFiles(truncated);
      await expect.poll(() => page.locator('.own [role=alert]').innerText(), PATIENCE).toMatch(refusal);
    });
  });

  test('is taken where it is dropped; a bad one leaves the machine before it running', async () => {
    await inRoom(async (page) => {
      await drop(page, [...(await guests.counter.load())]);
      await activityIs(page, 'waiting');
      await typeInConsole(page, 'x');
      await screenSays(page, /^1 /m);
      await drop(page, [...truncated.buffer]);
      await expect.poll(() => page.getByRole('dialog').locator('[role=alert]').innerText(), PATIENCE).toMatch(refusal);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.locator('.xterm').click();
      await typeInConsole(page, 'y');
      await screenSays(page, /^2 /m);
    });
  });
});

describe('by keyboard', () => {
  test('a guest is chosen, typed to, left with Tab, and stepped', async () => {
    await inRoom(async (page) => {
      await goTo(page, button(page, 'counter'));
      await page.keyboard.press('Enter');
      await activityIs(page, 'waiting');
      await typeInConsole(page, 'a');
      await screenSays(page, /^1 /m);
      // Control and I is the tab that Tab is not here.
      await page.keyboard.press('Control+I');
      await screenSays(page, /^2 /m);
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement!.closest('.console') === null)).toBe(true);
      await goTo(page, button(page, 'Pause'), 'Shift+Tab');
      await page.keyboard.press('Enter');
      await activityIs(page, 'paused');
      await goTo(page, button(page, 'Step'));
      const before = await position(page);
      await page.keyboard.press('Enter');
      await positionIs(page, before + 1);
    });
  });

  test('the dialog for another program is left with Escape, to where it was opened', async () => {
    await inRoom(async (page) => {
      await bootAndPause(page, 'counter');
      await goTo(page, button(page, 'Another program'), 'Shift+Tab');
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      expect(await button(page, 'Another program').evaluate((element) => element === document.activeElement)).toBe(true);
    });
  });
});

describe('for every reader', () => {
  /** Serious and critical findings of axe, each as a line. */
  async function findings(page: Page): Promise<string[]> {
    const { violations } = await new AxeBuilder({ page }).analyze();
    const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
    return grave.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id} (${help}) at ${target.join(' ')}`));
  }

  test.each([LAPTOP, PHONE])(
    'axe finds nothing grave in a machine at work, in the past, and in its dialogs, in either theme ($width px)',
    async (viewport) => {
      await inRoom(
        async (page) => {
          await button(page, 'shell').click();
          await activityIs(page, 'waiting');
          await typeInConsole(page, 'help\r');
          await screenSays(page, /poweroff/);
          for (const colorScheme of ['light', 'dark'] as const) {
            await page.emulateMedia({ colorScheme });
            await page.waitForFunction((wanted) => document.documentElement.dataset['theme'] === wanted, colorScheme);
            expect(await findings(page)).toEqual([]);
          }
          await button(page, 'Pause').click();
          await press(page, 'Step');
          await button(page, 'Step back').click();
          await button(page, 'To the present').waitFor();
          await button(page, 'Options').click();
          await button(page, 'State hash').click();
          for (const colorScheme of ['dark', 'light'] as const) {
            await page.emulateMedia({ colorScheme });
            await page.waitForFunction((wanted) => document.documentElement.dataset['theme'] === wanted, colorScheme);
            expect(await findings(page)).toEqual([]);
          }
          await button(page, 'Another program').click();
          await page
            .getByRole('dialog')
            .locator('input[type=file]')
            .setInputFiles({ name: 'x.elf', mimeType: '', buffer: Buffer.from('\x7fELF') });
          await page.getByRole('dialog').getByText('The ELF file is truncated').waitFor();
          expect(await findings(page)).toEqual([]);
        },
        { viewport },
      );
    },
  );

  test.each([LAPTOP, { width: 1100, height: 800 }, PHONE])('nothing is cut off at the side ($width px)', async (viewport) => {
    await inRoom(
      async (page) => {
        await bootAndPause(page, 'shell');
        const overflow = await page.evaluate(() => {
          const right = document.documentElement.clientWidth;
          const shown = [...document.querySelectorAll('.machine-room :is(button, input, dd, li span, p, h1)')];
          return shown.filter((element) => element.getBoundingClientRect().right > right + 0.5).map((element) => element.outerHTML);
        });
        expect(overflow).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth)).toBe(true);
      },
      { viewport },
    );
  });
});

test('the terminal and the machine are fetched when a program boots, and not before', async () => {
  const { first, later } = await fetchedFiles(site.browser, { root: DIST, path: PATH });
  const files = [...first, ...later];
  expect(files.filter((file) => /terminal\.|worker|\.image\./.test(file))).toEqual([]);
  expect(kilobytes(files)).toBeLessThan(75);
});
