/** Events as text, one a line of a trace: each has one text, and no other text is one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterEvent, EventKind } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';
import { EVENT_KINDS, FAULTS, formatEvent, parseEvent } from '../../../../labs-runtime/sim/cluster/cluster-event.ts';

/** Numbers as far as a kind has any. */
const numbersOf: Partial<Record<ClusterEvent['kind'], number>> = {
  log: 2,
  transfer: 2,
  cut: 2,
  mend: 2,
  garble: 2,
  mute: 2,
  unmute: 2,
  tick: 0,
  key: 0,
};
const events = fc.constantFrom(...EVENT_KINDS).chain((kind): fc.Arbitrary<ClusterEvent> => {
  const count = numbersOf[kind] ?? 1;
  const number = fc.nat({ max: 999_999 });
  return fc.record({ kind: fc.constant(kind), at: count > 0 ? number : fc.constant(0), to: count > 1 ? number : fc.constant(0) });
});

describe('an event', () => {
  it('is read from its text as it was', () => {
    fc.assert(
      fc.property(events, (event) => {
        expect(parseEvent(formatEvent(event))).toEqual(event);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[ClusterEvent, string]>([
    [{ kind: 'log', at: 0, to: 1 }, 'log 0 1'],
    [{ kind: 'run', at: 2, to: 0 }, 'run 2'],
    [{ kind: 'tick', at: 0, to: 0 }, 'tick'],
    [{ kind: 'key', at: 0, to: 0 }, 'key'],
    [{ kind: 'disk data', at: 3, to: 0 }, 'disk data 3'],
    [{ kind: 'lose answer', at: 0, to: 0 }, 'lose answer 0'],
    [{ kind: 'unmute', at: 0, to: 2 }, 'unmute 0 2'],
  ])('%j is written "%s"', (event, text) => {
    expect(formatEvent(event)).toBe(text);
    expect(parseEvent(text)).toEqual(event);
  });

  it.each([
    ['nothing', ''],
    ['an unknown kind', 'explode 1'],
    ['a kind that is the start of another', 'dis 1'],
    ['a number too few', 'log 0'],
    ['no number where one belongs', 'run'],
    ['a number too many', 'run 1 2'],
    ['three numbers', 'log 0 1 2'],
    ['a number where none belongs', 'tick 0'],
    ['a negative number', 'run -1'],
    ['a fraction', 'run 1.5'],
    ['a number with a leading zero', 'run 01'],
    ['a number of seven digits', 'run 1234567'],
    ['a space before', ' run 1'],
    ['a space after', 'run 1 '],
    ['two spaces', 'run  1'],
    ['two lines', 'run 1\nrun 1'],
    ['a line’s end', 'run 1\n'],
    ['capitals', 'Run 1'],
  ])('is not read from %s', (_, text) => {
    expect(parseEvent(text)).toBeUndefined();
  });

  it('is not read from any text but its own', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.tuple(fc.constantFrom(...EVENT_KINDS), fc.stringMatching(/^[ 0-9-]{0,8}$/)).map(([kind, rest]) => kind + rest),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const event = parseEvent(text);
        if (event !== undefined) expect(formatEvent(event)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  it('has a kind that stands once in the list, and faults are kinds', () => {
    expect(new Set(EVENT_KINDS).size).toBe(EVENT_KINDS.length);
    for (const fault of FAULTS) expect(EVENT_KINDS).toContain(fault);
  });

  it('is paid for if it harms, and free if it only goes on or mends', () => {
    for (const fault of [
      'crash',
      'freeze',
      'cut',
      'mute',
      'part',
      'lose answer',
      'lose heartbeat',
      'lose frame',
      'double frame',
      'fail disk',
    ])
      expect(FAULTS).toContain(fault);
    const free: EventKind[] = ['run', 'replay', 'log', 'transfer', 'heartbeat', 'frame', 'answer', 'disk', 'ask', 'retry', 'key', 'tick'];
    for (const kind of [...free, 'repair', 'thaw', 'mend', 'unmute', 'rejoin'] as const) expect(FAULTS).not.toContain(kind);
  });
});
