/** Pre-copy of a running machine: that the copy is the machine, whatever the link, and that rounds shrink or not as section 3.1 needs it. */
import { describe, expect, test } from 'vitest';
import {
  describePreCopy,
  loadWorkload,
  PAGES,
  preCopy,
  ROUNDS_MAX,
  type PreCopy,
  type PreCopySettings,
  type WorkloadName,
} from '../../../../src/components/figures/pre-copy.ts';

const names: WorkloadName[] = ['writer', 'sieve-crc32', 'counter'];

async function copied(name: WorkloadName, settings: PreCopySettings): Promise<PreCopy> {
  let last: PreCopy | undefined;
  for (const record of preCopy(await loadWorkload(name), settings)) last = record;
  return last!;
}

function sizes({ rounds }: PreCopy): number[] {
  return rounds.map(({ pages }) => pages.length);
}

describe.each(names)('a running %s', (name) => {
  test.each([130, 1000, 4000])(
    'is copied bit for bit over a link that carries a page in %i attempts, and its backup stays in step',
    async (pace) => {
      const { rounds, proof } = await copied(name, { attemptsPerPage: pace, pauseAtPages: 2 });
      expect(rounds[0]!.pages).toHaveLength(PAGES);
      expect(rounds.every(({ sent, pages }) => sent === pages.length)).toBe(true);
      expect(rounds.map(({ paused }) => paused)).toEqual([...rounds.slice(1).map(() => false), true]);
      expect(proof!.atSwitch[1]).toBe(proof!.atSwitch[0]);
      expect(proof!.later[1]).toBe(proof!.later[0]);
      expect(proof!.later[0]).not.toBe(proof!.atSwitch[0]);
    },
  );
});

test('rounds get shorter where the link carries pages twice as fast as they are dirtied', async () => {
  const record = await copied('writer', { attemptsPerPage: 500, pauseAtPages: 2 });
  expect(record.converged).toBe(true);
  expect(sizes(record)).toEqual(sizes(record).toSorted((a, b) => b - a));
  expect(record.rounds.length).toBeLessThan(ROUNDS_MAX);
});

test('rounds do not get shorter where pages are dirtied twice as fast as the link carries them', async () => {
  const record = await copied('writer', { attemptsPerPage: 2000, pauseAtPages: 2 });
  expect(record.converged).toBe(false);
  expect(record.rounds).toHaveLength(ROUNDS_MAX + 1);
  expect(record.rounds.at(-1)!.pages.length).toBeGreaterThan(16);
});

test('a longer pause is bought with fewer rounds', async () => {
  const [short, long] = [1, 12].map((pauseAtPages) => copied('writer', { attemptsPerPage: 500, pauseAtPages }));
  expect((await long!).rounds.length).toBeLessThan((await short!).rounds.length);
});

test('what a copying came to is said in words', async () => {
  const settings = { attemptsPerPage: 250, pauseAtPages: 2 };
  const record = await copied('writer', settings);
  expect(describePreCopy(settings, record)).toMatch(
    /^After 3 rounds 1 page and the registers were left\. The guest stood still for the time of 250 attempts\. Both then had state hash [0-9a-f]{16}, and still agree 200,000 attempts and 200 log entries later\.$/,
  );
  const wrong = { ...record, converged: false, proof: { ...record.proof!, later: ['0', '1'] as const } };
  expect(describePreCopy(settings, wrong)).toMatch(/^It does not converge: .* The copy is not the same machine\.$/);
});
