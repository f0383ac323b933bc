/** Geometry of the space-time diagrams: what the eye would take for a mistake in the protocol if it were drawn wrong. */
import { describe, expect, test } from 'vitest';
import { arrowOf, labelOf, laneOf, partsOf, type Lane } from '../../../../src/components/figures/space-time.ts';

const lanes: Lane[] = [
  { name: 'left', x: 20, tone: 'outside' },
  { name: 'right', x: 160, tone: 'primary' },
];

describe('a message', () => {
  test('ends just before the lane it goes to, later than it left', () => {
    const { x1, y1, x2, y2 } = arrowOf(lanes, { from: 'left', to: 'right', at: 50 });
    expect([x1, x2]).toEqual([24, 153]);
    expect(y1).toBeGreaterThan(50);
    expect(y2).toBeCloseTo(50 + 133 / 7, 9);
  });

  test('to the left is the mirror image of one to the right', () => {
    const there = arrowOf(lanes, { from: 'left', to: 'right', at: 50 });
    const back = arrowOf(lanes, { from: 'right', to: 'left', at: 50 });
    expect(back).toEqual({ ...there, x1: 180 - there.x1, x2: 180 - there.x2 });
  });

  test('that is lost ends half-way', () => {
    expect(arrowOf(lanes, { from: 'right', to: 'left', at: 0, lost: true })).toMatchObject({ x2: 90, y2: 10 });
  });

  test('has its label over the middle of its arrow, and turned with it', () => {
    const label = labelOf(lanes, { from: 'left', to: 'right', at: 50 });
    expect(label.x).toBe((24 + 153) / 2);
    expect(Math.tan((label.turn * Math.PI) / 180)).toBeCloseTo(1 / 7, 9);
    expect(labelOf(lanes, { from: 'right', to: 'left', at: 50 }).turn).toBeCloseTo(-label.turn, 9);
  });
});

describe('a lane', () => {
  test('that follows a log is drawn so up to where it goes live', () => {
    expect(partsOf({ ...lanes[1]!, liveAt: 80 }, 10, 100)).toEqual([
      { from: 10, to: 80, live: false },
      { from: 80, to: 100, live: true },
    ]);
  });

  test('ends where its machine stops, also when that was never live', () => {
    expect(partsOf({ ...lanes[1]!, endsAt: 60 }, 10, 100)).toEqual([{ from: 10, to: 60, live: true }]);
    expect(partsOf({ ...lanes[1]!, liveAt: 80, endsAt: 60 }, 10, 100)).toEqual([{ from: 10, to: 60, live: false }]);
  });

  test('that a figure names and does not have is a mistake with a message', () => {
    expect(() => laneOf(lanes, 'backup')).toThrow('no lane backup, only left, right');
  });
});
