/** What holds of all formats together, whatever a class and its texts are like. fast-check prints the seed of what fails. */
import fc from 'fast-check';
import { validate } from 'ctrf';
import { describe, expect, test } from 'vitest';
import { formats, type FormatName } from '../../../grader/formats/formats.ts';
import { sumPoints, totalOf, type ClassResults } from '../../../grader/results/results.ts';
import { arbitraryClass } from './class-arbitrary.ts';
import {
  canvasTotals,
  classroomResults,
  ctrfReport,
  elements,
  junitRoot,
  only,
  parseCsv,
  perSubmission,
  propertiesOf,
  totalsIn,
} from './read-back.ts';

const names = Object.keys(formats) as FormatName[];

/** Tries a property of any class; `numRuns` of them, for what is slow. */
function always(property: (results: ClassResults) => void, numRuns = 100): void {
  fc.assert(
    fc.property(arbitraryClass, (results) => void property(results)),
    { numRuns },
  );
}

function totals({ submissions }: ClassResults): (number | undefined)[] {
  return submissions.map((submission) => totalOf(submission)?.final);
}

function checksOf({ labs }: ClassResults): number {
  return labs.reduce((sum, { checks }) => sum + checks.length, 0);
}

/** The same data, with the properties of every object in the opposite order. */
function backwards<T>(value: T): T {
  if (Array.isArray(value)) return value.map(backwards) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, each]) => [key, backwards(each)]);
  return Object.fromEntries(entries.reverse()) as T;
}

describe('totals', () => {
  test.each(Object.entries(totalsIn))('%s gives every submission its total, and none to what was not graded', (_, read) => {
    always((results) => expect(read(results)).toEqual(totals(results)));
  });

  test('canvas has a row for each submission that has a total, and for nobody else', () => {
    always((results) => expect(canvasTotals(results)).toEqual(totals(results).filter((total) => total !== undefined)));
  });

  test('canvas knows how many points each lab has', () => {
    always((results) => {
      const [, points] = parseCsv(only('canvas', results));
      const most = results.labs.map(({ checks }) => sumPoints(checks.map((check) => check.points)));
      expect(points!.slice(5).map(Number)).toEqual(most);
    });
  });

  test('a share of all points is what PrairieLearn is told', () => {
    always((results) => {
      const scores = perSubmission('prairielearn', results).map(({ score }) => score);
      const shares = results.submissions.map((submission) => totalOf(submission)).map((total) => total && total.final / total.pointsMax);
      expect(scores).toEqual(shares);
      for (const score of scores.filter((each) => each !== undefined)) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }
    });
  });
});

describe('rows and cases', () => {
  test('every format has one for each check of each submission', () => {
    always((results) => {
      const expected = results.submissions.length * checksOf(results);
      const cells = parseCsv(only('csv', results)).slice(1, 1 + results.submissions.length);
      const checkColumns = parseCsv(only('csv', results))[0]!.filter((title) => / check-\d$/.test(title)).length;
      expect(elements(junitRoot(results), 'testcase')).toHaveLength(expected);
      expect(ctrfReport(results).results.tests).toHaveLength(expected);
      expect(classroomResults(results).flat()).toHaveLength(expected);
      expect(cells.length * checkColumns).toBe(expected);
    });
  });

  test('the counts that JUnit and CTRF begin with are those of their cases', () => {
    always((results) => {
      for (const element of [junitRoot(results), ...elements(junitRoot(results), 'testsuite')]) {
        const { tests, failures, errors, skipped } = element.attributes;
        const found = ['testcase', 'failure', 'error', 'skipped'].map((name) => String(elements(element, name).length));
        expect([tests, failures, errors, skipped]).toEqual(found);
      }
      const { summary, tests } = ctrfReport(results).results;
      for (const status of ['passed', 'failed', 'skipped', 'pending', 'other']) {
        expect(summary[status]).toBe(tests.filter((each: { status: string }) => each.status === status).length);
      }
    });
  });

  test('students of whom nothing came are in the table for people, with no points', () => {
    always((results) => {
      const rows = parseCsv(only('csv', results)).slice(1 + results.submissions.length);
      expect(rows).toHaveLength(results.absent.length);
      for (const row of rows) expect(row.slice(4).filter((text) => text !== '' && text !== 'missing')).toEqual([]);
    });
  });
});

describe('what was not graded is no zero', () => {
  test('in any format', () => {
    always((results) => {
      const kinds = results.submissions.flatMap(({ labs }) => labs.map(({ outcome }) => outcome.kind));
      const suites = elements(junitRoot(results), 'testsuite');
      const { scores } = ctrfReport(results).results.extra;
      for (const [index, kind] of kinds.entries()) {
        const properties = [suites[index]!, ...elements(suites[index]!, 'testcase')].map(propertiesOf);
        expect(properties.every((each) => 'points' in each)).toBe(kind !== 'not graded');
        expect(properties.some((each) => 'points' in each)).toBe(kind !== 'not graded');
        expect('points' in scores[index]).toBe(kind !== 'not graded');
      }
      const ungraded = totals(results).flatMap((total, index) => (total === undefined ? [index] : []));
      for (const index of ungraded) {
        expect(JSON.stringify(perSubmission('gradescope', results)[index])).not.toMatch(/"(score|max_score|tests)":/);
        expect(JSON.stringify(perSubmission('prairielearn', results)[index])).not.toMatch(/"(score|points|tests)":/);
        for (const { results: runner } of classroomResults(results)[index]!) {
          expect(runner).toMatchObject({ max_score: 0, tests: [expect.not.objectContaining({ score: expect.anything() })] });
        }
      }
    });
  });

  test('a lab that was not graded has no number in the table for people', () => {
    always((results) => {
      const [header, ...rows] = parseCsv(only('csv', results));
      for (const [index, { labs }] of results.submissions.entries()) {
        for (const { lab, outcome } of labs) {
          const numbers = ['points', 'deducted', 'final'].map((column) => rows[index]![header!.indexOf(`${lab} ${column}`)]);
          expect(numbers.filter((text) => text === '')).toHaveLength(outcome.kind === 'not graded' ? 3 : 0);
        }
      }
    });
  });
});

