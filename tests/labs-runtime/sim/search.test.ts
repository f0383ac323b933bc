import { describe, expect, test } from 'vitest';
import * as reference from '../../../labs-runtime/ft/channel.ts';
import { PartFailure } from '../../../labs-runtime/ft/part.ts';
import type { ChannelEffect, ChannelInput } from '../../../labs-runtime/ft/channel-api.ts';
import type { ChannelState } from '../../../labs-runtime/ft/channel.ts';
import type { ChannelPart } from '../../../labs-runtime/sim/part-end.ts';
import type { Rule } from '../../../labs-runtime/sim/rules.ts';
import { scheduleOf } from '../../../labs-runtime/sim/schedule.ts';
import { search } from '../../../labs-runtime/sim/search.ts';

const everyRule: Rule[] = ['order', 'once', 'content', 'acknowledged', 'primary bound', 'backup bound', 'state size', 'same state'];
const faults = { breaks: true, lateBytes: true };
const smallBuffer = { bufferEntriesMax: 3, entryBytesMax: 32, resendAfterMs: 50 };

/** The reference with each list of effects changed on its way out. */
function changed(change: (effects: ChannelEffect[], state: ChannelState, input: ChannelInput) => ChannelEffect[]) {
  const step = (state: ChannelState, input: ChannelInput) => change(reference.step(state, input), state, input);
  return { channelPart: { ...reference, step } as ChannelPart };
}

describe('the reference channel (sections 2.2 and 3.2)', () => {
  test.each([
    ['a whole link', {}],
    ['pieces of one to three bytes', { schedule: { pieceBytesMax: 3 }, channel: smallBuffer }],
    ['a link that breaks', { schedule: faults }],
    ['small buffers and a slow backup', { channel: smallBuffer, schedule: { ...faults, replayEntriesMax: 1 } }],
    ['clock reads and interrupts', { guest: 'clockwork', judge: 'machines', schedule: { ...faults, interrupts: true } }],
    ['a crash of the primary', { guest: 'clockwork', judge: 'machines', schedule: { ...faults, interrupts: true, crash: 'primary' } }],
  ] as const)('keeps every rule over 200 schedules with %s', async (_, wanted) => {
    const result = await search({ parts: {}, rules: everyRule, firstSeed: 1, seeds: 200, ...wanted });
    expect(result.counterexample).toBeUndefined();
    expect(result.entries).toBeGreaterThan(500);
  });
});

describe('the search', () => {
  test('finds the same shortest schedule each time it is asked', async () => {
    const parts = changed((effects) => effects.filter((effect) => effect.kind !== 'stall'));
    const wanted = { parts, rules: everyRule, firstSeed: 1, channel: smallBuffer };
    const [first, second] = [await search(wanted), await search(wanted)];
    expect(first.counterexample?.rule).toBe('primary bound');
    expect(second).toEqual(first);
    expect(first.counterexample!.schedule.length).toBeLessThan(10);
  });

  test('tells a delivery that is out of order, doubled or damaged from one another', async () => {
    const ruleFor = async (change: (effect: ChannelEffect) => ChannelEffect[]) => {
      const parts = changed((effects) => effects.flatMap(change));
      return (await search({ parts, rules: everyRule, firstSeed: 1 })).counterexample?.rule;
    };
    expect(await ruleFor((effect) => (effect.kind === 'deliver' ? [{ ...effect, seq: effect.seq + 1 }] : [effect]))).toBe('order');
    expect(await ruleFor((effect) => (effect.kind === 'deliver' ? [effect, effect] : [effect]))).toBe('once');
    expect(
      await ruleFor((effect) => (effect.kind === 'deliver' ? [{ ...effect, entry: effect.entry.map((byte) => byte ^ 1) }] : [effect])),
    ).toBe('content');
  });

  test('lets the machines tell when an entry is damaged in a way that still decodes', async () => {
    const damaged = (entry: Uint8Array) => entry.map((byte, index) => (index === entry.length - 1 ? byte ^ 1 : byte));
    const parts = changed((effects) =>
      effects.map((effect) => (effect.kind === 'deliver' ? { ...effect, entry: damaged(effect.entry) } : effect)),
    );
    const { counterexample } = await search({
      parts,
      rules: [],
      firstSeed: 1,
      guest: 'clockwork',
      judge: 'machines',
      schedule: { interrupts: true },
    });
    expect(counterexample?.rule).toBe('same state');
  });

  test('says at which event a part failed, and passes its kind on', async () => {
    const parts = changed(() => {
      throw new PartFailure('crash', 'TypeError');
    });
    const failure = await search({ parts, rules: [], firstSeed: 7 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PartFailure);
    expect((failure as PartFailure).kind).toBe('crash');
    expect((failure as PartFailure).explanation).toMatch(
      /^TypeError, when the \w+'s channel was told '\w+' at event \d+ of the run with seed 7$/,
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
    expect([...kinds({ breaks: true, interrupts: true, crash: 'primary', replayEntriesMax: 4 })].sort()).toEqual([
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
