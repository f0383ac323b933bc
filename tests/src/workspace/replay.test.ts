import { describe, expect, test } from 'vitest';
import { assembleReport } from '../../../labs-runtime/checks/assemble-report.ts';
import type { CheckReport } from '../../../labs-runtime/checks/report.ts';
import { replayNotice, replayOf } from '../../../src/workspace/replay.ts';
import { lab } from '../../fixtures/labs/echo/lab.ts';

describe('the address', () => {
  test.each([
    ['?check=counts&seed=4017', { check: 'counts', seed: 4017 }],
    ['?seed=1&check=a%20b', { check: 'a b', seed: 1 }],
    ['?check=counts', { check: 'counts' }],
    ['?check=counts&seed=-1', { check: 'counts' }],
    ['?check=counts&seed=1e9', { check: 'counts' }],
    ['?seed=4017', undefined],
    ['?check=', undefined],
    ['', undefined],
  ])('%s asks for %j', (search, asked) => {
    expect(replayOf(search)).toEqual(asked);
  });
});

/** A report in which the check `counts` came out like this, and the others passed. */
function reportWith(counts: Partial<CheckReport>) {
  const checks = lab.checks.map(({ id, title, points }) => ({
    ...{ id, title, points, pointsMax: points, steps: 1, verdict: 'pass' as const },
    ...(id === 'counts' ? counts : {}),
  }));
  return assembleReport({ lab, labHash: '', runtimeHash: '' }, checks);
}

const failure = { class: 'safety', rule: '', expected: '', observed: '', consequence: '', cause: '', link: '', trace: [] } as const;
const failsWith = (seed?: number) => reportWith({ verdict: 'fail', points: 0, failure: { ...failure, trace: [], seed } });

describe('what is said of a replayed run', () => {
  const asked = { check: 'counts', seed: 7 };

  test('is nothing where the text fails in that run', () => {
    expect(replayNotice(lab, asked, failsWith(7))).toBeUndefined();
    expect(replayNotice(lab, { check: 'counts' }, failsWith(9))).toBeUndefined();
  });

  test('is that it passes now, or fails in another way', () => {
    expect(replayNotice(lab, asked, reportWith({}))).toBe('Your text now passes the check “counts what it was told”.');
    expect(replayNotice(lab, asked, failsWith(9))).toBe('Your text fails this check with seed 9; the link is to a run with seed 7.');
    expect(replayNotice(lab, asked, failsWith())).toContain('in another way; the link is to a run with seed 7');
  });

  test('is that there is no such check, even before a run', () => {
    expect(replayNotice(lab, { check: 'one-live', seed: 7 }, undefined)).toContain('has no check “one-live”');
  });

  test('is nothing where nothing ran: the report says why', () => {
    expect(replayNotice(lab, asked, { ...failsWith(9), problem: { message: 'It does not compile.' } })).toBeUndefined();
    expect(replayNotice(lab, asked, undefined)).toBeUndefined();
  });
});
