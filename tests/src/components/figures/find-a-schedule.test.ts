/** The live figure of the search: what it finds for each mechanism that is left out, and that it finds nothing where nothing is. */
import { describe, expect, test } from 'vitest';
import { describeSearch, prepare, search, STATES_MAX } from '../../../../src/components/figures/find-a-schedule.ts';
import type { LeftOut, Prepared, SearchFrame } from '../../../../src/components/figures/find-a-schedule.ts';
import { traceSvg } from '../../../../src/components/trace/trace-svg.ts';

/** A clock on which each look takes three milliseconds, so that a piece of work is a few of them. */
function steadyClock(): () => number {
  let nowMs = 0;
  return () => (nowMs += 3);
}

async function framesOf(leftOut: LeftOut): Promise<{ frames: SearchFrame[]; prepared: Prepared }> {
  const prepared = await prepare(leftOut);
  return { frames: [...search(prepared, steadyClock())], prepared };
}

describe('with nothing left out', () => {
  test('every schedule within the bounds is looked at, and none breaks a property', async () => {
    const { frames } = await framesOf('nothing');
    const last = frames.at(-1)!;
    expect(last).toMatchObject({ kind: 'exhaustive', phase: 'done', isExhausted: true, found: undefined, rows: [] });
    expect(last.states).toBeGreaterThan(5_000);
    expect(last.states).toBeLessThan(STATES_MAX);
    expect(describeSearch(last)).toMatch(/^No schedule up to these bounds breaks a property: all [\d,]+ states in [\d,]+ events/);
  });

  test('a frame comes after a few pieces of work, and counts only go up', async () => {
    const { frames } = await framesOf('nothing');
    const steps = frames.slice(1).map(({ events, states }, index) => [events - frames[index]!.events, states - frames[index]!.states]);
    expect(frames.length).toBeGreaterThan(100);
    for (const [events, states] of steps) {
      expect(events).toBeLessThanOrEqual(16);
      expect(states).toBeGreaterThanOrEqual(0);
    }
  });
});

const findings = [
  { leftOut: 'holdsOutputs', property: 'no output is lost', has: 'crashes' },
  { leftOut: 'flag', property: 'one machine is live', has: 'goes live' },
  { leftOut: 'replaysToEnd', property: 'no output is lost', has: 'goes live' },
  { leftOut: 'remakesOutputs', property: 'no output is lost', has: 'crashes' },
  { leftOut: 'announces', property: 'service goes on', has: 'crashes' },
] as const;

describe.each(findings)('without $leftOut', ({ leftOut, property, has }) => {
  test(`the property "${property}" is broken, and the row at which it is stands out`, async () => {
    const { frames } = await framesOf(leftOut);
    const last = frames.at(-1)!;
    expect(last.phase).toBe('done');
    expect(last.found!.explanation.property).toBe(property);
    expect(last.found!.eventsAtLast).toBeLessThan(15);
    expect(last.found!.eventsAtLast).toBeLessThanOrEqual(last.found!.eventsAtFirst);
    expect(last.rows.filter(({ tone }) => tone === 'broken')).toHaveLength(1);
    expect(last.rows.some(({ what }) => what.includes(has))).toBe(true);
    expect(describeSearch(last)).toContain(`the property “${property}” after`);
    const drawing = traceSvg(last.rows, { width: 600, lanes: last.lanes, verdict: 'Property broken here' });
    expect(drawing).toContain('Property broken here');
    expect(drawing).not.toContain('NaN');
  });

  test('the same search finds the same', async () => {
    const [one, other] = [await framesOf(leftOut), await framesOf(leftOut)];
    expect(one.frames.at(-1)!.rows).toEqual(other.frames.at(-1)!.rows);
  });
});

test('without the test-and-set no failure is needed: two ticks are enough', async () => {
  const { frames } = await framesOf('flag');
  const { rows, found } = frames.at(-1)!;
  expect(found!.eventsAtLast).toBe(2);
  expect(rows.filter(({ tone }) => tone === 'fault')).toEqual([]);
});

test('a search that stops before the end says so', () => {
  const frame: SearchFrame = {
    kind: 'exhaustive',
    phase: 'done',
    states: STATES_MAX,
    events: 100_000,
    depth: 30,
    statesPerSecond: 1,
    isExhausted: false,
    found: undefined,
    rows: [],
    lanes: [],
  };
  expect(describeSearch(frame)).toBe('Nothing found in 60,000 states in 100,000 events, and not all was looked at.');
});
