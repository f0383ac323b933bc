/** What lateness costs, and what is wrong with a policy that cannot be read. */
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { lateRule, scoreOf, unknownExtensions, type LateRule } from '../../../grader/results/late-policy.ts';
import { parseLatePolicy, readLatePolicy } from '../../../grader/results/read-late-policy.ts';
import type { Student } from '../../../grader/results/results.ts';
import { Folder, allLabs } from '../intake/fixtures.ts';

const DUE = '2026-03-01T23:59:00+01:00';
const dueMs = Date.parse(DUE);
const HOUR_MS = 3_600_000;
const jane: Student = { id: 'S-1', name: 'Doe, Jane', login: 'jdoe' };

/** The score of 80 of 100 points that came so many milliseconds after `DUE`. */
function after(lateMs: number, rule: Partial<LateRule> = {}, student?: Student, markedLate = false) {
  const submittedAt = new Date(dueMs + lateMs).toISOString();
  return scoreOf(80, 100, { submittedAt, markedLate, student }, { due: DUE, ...rule });
}

describe('what is taken off', () => {
  test('nothing in time, to the millisecond, and nothing within the grace', () => {
    expect(after(0, { deductPercentPerDay: 10 })).toEqual({ points: 80, pointsMax: 100, deducted: 0, final: 80 });
    expect(after(600_000, { deductPercentPerDay: 10, graceMinutes: 10 }).deducted).toBe(0);
    expect(after(600_001, { deductPercentPerDay: 10, graceMinutes: 10 }).deducted).toBe(8);
  });

  test('of the points earned, for each day that has begun', () => {
    expect(after(1, { deductPercentPerDay: 10 })).toEqual({
      points: 80,
      pointsMax: 100,
      deducted: 8,
      final: 72,
      lateness: '1 day late: 10% of the points taken off',
    });
    expect(after(24 * HOUR_MS, { deductPercentPerDay: 10 }).deducted).toBe(8);
    expect(after(24 * HOUR_MS + 1, { deductPercentPerDay: 10 })).toMatchObject({ deducted: 16, final: 64 });
    expect(after(1, { deductPercentPerDay: 33.33 })).toMatchObject({ deducted: 26.66, final: 53.34 });
  });

  test('or for each hour, up to a limit', () => {
    expect(after(2 * HOUR_MS + 1, { deductPercentPerHour: 2 })).toMatchObject({
      final: 75.2,
      lateness: '3 hours late: 6% of the points taken off',
    });
    expect(after(90 * HOUR_MS, { deductPercentPerHour: 2, maxDeductPercent: 50 }).final).toBe(40);
    expect(after(90 * HOUR_MS, { deductPercentPerHour: 2 }).final).toBe(0);
    expect(after(90 * HOUR_MS)).toMatchObject({ final: 80, lateness: '4 days late: 0% of the points taken off' });
  });

  test('everything after the last moment', () => {
    const rule = { deductPercentPerDay: 10, maxDeductPercent: 20, acceptUntil: '2026-03-04T00:00:00Z' };
    expect(after(Date.parse(rule.acceptUntil) - dueMs, rule).final).toBe(64);
    expect(after(Date.parse(rule.acceptUntil) - dueMs + 1, rule)).toMatchObject({
      deducted: 80,
      final: 0,
      lateness: 'came after 2026-03-04T00:00:00Z, from when on nothing counts',
    });
  });

  test('from an extension on, for whom it is, by id or name', () => {
    const extensions = { 'JDoe ': '2026-03-03T23:59:00+01:00', 'doe, jane': '2026-03-02T23:59:00+01:00', other: '2026-04-01T00:00:00Z' };
    const rule = { deductPercentPerDay: 10, acceptUntil: '2026-03-02T00:00:00Z', extensions };
    expect(after(48 * HOUR_MS, rule, jane)).toMatchObject({ deducted: 0 });
    expect(after(48 * HOUR_MS, rule, { id: 'x' }).final).toBe(0);
    expect(after(48 * HOUR_MS, rule).final).toBe(0);
    expect(after(49 * HOUR_MS, { ...rule, acceptUntil: undefined }, jane).lateness).toBe(
      '1 day late after an extension to 2026-03-03T23:59:00+01:00: 10% of the points taken off',
    );
  });

  test('nothing where nobody knows when it came, and the score says so', () => {
    const rule = { due: DUE, deductPercentPerDay: 10 };
    const unknown = (markedLate: boolean, each?: LateRule) => scoreOf(80, 100, { submittedAt: undefined, markedLate, student: jane }, each);
    expect(unknown(false)).toEqual({ points: 80, pointsMax: 100, deducted: 0, final: 80 });
    expect(unknown(false, rule)).toMatchObject({ final: 80, lateness: 'when it came is not known, so nothing is taken off' });
    expect(unknown(true, rule).lateness).toBe('marked late by the platform; when it came is not known, so nothing is taken off');
    expect(unknown(true).lateness).toBe('marked late by the platform; there is no late policy, so nothing is taken off');
    expect(after(0, {}, jane, true).lateness).toBe('marked late by the platform, in time by the late policy');
  });

  const moment = fc
    .integer({ min: -3 * 24, max: 40 * 24 })
    .chain((hours) => fc.constantFrom(0, 1, 1234).map((ms) => dueMs + hours * HOUR_MS + ms));
  const iso = moment.map((ms) => new Date(ms).toISOString());
  const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
  const rules = fc
    .record(
      {
        due: fc.constant(DUE),
        graceMinutes: fc.nat({ max: 3000 }),
        deductPercentPerDay: percent,
        deductPercentPerHour: percent,
        maxDeductPercent: percent,
        acceptUntil: iso,
        extensions: fc.record({ 'S-1': iso }),
      },
      { requiredKeys: ['due'] },
    )
    .map((rule) => rule as LateRule);
  const cents = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);

  test('never more than was earned, never less than nothing, and never less for coming later', () => {
    fc.assert(
      fc.property(rules, cents, moment, moment, fc.boolean(), (rule, points, one, other, markedLate) => {
        const [earlier, later] = [one, other]
          .toSorted((a, b) => a - b)
          .map((ms) => {
            const submittedAt = new Date(ms).toISOString();
            return scoreOf(points, 100, { submittedAt, markedLate, student: jane }, rule);
          }) as [ReturnType<typeof scoreOf>, ReturnType<typeof scoreOf>];
        for (const { deducted, final } of [earlier, later]) {
          expect(final).toBeGreaterThanOrEqual(0);
          expect(final).toBeLessThanOrEqual(points);
          expect(Math.round(final * 100) + Math.round(deducted * 100)).toBe(Math.round(points * 100));
          expect(Number(final.toFixed(2))).toBe(final);
          expect(Number(deducted.toFixed(2))).toBe(deducted);
        }
        expect(later.final).toBeLessThanOrEqual(earlier.final);
      }),
      { numRuns: 1000 },
    );
  });

  test('who says why says it wherever something was taken off', () => {
    fc.assert(
      fc.property(rules, cents, iso, (rule, points, submittedAt) => {
        const { deducted, lateness } = scoreOf(points, 100, { submittedAt, markedLate: false, student: jane }, rule);
        if (deducted > 0) expect(lateness).toMatch(/taken off|nothing counts/);
      }),
    );
  });
});

