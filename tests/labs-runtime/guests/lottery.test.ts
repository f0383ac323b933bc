/** The guest that draws lots with bytes of the entropy device: the numbers follow from the bytes alone, and a replay needs each of them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReplayer } from '../../../labs-runtime/ft/replayer.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import { machineOf, RecordedGuest } from './recorded-guest.ts';

const GREETING = 'lottery: each key draws 6 of 49\n';

/** Gives these bytes, at most so many at a time, and zeros behind their end are an error. */
function sourceOf(bytes: readonly number[], bytesMax = 256): { give: (byteCount: number) => Uint8Array; given: () => number } {
  let at = 0;
  const give = (byteCount: number) => {
    const chunk = bytes.slice(at, at + Math.min(byteCount, bytesMax));
    if (chunk.length === 0) throw new Error(`the guest wants more than ${bytes.length} random bytes`);
    at += chunk.length;
    return Uint8Array.from(chunk);
  };
  return { give, given: () => at };
}

async function booted(entropy: (byteCount: number) => Uint8Array): Promise<RecordedGuest> {
  const guest = await RecordedGuest.boot('lottery', { entropy });
  expect(guest.settle()).toBe('wait');
  expect(guest.text).toBe(GREETING);
  return guest;
}

/** What the guest prints for so many keys, pressed one after the other. */
function draws(guest: RecordedGuest, count: number): string[] {
  guest.text = '';
  for (let key = 0; key < count; key++) {
    guest.recorder.console(100);
    expect(guest.settle()).toBe('wait');
  }
  return guest.text.trimEnd().split('\n');
}

/** The draws that bytes lead to: six bits each, of which 0 to 48 stand for 1 to 49, and a number that is there already for none. */
function expectedDraws(bytes: readonly number[], count: number): string[] {
  const lines: string[] = [];
  let drawn = new Set<number>();
  for (const byte of bytes) {
    if (lines.length === count) break;
    if ((byte & 63) < 49) drawn.add((byte & 63) + 1);
    if (drawn.size < 6) continue;
    lines.push(`draw ${lines.length + 1}: ${[...drawn].sort((left, right) => left - right).join(' ')}`);
    drawn = new Set();
  }
  expect(lines.length).toBe(count);
  return lines;
}

describe('lottery', () => {
  it('draws for each byte of the console six numbers that the bytes of the device say', async () => {
    const bytes = [0, 48, 7, 31, 20, 12, 49, 63, 127, 5, 5, 69, 133, 6, 8, 9, 10, 11];
    const guest = await booted(sourceOf(bytes).give);
    expect(draws(guest, 2)).toEqual(['draw 1: 1 8 13 21 32 49', 'draw 2: 6 7 9 10 11 12']);
    await guest.expectReplay();
  });

  it('draws what any bytes say, however few come at a time', async () => {
    let drawn = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 6 }), async (seed, bytesMax, count) => {
        const prng = createPrng(seed);
        const bytes = Array.from({ length: 400 }, () => prng.int(256));
        const guest = await booted(sourceOf(bytes, bytesMax).give);
        expect(draws(guest, count)).toEqual(expectedDraws(bytes, count));
        await guest.expectReplay();
        drawn += count;
      }),
      { numRuns: 40 },
    );
    expect(drawn).toBeGreaterThan(40);
  });

  it('never draws a number twice at once, and over time each about as often', async () => {
    const prng = createPrng(49);
    const guest = await booted((byteCount) => Uint8Array.from({ length: byteCount }, () => prng.int(256)));
    const counts = new Array<number>(50).fill(0);
    for (const line of draws(guest, 1000)) {
      const numbers = line.split(': ')[1]!.split(' ').map(Number);
      expect(new Set(numbers).size).toBe(6);
      expect(numbers).toEqual([...numbers].sort((left, right) => left - right));
      for (const number of numbers) counts[number]!++;
    }
    // 1000 draws of 6 in 49: 122 each on average, with a standard deviation of about 10.
    expect(counts[0]).toBe(0);
    expect(Math.min(...counts.slice(1))).toBeGreaterThan(82);
    expect(Math.max(...counts)).toBeLessThan(162);
  });

  it('asks for no byte before a key is pressed, and uses up what it was given before it asks again', async () => {
    const bytes = Array.from({ length: 64 }, (_, index) => index % 49);
    const source = sourceOf(bytes);
    const guest = await booted(source.give);
    expect(source.given()).toBe(0);
    draws(guest, 2);
    expect(source.given()).toBe(16);
    draws(guest, 1);
    expect(source.given()).toBe(32);
  });

  it('waits for bytes that are late, and loses no key meanwhile', async () => {
    const bytes = Array.from({ length: 64 }, (_, index) => index % 49);
    const guest = await booted(sourceOf(bytes).give);
    for (let key = 0; key < 3; key++) {
      guest.recorder.console(65 + key);
      expect(guest.recorder.run(guest.machine.position + 10_000)).toBe('wait');
    }
    expect(guest.text).toBe(GREETING);
    expect(guest.settle()).toBe('wait');
    expect(guest.text.trimEnd().split('\n').slice(1)).toEqual(expectedDraws(bytes, 3));
    await guest.expectReplay();
  });

  it('ends in another state if one bit of one byte that it used is another one in the log', async () => {
    const bytes = [3, 14, 15, 9, 26, 5, 35, 8, 17, 32, 38, 46, 2, 6, 43, 33];
    const guest = await booted(sourceOf(bytes).give);
    draws(guest, 1);
    guest.recorder.interrupt(3);
    let changes = 0;
    for (let bit = 0; bit < 8 * 16; bit++) {
      const entries = guest.entries.map((entry) => {
        if (entry.event.kind !== 'entropy') return entry;
        const changed = entry.event.bytes.with(bit >> 3, entry.event.bytes[bit >> 3]! ^ (1 << (bit & 7)));
        return { ...entry, event: { ...entry.event, bytes: changed } };
      });
      const machine = await machineOf('lottery');
      const replayer = createReplayer({ machine });
      for (const entry of entries) replayer.accept(entry);
      let hash = '';
      try {
        replayer.run();
        hash = machine.stateHash();
      } catch (error) {
        hash = (error as Error).message;
      }
      expect(hash, `bit ${bit}`).not.toBe(guest.machine.stateHash());
      changes++;
    }
    expect(changes).toBe(128);
  });
});
