/** The reference solutions against far more seeds than the checks use: a check that fails a correct part would be worse than none. */
import { describe, expect, test } from 'vitest';
import type { ChannelPart } from '../../../../labs-runtime/sim/part-end.ts';
import type { Rule } from '../../../../labs-runtime/sim/rules.ts';
import { search } from '../../../../labs-runtime/sim/search.ts';
import { solutions } from './mutants.ts';

const everyRule: Rule[] = ['order', 'once', 'content', 'acknowledged', 'primary bound', 'backup bound', 'state size', 'same state'];
const faults = { breaks: true, lateBytes: true };
const small = { bufferEntriesMax: 3, entryBytesMax: 32, resendAfterMs: 50 };

describe.each(solutions)('the solution %s', (name) => {
  test.each([
    ['every fault of the link', { schedule: faults }],
    ['small buffers, small pieces and a slow backup', { channel: small, schedule: { ...faults, pieceBytesMax: 20, replayEntriesMax: 1 } }],
    ['a guest full of clock reads and interrupts', { guest: 'clockwork', judge: 'machines', schedule: { ...faults, interrupts: true } }],
    ['a crash of the primary', { guest: 'clockwork', judge: 'machines', schedule: { ...faults, interrupts: true, crash: 'primary' } }],
  ] as const)('keeps every rule over 1,000 seeds with %s', async (_, wanted) => {
    const part = (await import(`./solutions/${name}.ts`)) as ChannelPart;
    const { counterexample, runs } = await search({
      parts: { channelPart: part },
      rules: everyRule,
      firstSeed: 1_000_000,
      seeds: 1000,
      stateBytesMax: 65_536,
      ...wanted,
    });
    expect(counterexample, `seed ${counterexample?.seed}`).toBeUndefined();
    expect(runs).toBe(1000);
  });
});
