/** The machine room's worker, driven through its messages by a page that is not there, in virtual time. */
import { describe, expect, test } from 'vitest';
import { optionsForImage } from '../../../src/machine-room/boot-options.ts';
import { IN_FLIGHT_MAX_BYTES } from '../../../src/machine-room/console-flow.ts';
import { addi, bytesOf, jal, li, lw, sb, sw, UART, WFI, type Code, CLINT, MTIMECMP, csrrs } from '../../labs-runtime/emulator/assembler.ts';
import { FakePage } from './fake-page.ts';

/** Boots code of a test's own. */
function bootCode(page: FakePage, code: Code): void {
  const image = bytesOf(code);
  page.send({ kind: 'boot', name: 'code', image, options: optionsForImage(image) });
}

const FLOOD: Code = [...li(5, UART), ...li(6, 0x41), sb(6, 5, 0), jal(0, -4)];
const ENDLESS: Code = [jal(0, 0)];

async function counterWithThreeKeys(): Promise<FakePage> {
  const page = new FakePage();
  await page.boot('counter');
  page.untilIs('waiting');
  for (const key of 'abc') {
    page.type(key);
    page.untilIs('waiting');
    page.until(() => page.isIdle, 'it rests');
  }
  return page;
}

describe('a guest that is run', () => {
  test('answers what is typed, and costs nothing while it waits', async () => {
    const page = await counterWithThreeKeys();
    expect(page.screen.trim().split('\n').at(-1)).toMatch(/^3 /);
    expect(page.status.activity).toEqual({ kind: 'waiting', timer: false });
    expect(page.isIdle).toBe(true);
  });

  test('is told of its end, and boots again on request', async () => {
    const page = new FakePage();
    await page.boot('racer');
    page.untilIs('off');
    const screen = page.screen;
    expect(page.status.activity).toEqual({ kind: 'off', asked: 'power-off' });
    expect(screen.length).toBeGreaterThan(10);
    page.send({ kind: 'reset', options: { ...optionsForImage(new Uint8Array(4)), ramBytes: 65536, harts: 2 } });
    expect(page.status.position).toBe(0);
    page.untilIs('off');
    expect(page.screen).toBe(screen);
  });

  test('by the seed, harts take other turns', async () => {
    const ends = [1, 1, 2].map(async (scheduleSeed) => {
      const page = new FakePage();
      await page.boot('racer', { scheduleSeed });
      page.untilIs('off');
      return `${page.status.position} ${page.screen}`;
    });
    const [one, again, other] = await Promise.all(ends);
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });

  test('stands when it is paused, and its clock with it', async () => {
    const readClock: Code = [...li(5, CLINT + 0xbff8), lw(6, 5, 0), jal(0, -4)];
    const page = new FakePage();
    bootCode(page, readClock);
    for (let count = 0; count < 20; count++) page.happen();
    page.send({ kind: 'pause' });
    page.send({ kind: 'step' });
    page.send({ kind: 'step' });
    const before = page.view.registers[6]!;
    expect(before).toBeGreaterThan(0);
    page.nowMs += 1e6;
    page.send({ kind: 'step' });
    page.send({ kind: 'step' });
    expect(page.view.registers[6]).toBe(before);
    expect(page.isIdle).toBe(true);
  });

  test('says how fast it is while it runs, and not while it rests', () => {
    const page = new FakePage();
    bootCode(page, ENDLESS);
    page.until(() => page.status.attemptsPerSecond > 0, 'the rate is known');
    page.send({ kind: 'pause' });
    expect(page.status.attemptsPerSecond).toBe(0);
  });

  test('waits for a timer by the clock, not by running', () => {
    const code: Code = [
      ...li(5, MTIMECMP),
      ...li(6, 5_000_000),
      sw(0, 5, 4),
      sw(6, 5, 0),
      ...li(7, 0x80),
      csrrs(0, 0x304, 7),
      WFI,
      ...ENDLESS,
    ];
    const page = new FakePage();
    bootCode(page, code);
    page.untilIs('waiting');
    expect(page.status.activity).toEqual({ kind: 'waiting', timer: true });
    expect(page.nowMs).toBeLessThan(100);
    page.untilIs('running');
    expect(page.nowMs).toBeGreaterThanOrEqual(5000);
  });

  test('stepping over a wait for a timer passes the time it waits for', () => {
    const code: Code = [
      ...li(5, MTIMECMP),
      ...li(6, 5_000_000),
      sw(0, 5, 4),
      sw(6, 5, 0),
      ...li(7, 0x80),
      csrrs(0, 0x304, 7),
      WFI,
      csrrs(8, 0x344, 0),
    ];
    const page = new FakePage();
    bootCode(page, code);
    page.send({ kind: 'pause' });
    for (let step = 0; step < code.length; step++) page.send({ kind: 'step' });
    expect(page.nowMs).toBeLessThan(1000);
    expect(page.view.registers[8]! & 0x80).toBe(0x80);
  });

  test('of several harts that all wait, stepping wakes the one whose timer is first', () => {
    const code: Code = [
      ...li(5, MTIMECMP),
      ...li(6, 5_000_000),
      sw(0, 5, 4),
      sw(6, 5, 0),
      ...li(7, 0x80),
      csrrs(0, 0x304, 7),
      WFI,
      addi(8, 8, 1),
      jal(0, 0),
    ];
    const image = bytesOf(code);
    const page = new FakePage();
    page.send({ kind: 'boot', name: 'code', image, options: { ...optionsForImage(image), harts: 2 } });
    page.untilIs('waiting');
    page.send({ kind: 'pause' });
    const { position } = page.status;
    page.send({ kind: 'step' });
    expect(page.status.position).toBe(position + 1);
    expect(page.nowMs).toBeLessThan(1000);
  });

  test('that meets an error of ours is gone, and the page is told why', async () => {
    const page = new FakePage({
      entropy: () => {
        throw new Error('no chance here');
      },
    });
    await page.boot('lottery');
    page.untilIs('waiting');
    page.type('x');
    page.until(() => page.messages.at(-1)?.kind === 'failed', 'the failure is told');
    expect(page.messages.at(-1)).toEqual({ kind: 'failed', message: 'no chance here' });
    const count = page.messages.length;
    page.send({ kind: 'run' });
    expect([page.messages.length, page.isIdle]).toEqual([count, true]);
    await page.boot('counter');
    page.untilIs('waiting');
  });
});

