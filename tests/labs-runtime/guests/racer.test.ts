/** Harts that race: additions are lost or not by how the harts take turns, and the same turns lose the same additions. */
import { describe, expect, it } from 'vitest';
import { Machine } from '../../../labs-runtime/emulator/machine.ts';
import { type HartSchedule, seededSchedule } from '../../../labs-runtime/emulator/schedule.ts';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { runTo } from './running.ts';

const ATTEMPTS_MAX = 5_000_000;

interface Race {
  text: string;
  end: string;
  position: number;
  hash: string;
}

async function machineWith(harts: number, schedule?: HartSchedule): Promise<Machine> {
  const machine = new Machine({ ramBytes: guests.racer.ramBytes, harts, ...(schedule && { schedule }) });
  machine.load(await guests.racer.load());
  return machine;
}

async function raceOf(harts: number, schedule?: HartSchedule): Promise<Race> {
  const machine = await machineWith(harts, schedule);
  const { text, end } = runTo(machine, ATTEMPTS_MAX);
  return { text, end, position: machine.position, hash: machine.stateHash() };
}

/** The three lines of a race: plain, lock and atomic. */
function linesOf(counts: number[], harts: number[]): string {
  const made = harts.map((hart) => `hart ${hart}: 1000`).join(', ');
  return ['plain', 'lock', 'atomic'].map((way, index) => `${way} ${counts[index]} of ${harts.length * 1000} (${made})\n`).join('');
}

/** What the plain race found. */
function plainCount({ text }: Race): number {
  return Number(/^plain (\d+) of/.exec(text)?.[1]);
}

describe('racer', () => {
  it('loses nothing with one hart', async () => {
    expect(await raceOf(1)).toMatchObject({ text: linesOf([1000, 1000, 1000], [0]), end: 'power-off' });
  });

  it.each([2, 3, 4])('loses plain additions of %i harts under most seeds, and none under a lock or with AMOADD', async (harts) => {
    const found: number[] = [];
    for (let seed = 1; seed <= 20; seed++) {
      const race = await raceOf(harts, seededSchedule({ seed, harts }));
      const plain = plainCount(race);
      const everyone = Array.from({ length: harts }, (_, hart) => hart);
      expect(race).toMatchObject({ text: linesOf([plain, harts * 1000, harts * 1000], everyone), end: 'power-off' });
      found.push(plain);
    }
    expect(Math.max(...found)).toBeLessThanOrEqual(harts * 1000);
    expect(found.filter((count) => count < harts * 1000).length).toBeGreaterThan(15);
    expect(new Set(found).size).toBeGreaterThan(10);
  });

  it('loses none where each hart makes its thousand additions within one turn', async () => {
    const race = await raceOf(2, (turn) => ({ hart: turn % 2, attempts: turn < 400 ? 50 : 20_000 }));
    expect(race.text).toBe(linesOf([2000, 2000, 2000], [0, 1]));
  });

  it('loses all that the other hart added between one load and its store', async () => {
    // The turns above, but one of hart 0 ends somewhere in its additions, one attempt later each time.
    const found = new Set<number>();
    for (let cut = 0; cut < 12; cut++) {
      const attempts = (turn: number) => (turn < 400 ? 50 : turn === 400 ? 3000 + cut : 20_000);
      found.add(plainCount(await raceOf(2, (turn) => ({ hart: turn % 2, attempts: attempts(turn) }))));
    }
    expect([...found].sort()).toEqual([1000, 2000]);
  });

  it('finds the same count, and ends in the same state at the same position, under the same seed', async () => {
    const [one, again, other] = [
      await raceOf(2, seededSchedule({ seed: 7, harts: 2 })),
      await raceOf(2, seededSchedule({ seed: 7, harts: 2 })),
      await raceOf(2, seededSchedule({ seed: 8, harts: 2 })),
    ];
    expect(again).toEqual(one);
    expect(other.text).not.toBe(one.text);
  });

  it('is at the same state at every position on the way, however the run is cut up', async () => {
    const schedule = seededSchedule({ seed: 3, harts: 4 });
    const [one, other] = [await machineWith(4, schedule), await machineWith(4, schedule)];
    for (let position = 1009; position < 60_000; position += 1009) {
      for (const until of [position - 500, position - 3, position]) runTo(one, until);
      runTo(other, position);
      expect(other.stateHash()).toBe(one.stateHash());
    }
  });

  it('goes on without a hart that does not come in time, and lets it wait when it comes late', async () => {
    // Hart 1 has its turns from the start; hart 2 has its first when the race is on.
    const race = await raceOf(3, (turn) => ({ hart: turn < 4000 ? turn % 2 : turn % 3, attempts: 20 }));
    expect(race.end).toBe('power-off');
    expect(race.text).toBe(linesOf([plainCount(race), 2000, 2000], [0, 1]));
  });
});
