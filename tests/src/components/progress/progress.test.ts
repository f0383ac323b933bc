/** Reading progress as a reader makes it: pages opened, left, read, ticked and unticked, in one tab or two, over a storage that may hold anything. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  parseProgress,
  parseScore,
  placeToContinue,
  isRead,
  withEndSeen,
  withLeft,
  withTick,
  withVisit,
  type Progress,
} from '../../../../src/components/progress/progress.ts';

const chapters = ['lecture/a', 'lecture/b', 'lecture/c'];
const nothing: Progress = { read: {} };

/** Opens the pages in turn, and reads each to its end. */
function readAll(pages: string[]): Progress {
  return pages.reduce((progress, page) => withEndSeen(withVisit(progress, page), page), nothing);
}

describe('what is stored', () => {
  test('comes back as it was', () => {
    const progress = withLeft(withVisit(readAll(['lecture/a']), 'lecture/b'), { page: 'lecture/b', heading: 'numbers' });
    expect(parseProgress(JSON.stringify(progress))).toEqual(progress);
  });

  test('may be anything, and is never worse than nothing read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.constant(null)), (stored) => {
        const { read } = parseProgress(stored);
        expect(Object.values(read).every((mark) => typeof mark === 'boolean')).toBe(true);
      }),
    );
    expect(parseProgress('{"read":{"lecture/a":true,"lecture/b":7},"last":{"page":3}}')).toEqual({ read: { 'lecture/a': true } });
    expect(parseProgress('{"read":"lecture/a","last":null}')).toEqual(nothing);
  });

  test('as a score is one only where it is between nothing and everything', () => {
    expect(parseScore('{"points":85,"pointsMax":100}')).toEqual({ points: 85, pointsMax: 100 });
    expect(parseScore('{"points":0,"pointsMax":100,"at":1}')).toEqual({ points: 0, pointsMax: 100 });
    for (const no of [null, '', '85', '{"points":85}', '{"points":"85","pointsMax":100}', '{"points":101,"pointsMax":100}', '[]', 'null']) {
      expect(parseScore(no)).toBeUndefined();
    }
  });
});

describe('a page', () => {
  test('is read when its end has been on screen', () => {
    const once = withEndSeen(nothing, 'lecture/a');
    expect(withEndSeen(once, 'lecture/a')).toBe(once);
    expect(chapters.map((page) => isRead(once, page))).toEqual([true, false, false]);
  });

  test('that the reader unticked stays so, though its end is on screen again, until they tick it', () => {
    const unticked = withTick(readAll(chapters), 'lecture/b', false);
    expect(isRead(withEndSeen(unticked, 'lecture/b'), 'lecture/b')).toBe(false);
    expect(isRead(withTick(unticked, 'lecture/b', true), 'lecture/b')).toBe(true);
  });

  test('that is opened again keeps the heading at which it was left', () => {
    const left = withLeft(withVisit(nothing, 'lecture/a'), { page: 'lecture/a', heading: 'framing' });
    expect(withVisit(left, 'lecture/a').last).toEqual({ page: 'lecture/a', heading: 'framing' });
  });

  test('that is left after another was opened, in a second tab, does not become the place to go on', () => {
    const second = withVisit(withVisit(nothing, 'lecture/a'), 'labs/logging-channel');
    expect(withLeft(second, { page: 'lecture/a', heading: 'framing' }).last).toEqual({ page: 'labs/logging-channel' });
  });
});

describe('the place to continue', () => {
  test('is none for a reader who has just come', () => {
    expect(placeToContinue(nothing, chapters)).toBeUndefined();
  });

  test('is where the reader was, to the heading', () => {
    const left = withLeft(withVisit(readAll(['lecture/a']), 'lecture/b'), { page: 'lecture/b', heading: 'numbers' });
    expect(placeToContinue(left, chapters)).toEqual({ page: 'lecture/b', heading: 'numbers' });
  });

  test('after a chapter that is read is the next one that is not', () => {
    expect(placeToContinue(readAll(['lecture/b', 'lecture/a']), chapters)).toEqual({ page: 'lecture/c' });
  });

  test('after the last chapter is the first that was passed over', () => {
    expect(placeToContinue(readAll(['lecture/a', 'lecture/c']), chapters)).toEqual({ page: 'lecture/b' });
  });

  test('is a lab, if that is where the reader was', () => {
    expect(placeToContinue(withVisit(readAll(chapters), 'labs/logging-channel'), chapters)).toEqual({ page: 'labs/logging-channel' });
  });

  test('is none when everything is read', () => {
    expect(placeToContinue(readAll(chapters), chapters)).toBeUndefined();
  });
});