describe('a console that is flooded', () => {
  test('holds the guest back until the terminal has drawn, and loses nothing', () => {
    const page = new FakePage();
    page.isTerminalStuck = true;
    bootCode(page, FLOOD);
    page.until(() => page.isIdle, 'the guest is held back');
    const written = page.screen.length;
    expect(written).toBeGreaterThanOrEqual(IN_FLIGHT_MAX_BYTES);
    expect(page.status.activity.kind).toBe('running');
    page.isTerminalStuck = false;
    page.send({ kind: 'shown', byteCount: written + 2 });
    page.until(() => page.screen.length > 3 * written, 'it goes on');
    expect(page.screen.replaceAll('A', '')).toBe('');
    page.send({ kind: 'pause' });
    // Each turn of its loop writes one byte in two attempts.
    expect(page.screen.length).toBe(Math.floor((page.status.position - code(FLOOD) + 2) / 2));
  });

  test('can be paused while it is held back', () => {
    const page = new FakePage();
    page.isTerminalStuck = true;
    bootCode(page, FLOOD);
    page.until(() => page.isIdle, 'the guest is held back');
    page.send({ kind: 'pause' });
    expect(page.status.activity.kind).toBe('paused');
    page.send({ kind: 'shown', byteCount: 1e6 });
    expect(page.isIdle).toBe(true);
  });

  /** Attempts up to the first turn of the loop's end. */
  const code = (flood: Code) => flood.length;
});