describe('schemas', () => {
  test('CTRF is valid by its reference implementation, which refuses a property that it does not know', () => {
    always((results) => {
      const report = ctrfReport(results);
      expect(validate(report)).toEqual({ valid: true, errors: [] });
      expect(validate({ ...report, results: { ...report.results, points: 1 } }).valid).toBe(false);
    }, 20);
  });

  test('Gradescope gets the properties it knows, all text as text, and no hidden test', () => {
    always((results) => {
      for (const { tests = [], ...rest } of perSubmission('gradescope', results)) {
        expect(Object.keys(rest).filter((key) => key !== 'score')).toEqual(['output', 'output_format', 'visibility']);
        expect(rest).toMatchObject({ output: expect.any(String), output_format: 'text', visibility: 'visible' });
        for (const { output = '', ...each } of tests) {
          const numbers = { max_score: expect.any(Number), score: expect.any(Number), number: expect.stringMatching(/^\d+\.\d+$/) };
          const status = expect.stringMatching(/^(passed|failed)$/);
          expect({ ...each, output }).toEqual({
            name: expect.any(String),
            name_format: 'text',
            output,
            output_format: 'text',
            status,
            ...numbers,
          });
        }
      }
    });
  });

  test('PrairieLearn gets the properties it knows', () => {
    always((results) => {
      for (const { tests = [], ...rest } of perSubmission('prairielearn', results)) {
        expect(Object.keys(rest)).toEqual(rest.gradable ? ['gradable', 'message', 'score'] : ['format_errors', 'gradable', 'message']);
        for (const { message = '', ...each } of tests) {
          expect({ ...each, message }).toEqual({
            name: expect.any(String),
            points: expect.any(Number),
            max_points: expect.any(Number),
            message,
          });
        }
      }
    });
  });
});

/** Controls, marks that turn the direction, and halves of surrogate pairs. */
const HARMFUL = /[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff\p{Cs}]/u;

/** All texts in parsed JSON, line by line. */
function linesIn(value: unknown): string[] {
  if (typeof value === 'string') return value.split('\n');
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(linesIn) : [];
}

describe('hostile text', () => {
  test.each(names)('in %s no character acts on a terminal, and the file is UTF-8', (name) => {
    always((results) => {
      for (const { path, content } of formats[name](results)) {
        expect(path).toMatch(/^([a-z]+\/)?[a-z0-9_][a-z0-9._~-]*\.(json|xml|csv|html)$/);
        const text = Buffer.from(content)
          .toString('utf8')
          .replace(/^\ufeff/, '');
        expect(text).toBe(content.replace(/^\ufeff/, ''));
        expect(text.split('\n').filter((line) => HARMFUL.test(line))).toEqual([]);
      }
    });
  });

  test('what a platform reads from its JSON is as harmless as the file', () => {
    always((results) => {
      const parsed = [
        ctrfReport(results),
        ...perSubmission('gradescope', results),
        ...perSubmission('prairielearn', results),
        ...classroomResults(results).map((runners) => runners.map((each) => each.results)),
      ];
      expect(linesIn(parsed).filter((line) => HARMFUL.test(line))).toEqual([]);
    });
  });

  test('a build server that prints a line of it runs no command', () => {
    always((results) => {
      const parsed = [...classroomResults(results).map((runners) => runners.map((each) => each.results)), ctrfReport(results)];
      expect(linesIn(parsed).filter((line) => /^\s*(::|##\[)/.test(line))).toEqual([]);
    });
  });

  test.each(['canvas', 'csv'] as const)('no cell of %s is a formula, even to a spreadsheet that ends cells at semicolons alone', (name) => {
    always((results) => {
      const content = only(name, results);
      const cells = [...parseCsv(content).flat(), ...content.split('\n').flatMap((line) => line.split(';'))];
      expect(cells.filter((text) => /^[\s"]*[=+\-@＝＋－＠]/.test(text))).toEqual([]);
    });
  });

  test('results.json gives back what went in', () => {
    always((results) => {
      const { schema, submissions, ...rest } = JSON.parse(only('json', results));
      const given = submissions.map(({ total: _, ...submission }: { total?: unknown }) => submission);
      expect(schema).toBe(1);
      expect({ ...rest, submissions: given }).toEqual(JSON.parse(JSON.stringify(results)));
    });
  });

  test('JUnit, CTRF and Classroom say the same of each case', () => {
    always((results) => {
      const cases = elements(junitRoot(results), 'testcase');
      const words = cases.map((each) => [...elements(each, 'failure'), ...elements(each, 'error')][0]?.text);
      const { tests } = ctrfReport(results).results;
      const messages = classroomResults(results)
        .flat()
        .map((each) => each.results.tests[0].message);
      for (const [index, { message, status }] of tests.entries()) {
        if (status !== 'skipped') expect(words[index]).toBe(message);
        expect(messages[index]).toBe(message ?? '');
      }
    });
  });
});

describe('the same results', () => {
  test.each(names)('%s gives the same bytes, in whatever order properties were set', (name) => {
    always((results) => expect(formats[name](backwards(results))).toEqual(formats[name](results)));
  });
});