describe('what holds for a lab', () => {
  test('its own where it has one, else the policy’s; extensions together', () => {
    const policy = {
      due: DUE,
      deductPercentPerDay: 10,
      extensions: { a: DUE },
      labs: { failover: { due: '2026-04-01T00:00:00Z', deductPercentPerHour: 1, extensions: { b: DUE } } },
    };
    expect(lateRule(policy, 'output-rule')).toMatchObject({ due: DUE, deductPercentPerDay: 10, extensions: { a: DUE } });
    const failover = lateRule(policy, 'failover');
    expect(failover).toMatchObject({ due: '2026-04-01T00:00:00Z', deductPercentPerHour: 1, extensions: { a: DUE, b: DUE } });
    expect(failover!.deductPercentPerDay).toBeUndefined();
    expect(lateRule({ labs: { failover: { due: DUE } } }, 'output-rule')).toBeUndefined();
  });

  test('extensions of nobody are told', () => {
    const policy = { due: DUE, extensions: { JDOE: DUE, jdeo: DUE }, labs: { failover: { extensions: { max: DUE } } } };
    expect(unknownExtensions(policy, [jane])).toEqual(['jdeo', 'max']);
  });
});

describe('reading a policy', () => {
  const parse = (policy: unknown) => parseLatePolicy(JSON.stringify(policy), 'late.json', allLabs);

  test('every key', () => {
    const policy = {
      due: DUE,
      graceMinutes: 10,
      deductPercentPerDay: 10,
      maxDeductPercent: 50,
      acceptUntil: '2026-03-08T23:59Z',
      extensions: { 'Doe, Jane': DUE },
      labs: { failover: { due: DUE, deductPercentPerHour: 0.5 } },
    };
    expect(parse(policy)).toEqual(policy);
  });

  test.each<[unknown, string]>([
    [{ due: DUE, deductPerDay: 5 }, 'there is no key deductPerDay. Did you mean "deductPercentPerDay"? The keys are due, graceMinutes,'],
    [{ due: '2026-03-01' }, 'due is "2026-03-01" and should be a time with a zone, such as "2026-03-01T23:59:00+01:00".'],
    [{ due: '2026-03-01T23:59:00' }, 'should be a time with a zone'],
    [{ due: '2026-13-01T23:59:00Z' }, 'should be a time with a zone'],
    [{ due: '2026-02-29T23:59:00Z' }, 'should be a time with a zone'],
    [{ due: DUE, graceMinutes: '10' }, 'graceMinutes is "10" and should be a number from 0 on.'],
    [{ due: DUE, graceMinutes: -1 }, 'graceMinutes is -1 and should be a number from 0 on.'],
    [{ due: DUE, maxDeductPercent: 101 }, 'maxDeductPercent is 101 and should be a number from 0 to 100.'],
    [{ due: DUE, acceptUntil: 5 }, 'acceptUntil is 5 and should be a time'],
    [{ due: DUE, extensions: [] }, 'extensions is [] and should be an object, in braces.'],
    [{ due: DUE, extensions: { 'a\x1b': 'later' } }, 'extensions.a\\x1b is "later" and should be a time'],
    [
      { due: DUE, labs: { failoverr: {} } },
      'there is no lab failoverr. Did you mean "failover"? The labs are logging-channel, output-rule and failover.',
    ],
    [{ due: DUE, labs: { failover: { labs: {} } } }, 'there is no key labs.failover.labs.'],
    [{ due: DUE, labs: { failover: { due: 1 } } }, 'labs.failover.due is 1 and should be a time'],
    [
      { due: DUE, deductPercentPerDay: 1, deductPercentPerHour: 1 },
      'deductPercentPerDay and deductPercentPerHour exclude each other: keep one.',
    ],
    [{}, 'due is missing: say from when on something is late.'],
    [[], 'it is [] and should be an object, in braces.'],
    [null, 'it is null and should be an object, in braces.'],
  ])('%j is refused by the name of the key', (policy, message) => {
    expect(() => parse(policy)).toThrow(`late.json: ${message}`.replace('late.json: should', 'should'));
  });

  test('keys of every object’s are no keys', () => {
    expect(() => parseLatePolicy(`{"due":"${DUE}","__proto__":{}}`, 'late.json', allLabs)).toThrow('there is no key __proto__');
    expect(() => parse({ due: DUE, constructor: 1 })).toThrow('there is no key constructor');
  });

  test('in a file: JSON, and there', async () => {
    const folder = new Folder();
    await expect(readLatePolicy(folder.at('late.json'), allLabs)).rejects.toThrow(/no such file/);
    writeFileSync(folder.at('late.json'), '{due}');
    await expect(readLatePolicy(folder.at('late.json'), allLabs)).rejects.toThrow(/late\.json: it is no JSON/);
    writeFileSync(folder.at('late.json'), `\ufeff{"due":"${DUE}"}`);
    expect(await readLatePolicy(folder.at('late.json'), allLabs)).toEqual({ due: DUE });
    folder.remove();
  });
});