describe('time travel', () => {
  test('a step back undoes a step, and the registers are those from before', async () => {
    const page = await counterWithThreeKeys();
    page.send({ kind: 'pause' });
    const views = [page.view];
    for (let step = 0; step < 5; step++) {
      page.send({ kind: 'step' });
      views.push(page.view);
    }
    expect(new Set(views.map(({ position }) => position)).size).toBe(6);
    expect(page.status.isPresent).toBe(true);
    for (const view of views.slice(0, -1).reverse()) {
      page.send({ kind: 'step-back' });
      expect(page.view).toEqual(view);
      expect(page.status.isPresent).toBe(false);
    }
    page.send({ kind: 'step' });
    expect(page.view).toEqual(views[1]);
  });

  test('the console is as it was, there and back', async () => {
    const page = await counterWithThreeKeys();
    const { position } = page.status;
    const [screen, hash] = [page.screen, page.hash];
    page.send({ kind: 'pause' });
    page.send({ kind: 'go-to', position: 0 });
    page.untilIs('paused');
    expect(page.screen).toBe('');
    expect(page.status).toMatchObject({ position: 0, endPosition: position, isPresent: false });
    page.send({ kind: 'go-to', position: Math.floor(position / 2) });
    page.untilIs('paused');
    expect(page.screen.length).toBeGreaterThan(0);
    expect(screen.startsWith(page.screen)).toBe(true);
    page.send({ kind: 'go-to', position });
    page.untilIs('paused');
    expect([page.screen, page.hash]).toEqual([screen, hash]);
    expect(page.status.isPresent).toBe(true);
  });

  test('run goes by way of the past into the present, and on', async () => {
    const page = await counterWithThreeKeys();
    const screen = page.screen;
    page.send({ kind: 'go-to', position: 100 });
    page.untilIs('paused');
    expect(page.screen).toBe('');
    page.send({ kind: 'run' });
    page.untilIs('waiting');
    expect(page.screen).toBe(screen);
    page.type('d');
    page.until(() => /^4 /m.test(page.screen), 'the fourth key is answered');
  });

  test('what is typed in the past is not heard', async () => {
    const page = await counterWithThreeKeys();
    page.send({ kind: 'step-back' });
    page.type('x');
    page.send({ kind: 'run' });
    page.untilIs('waiting');
    page.until(() => page.isIdle, 'it rests');
    expect(page.screen.trim().split('\n').at(-1)).toMatch(/^3 /);
  });

  test('with its future forgotten, another begins', async () => {
    const page = await counterWithThreeKeys();
    const lines = page.screen.trimEnd().split('\n');
    page.send({ kind: 'pause' });
    // To where the second answer had just been written.
    const second = lines.slice(0, -1).join('\n').length;
    for (let position = 0; page.screen.length !== second; position++) {
      page.send({ kind: 'go-to', position });
      page.untilIs('paused');
    }
    page.send({ kind: 'forget-future' });
    expect(page.status).toMatchObject({ isPresent: true, activity: { kind: 'paused' } });
    expect(page.status.endPosition).toBe(page.status.position);
    page.type('z');
    page.send({ kind: 'run' });
    page.untilIs('waiting');
    page.until(() => page.isIdle, 'it rests');
    const after = page.screen.trimEnd().split('\n');
    expect(after.slice(0, -1)).toEqual(lines.slice(0, -1));
    expect(after.at(-1)).toMatch(/^3 /);
    expect(after.at(-1)).not.toBe(lines.at(-1));
  });

  test('a position to come is run to, and rested at', () => {
    const page = new FakePage();
    bootCode(page, ENDLESS);
    page.send({ kind: 'pause' });
    page.send({ kind: 'go-to', position: 12_345_678 });
    page.untilIs('paused');
    expect(page.status).toMatchObject({ position: 12_345_678, isPresent: true });
    page.send({ kind: 'go-to', position: 20 });
    page.untilIs('paused');
    page.send({ kind: 'go-to', position: 12_345_700 });
    page.untilIs('paused');
    expect(page.status).toMatchObject({ position: 12_345_700, isPresent: true });
  });

  test('a long way can be stopped', () => {
    const page = new FakePage();
    bootCode(page, ENDLESS);
    page.until(() => page.status.position > 20_000_000, 'it has run for a while');
    page.send({ kind: 'go-to', position: 1 });
    page.untilIs('paused');
    page.send({ kind: 'go-to', position: 19_000_000 });
    expect(page.status.activity).toEqual({ kind: 'travelling', goal: 19_000_000 });
    page.send({ kind: 'pause' });
    expect(page.status.position).toBeLessThan(19_000_000);
    expect(page.isIdle).toBe(true);
  });

  test('a machine that is off can be looked at before that', async () => {
    const page = new FakePage();
    await page.boot('racer');
    page.untilIs('off');
    const { position } = page.status;
    page.send({ kind: 'step-back' });
    page.untilIs('paused');
    expect(page.status).toMatchObject({ position: position - 1, isPresent: false });
    page.send({ kind: 'run' });
    page.untilIs('off');
    expect(page.status.position).toBe(position);
  });

  test('a log that becomes too long is given up, and the machine goes on', () => {
    const page = new FakePage({ entriesMax: 1000 });
    bootCode(page, FLOOD);
    page.until(() => !page.status.hasPast, 'the past is given up');
    const { position } = page.status;
    page.until(() => page.status.position > position, 'it goes on');
    page.send({ kind: 'pause' });
    page.send({ kind: 'step-back' });
    expect(page.status).toMatchObject({ isPresent: true, hasPast: false });
  });
});

