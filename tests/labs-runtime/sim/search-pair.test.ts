import { describe, expect, test } from 'vitest';
import * as reference from '../../../labs-runtime/ft/channel.ts';
import { PartFailure } from '../../../labs-runtime/ft/part.ts';
import type { ChannelEffect, ChannelInput } from '../../../labs-runtime/ft/channel-api.ts';
import type { ChannelState } from '../../../labs-runtime/ft/channel.ts';
import type { PairRule } from '../../../labs-runtime/sim/pair-rules.ts';
import { scheduleOf } from '../../../labs-runtime/sim/pair-schedule.ts';
import { searchPair } from '../../../labs-runtime/sim/search-pair.ts';

const everyRule: PairRule[] = ['order', 'once', 'content', 'acknowledged', 'primary bound', 'backup bound', 'state size', 'same state'];
const faults = { breaks: true, lateBytes: true };
const smallBuffer = { bufferEntriesMax: 3, entryBytesMax: 32, resendAfterMs: 50 };

/** The reference with each list of effects changed on its way out. */
function changed(change: (effects: ChannelEffect[], state: ChannelState, input: ChannelInput) => ChannelEffect[]) {
  return { ...reference, step: (state: ChannelState, input: ChannelInput) => change(reference.step(state, input), state, input) };
}

describe('the reference channel (sections 2.2 and 3.2)', () => {
  test.each([
    ['a whole link', {}],
    ['pieces of one to three bytes', { schedule: { pieceBytesMax: 3 }, channel: smallBuffer }],
    ['a link that breaks', { schedule: faults }],
    ['small buffers and a slow backup', { channel: smallBuffer, schedule: { ...faults, replayEntriesMax: 1 } }],
    ['clock reads and interrupts', { guest: 'clockwork', judge: 'machines', schedule: { ...faults, interrupts: true } }],
    ['a crash of the primary', { guest: 'clockwork', judge: 'machines', schedule: { ...faults, interrupts: true, crash: true } }],
  ] as const)('keeps every rule over 200 schedules with %s', async (_, search) => {
    const result = await searchPair({ part: reference, rules: everyRule, firstSeed: 1, seeds: 200, ...search });
    expect(result.counterexample).toBeUndefined();
    expect(result.entries).toBeGreaterThan(500);
  });
});

describe('the search', () => {
  test('finds the same shortest schedule each time it is asked', async () => {
    const part = changed((effects) => effects.filter((effect) => effect.kind !== 'stall'));
    const search = { part, rules: everyRule, firstSeed: 1, channel: smallBuffer };
    const [first, second] = [await searchPair(search), await searchPair(search)];
    expect(first.counterexample?.rule).toBe('primary bound');
    expect(second).toEqual(first);
    expect(first.counterexample!.schedule.length).toBeLessThan(10);
  });

  test('tells a delivery that is out of order, doubled or damaged from one another', async () => {
    const ruleFor = async (change: (effect: ChannelEffect) => ChannelEffect[]) => {
      const part = changed((effects) => effects.flatMap(change));
      return (await searchPair({ part, rules: everyRule, firstSeed: 1 })).counterexample?.rule;
    };
    expect(await ruleFor((effect) => (effect.kind === 'deliver' ? [{ ...effect, seq: effect.seq + 1 }] : [effect]))).toBe('order');
    expect(await ruleFor((effect) => (effect.kind === 'deliver' ? [effect, effect] : [effect]))).toBe('once');
    expect(
      await ruleFor((effect) => (effect.kind === 'deliver' ? [{ ...effect, entry: effect.entry.map((byte) => byte ^ 1) }] : [effect])),
    ).toBe('content');
  });

  test('lets the machines tell when an entry is damaged in a way that still decodes', async () => {
    const damaged = (entry: Uint8Array) => entry.map((byte, index) => (index === entry.length - 1 ? byte ^ 1 : byte));
    const part = changed((effects) =>
      effects.map((effect) => (effect.kind === 'deliver' ? { ...effect, entry: damaged(effect.entry) } : effect)),
    );
    const { counterexample } = await searchPair({
      part,
      rules: [],
      firstSeed: 1,
      guest: 'clockwork',
      judge: 'machines',
      schedule: { interrupts: true },
    });
    expect(counterexample?.rule).toBe('same state');
  });

  test('says at which event a part failed, and passes its kind on', async () => {
    const part = changed(() => {
      throw new PartFailure('crash', 'TypeError');
    });
    const failure = await searchPair({ part, rules: [], firstSeed: 7 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartFailure);
    expect((failure as PartFailure).kind).toBe('crash');
    expect((failure as PartFailure).explanation).toMatch(
      /^TypeError, when the \w+'s end was told '\w+' at event \d+ of the run with seed 7$/,
    );
  });
});

describe('a schedule', () => {
  test('is equal for equal options and differs between seeds', () => {
    expect(scheduleOf({ seed: 5, breaks: true })).toEqual(scheduleOf({ seed: 5, breaks: true }));
    expect(scheduleOf({ seed: 5, breaks: true })).not.toEqual(scheduleOf({ seed: 6, breaks: true }));
  });

  test('has breaks, late bytes, interrupts and a crash only where they are asked for', () => {
    const kinds = (options: object) =>
      new Set(
        Array.from({ length: 40 }, (_, seed) => scheduleOf({ seed, ...options }))
          .flat()
          .map((event) => event.kind),
      );
    expect([...kinds({})].sort()).toEqual(['carry', 'console', 'run', 'wait']);
    expect([...kinds({ breaks: true, interrupts: true, crash: true, replayEntriesMax: 4 })].sort()).toEqual([
      'break',
      'carry',
      'console',
      'crash',
      'heal',
      'interrupt',
      'replay',
      'run',
      'wait',
    ]);
  });
});
