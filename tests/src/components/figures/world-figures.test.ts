/** The two live figures of the simulated world do what their captions say. */
import { describe, expect, test } from 'vitest';
import * as plug from '../../../../src/components/figures/pull-the-plug.ts';
import * as brain from '../../../../src/components/figures/split-brain.ts';
import { loadGuest, playScript } from '../../../../src/components/figures/world-run.ts';
import type { Script, WorldFrame } from '../../../../src/components/figures/world-run.ts';

const image = await loadGuest();

function play(script: Script): WorldFrame {
  return [...playScript(script, image)].at(-1)!;
}

describe('pull the plug (section 2.2)', () => {
  test('with the output rule every moment is consistent', () => {
    for (const moment of plug.moments.keys()) {
      const last = play(plug.scriptOf(true, moment));
      expect(last.tickets.filter(({ isDouble }) => isDouble)).toEqual([]);
      expect(plug.describe(last)).toMatch(/^Consistent: /);
      expect(last.machines).toEqual({ primary: 'dead', backup: 'live' });
    }
  });

  test('without it the moment between the answer and its log entries is not, and the others are', () => {
    const said = [...plug.moments.keys()].map((moment) => plug.describe(play(plug.scriptOf(false, moment))).split(':')[0]);
    expect(said).toEqual(['Consistent', 'Consistent', 'Broken', 'Consistent', 'Consistent', 'Consistent']);
  });
});

describe('split brain (section 2.3)', () => {
  test.each(['primary', 'backup'] as const)('with the flag the %s, which asks first, goes on, and the other halts', (first) => {
    const last = play(brain.scriptOf(true, first));
    expect(last.machines[first]).toBe('live');
    expect(Object.values(last.machines)).toContain('halted');
    expect(last.tickets.filter(({ isDouble }) => isDouble)).toEqual([]);
    expect(brain.describe(last)).toMatch(new RegExp(`^One service: the ${first} holds the flag`));
  });

  test.each(['primary', 'backup'] as const)('without it both go on and give out one ticket twice, whoever asks first (%s)', (first) => {
    const last = play(brain.scriptOf(false, first));
    expect(last.machines).toEqual({ primary: 'live', backup: 'live' });
    expect(brain.describe(last)).toMatch(/both gave out ticket 2/);
  });
});
