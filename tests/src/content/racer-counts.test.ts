/** What the chapter on many cores says of the guest `racer` is what it does under the two seeds that the chapter names. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { bootMachine } from '../../../labs-runtime/monitor/setup.ts';
import { readImage } from '../../../labs-runtime/emulator/image.ts';
import { runTo } from '../../labs-runtime/guests/running.ts';

const ATTEMPTS_MAX = 5_000_000;

/** The sum that two harts find without a lock. */
async function sumFound(scheduleSeed: number): Promise<number> {
  const { ramBytes, load } = guests.racer;
  const program = readImage(await load(), ramBytes);
  const machine = bootMachine({ name: 'racer', ramBytes, harts: 2, scheduleSeed, program, disk: new Uint8Array(0) });
  return Number(/^plain (\d+) of 2000/.exec(runTo(machine, ATTEMPTS_MAX).text)?.[1]);
}

test('the chapter on many cores names the sums that the racer finds', async () => {
  const chapter = readFileSync('src/content/docs/lecture/many-cores.mdx', 'utf8');
  const claim = /With seed (\d+) the counter ends at ([\d,]+) and with seed (\d+) at ([\d,]+),/.exec(chapter);
  const numbers = claim?.slice(1).map((digits) => Number(digits.replace(',', ''))) ?? [];
  expect(numbers).toHaveLength(4);
  expect([await sumFound(numbers[0]!), await sumFound(numbers[2]!)]).toEqual([numbers[1], numbers[3]]);
});