describe('an image that cannot be loaded', () => {
  const truncated = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);

  test('is refused in the words of the loader, and the machine before it goes on', async () => {
    const page = await counterWithThreeKeys();
    page.send({ kind: 'boot', name: 'broken', image: truncated, options: optionsForImage(truncated) });
    expect(page.messages.at(-1)).toEqual({
      kind: 'refused',
      message: expect.stringMatching(/^The ELF file is truncated: it ends at byte 7/),
    });
    page.type('d');
    page.until(() => /^4 /m.test(page.screen), 'the machine before it answers');
  });

  test('is refused where there is no machine yet', () => {
    const page = new FakePage();
    page.send({ kind: 'boot', name: 'broken', image: truncated, options: optionsForImage(truncated) });
    expect(page.messages.map(({ kind }) => kind)).toEqual(['refused']);
  });

  test('so is a reset with too little memory', () => {
    const page = new FakePage();
    const image = new Uint8Array(100_000);
    page.send({ kind: 'boot', name: 'zeros', image, options: optionsForImage(image) });
    page.send({ kind: 'reset', options: { ...optionsForImage(image), ramBytes: 65536 } });
    expect(page.messages.at(-1)).toEqual({ kind: 'refused', message: expect.stringContaining('RAM only 65536') });
    page.until(() => page.status.position > 1000, 'the machine before it goes on');
  });
});

describe('what belongs to the machine but is not in it', () => {
  test('the disk outlives a reset and another guest', async () => {
    const page = new FakePage();
    await page.boot('key-value-disk');
    page.untilIs('waiting');
    const content = () => {
      page.send({ kind: 'read-disk' });
      const message = page.messages.at(-1)!;
      return message.kind === 'disk' ? Buffer.from(message.bytes).toString('base64') : undefined;
    };
    page.send({ kind: 'pause' });
    const options = { ...optionsForImage(new Uint8Array(4)), ramBytes: 65536, diskSectors: 128 };
    const mine = new Uint8Array(512 * 128).fill(7, 0, 512 * 64);
    page.send({ kind: 'reset', options, disk: mine });
    const inserted = content();
    expect(inserted).toBe(Buffer.from(mine).toString('base64'));
    page.send({ kind: 'reset', options });
    expect(content()).toBe(inserted);
    await page.boot('counter');
    expect(content()).toBe('');
    page.send({ kind: 'pause' });
    await page.boot('key-value-disk');
    expect(content()).toBe(inserted);
  });

  test('the entropy is what the surroundings give', async () => {
    const draws = [0x00, 0xff].map(async (byte) => {
      const page = new FakePage({ entropy: (byteCount) => new Uint8Array(byteCount).map((_, index) => (byte + index * 37) & 0xff) });
      await page.boot('lottery');
      page.untilIs('waiting');
      page.type('x');
      page.until(() => page.isIdle, 'the numbers are drawn');
      return page.screen;
    });
    const [one, other] = await Promise.all(draws);
    expect(one).not.toBe(other);
  });
});

describe('views', () => {
  test('show registers, code around pc and memory, of the hart asked for', async () => {
    const page = new FakePage();
    await page.boot('racer', { harts: 3 });
    page.send({ kind: 'pause' });
    for (let step = 0; step < 200; step++) page.send({ kind: 'step' });
    const pcs = [0, 1, 2].map((hart) => {
      page.send({ kind: 'look', look: { hart, memoryAddress: 0x80000010, memoryBytes: 32, codeLines: 8, viewEveryMs: 100 } });
      expect(page.view.hart).toBe(hart);
      expect(page.view.code.some(({ address }) => address === page.view.pc)).toBe(true);
      return page.view.pc;
    });
    expect(new Set(pcs).size).toBeGreaterThan(1);
    expect(page.view.memory).toMatchObject({ address: 0x80000010 });
    expect(page.view.memory.bytes).toHaveLength(32);
  });

  test('are cut where memory ends', () => {
    const page = new FakePage();
    bootCode(page, ENDLESS);
    page.send({
      kind: 'look',
      look: { hart: 'turn', memoryAddress: 0x80000000 + 2 ** 20 - 16, memoryBytes: 64, codeLines: 8, viewEveryMs: 100 },
    });
    expect(page.view.memory.bytes).toHaveLength(16);
    page.send({ kind: 'look', look: { hart: 'turn', memoryAddress: 0x1000, memoryBytes: 64, codeLines: 8, viewEveryMs: 100 } });
    expect(page.view.memory.bytes).toHaveLength(0);
  });
});
