/** What each platform would do with a file that is right by its form: the traps, one by one. */
import { describe, expect, test } from 'vitest';
import { canvasText } from '../../../grader/formats/canvas.ts';
import { classroomRunners } from '../../../grader/formats/classroom.ts';
import { cell, csvText } from '../../../grader/formats/csv-text.ts';
import { PRAIRIELEARN_BYTES_MAX, prairielearnResults } from '../../../grader/formats/prairielearn.ts';
import { gradescopeResults } from '../../../grader/formats/gradescope.ts';
import type { ClassResults, LabResult } from '../../../grader/results/results.ts';
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import { classroomResults, elements, junitRoot, only, parseCsv, propertiesOf } from './read-back.ts';
import { smallClass } from './small-class.ts';

/** The small class with nobody but the submission of that name. */
function just(
  name: string,
  change: (results: ClassResults['submissions'][number]) => Partial<ClassResults['submissions'][number]> = () => ({}),
) {
  const submission = smallClass.submissions.find((each) => each.name === name)!;
  return { ...smallClass, submissions: [{ ...submission, ...change(submission) }], absent: [] };
}

/** The small class, whose gradebook has these titles. */
function titled(titleOf: (lab: Lab) => string): ClassResults {
  return { ...smallClass, columnTitles: Object.fromEntries(smallClass.labs.map((lab) => [lab.id, titleOf(lab)])) };
}

describe('canvas', () => {
  test('the header and the points possible are as Canvas exports them', () => {
    const [header, points] = parseCsv(only('canvas', smallClass));
    expect(header).toEqual(['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section', 'Small channel', 'Small failover']);
    expect(points).toEqual(['    Points Possible', '', '', '', '', '20', '20']);
  });

  test('a submission of which one lab was not graded is left out: a blank would delete a grade', () => {
    expect(only('canvas', smallClass)).not.toContain('Fourth');
    expect(only('canvas', smallClass)).not.toContain('Sixth');
  });

  test('a column can have the number of its assignment', () => {
    const [header] = parseCsv(canvasText(titled(({ title, number }) => `${title} (${number})`)));
    expect(header!.slice(5)).toEqual(['Small channel (1)', 'Small failover (2)']);
  });

  test.each(['Final Score of all', 'Student', 'Current Grade', ' ', ''])(
    'a title that Canvas takes for its own is refused: %j',
    (title) => {
      expect(() => canvasText(titled((lab) => (lab.number === 1 ? title : 'other')))).toThrow(
        /canvas\.csv: the column .* Give it another title/,
      );
    },
  );

  test('two columns of one title are refused', () => {
    expect(() => canvasText(titled(() => 'same'))).toThrow(/there is another column of that title/);
  });

  test('nobody is taken for the row of points, and no id for its first digits', () => {
    const results = just('student-01', () => ({ student: { id: 'x', name: '  Points Possible', canvasId: '101; 102' } }));
    const row = parseCsv(canvasText(results))[2]!;
    expect(row[0]).toBe('  Points possible');
    expect(row[1]).toBe('');
  });
});

describe('cells', () => {
  test('a number has no separators, a formula has an apostrophe, and other text stays', () => {
    expect(csvText([[12345.5, undefined, cell('=1+1'), cell('a;=1'), cell('a; "-1'), cell('O’Neill-Smith')]], { bom: false })).toBe(
      '12345.5,,\'=1+1,a;\'=1,"a; ""\'-1",O’Neill-Smith\n',
    );
  });

  test('the table for people begins with a byte order mark, Canvas’s does not', () => {
    expect(only('csv', smallClass)).toMatch(/^\ufeffsubmission,/);
    expect(only('canvas', smallClass)).toMatch(/^Student,/);
  });
});

describe('gradescope', () => {
  test('what was taken off shows in the score and in words', () => {
    const late = JSON.parse(gradescopeResults(just('student-02').submissions[0]!, smallClass.labs));
    expect(late.score).toBe(19.2);
    expect(late.output).toContain('Small failover: 20 of 20 points, less 3.3 for lateness (26 h late, 10 % a day): 16.7 count.');
  });

  test('without a grade there is no score, and the reason', () => {
    const results = JSON.parse(gradescopeResults(just('student-04').submissions[0]!, smallClass.labs));
    expect(results).toEqual({
      output: expect.stringContaining('not graded. it is UTF-16 text'),
      output_format: 'text',
      visibility: 'visible',
    });
  });
});

describe('prairielearn', () => {
  /** The second student's submission, with this for the message of each check that failed. */
  function withMessage(message: string) {
    return just('student-02', ({ labs }) => ({ labs: labs.map((lab) => longer(lab, message)) })).submissions[0]!;
  }

  function longer(lab: LabResult, message: string): LabResult {
    if (lab.outcome.kind !== 'graded') return lab;
    const checks = lab.outcome.report.checks.map((check) => (check.verdict === 'pass' ? check : { ...check, message }));
    return { ...lab, outcome: { ...lab.outcome, report: { ...lab.outcome.report, checks } } };
  }

  test.each([
    ['x', 2],
    ['"', 2],
    ['😀', 4],
  ])('a message of many %s is cut to fit, and says so', (character) => {
    const text = prairielearnResults(withMessage(`x${character.repeat(1_500_000)}`), smallClass.labs);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(PRAIRIELEARN_BYTES_MAX);
    expect(Buffer.byteLength(text)).toBeGreaterThan(PRAIRIELEARN_BYTES_MAX / 4);
    const cut = JSON.parse(text).tests.filter(({ message = '' }: { message?: string }) => /\n\[Cut: \d+ more characters/.test(message));
    expect(cut).toHaveLength(2);
    expect(text).not.toContain('\\ud83d');
  });

  test('without a grade it is not gradable, which costs the student nothing, and says why', () => {
    expect(JSON.parse(prairielearnResults(just('student-04').submissions[0]!, smallClass.labs))).toEqual({
      gradable: false,
      format_errors: [expect.stringContaining('Small failover: not graded.')],
      message: expect.stringContaining('Small channel: 20 of 20 points.'),
    });
  });

  test('a message that fits stays whole', () => {
    const text = prairielearnResults(withMessage('x'.repeat(100_000)), smallClass.labs);
    expect(text).toContain('x'.repeat(100_000));
    expect(text).not.toContain('[Cut');
  });

  test('lateness is a test out of no points, so that the sum of the tests is the score', () => {
    const { tests, score } = JSON.parse(prairielearnResults(just('student-02').submissions[0]!, smallClass.labs));
    expect(tests).toContainEqual({ name: 'Small failover: handed in late', points: -3.3, max_points: 0 });
    expect(score).toBeCloseTo(19.2 / 40, 12);
  });
});

describe('classroom', () => {
  test('each check is a runner, whose variable a shell can set', () => {
    const runners = classroomRunners(smallClass.submissions[1]!, smallClass.labs);
    expect(runners.map(({ runner }) => runner)).toEqual([
      'small_channel__in_order',
      'small_channel__once',
      'small_channel__forgets',
      'small_failover__notices',
      'small_failover__one_live',
    ]);
    for (const { runner, variable } of runners) {
      expect(variable).toBe(`${runner.toUpperCase()}_RESULTS`);
      expect(variable).toMatch(/^[A-Z0-9_]+$/);
    }
  });

  test('a test has all that the reporter reads', () => {
    const [first] = classroomResults(just('student-02'))[0]!;
    expect(first!.results).toEqual({
      version: 1,
      status: 'fail',
      max_score: 10,
      tests: [
        {
          name: 'entries arrive in order',
          status: 'fail',
          score: 0,
          message: expect.stringContaining('An entry arrives once.'),
          line_no: 12,
          execution_time: '0ms',
          test_code: 'in-order',
        },
      ],
    });
  });

  test('lateness is shared out without a hundredth lost', () => {
    const scores = classroomResults(just('student-02'))[0]!.map(({ results }) => results.tests[0].score);
    expect(scores).toEqual([0, 0, 2.5, 10.02, 6.68]);
  });
});

describe('junit', () => {
  test('each outcome is the element that a build server knows', () => {
    const cases = elements(junitRoot(smallClass), 'testcase').map(({ attributes, children }) => {
      const outcome = children.find(({ name }) => name !== 'properties');
      return [attributes.classname, outcome?.name, outcome?.attributes.type];
    });
    expect(cases.slice(10, 20)).toEqual([
      ['student-02.small-channel', 'failure', 'safety'],
      ['student-02.small-channel', 'failure', 'step budget'],
      ['student-02.small-channel', undefined, undefined],
      ['student-02.small-failover', undefined, undefined],
      ['student-02.small-failover', undefined, undefined],
      ['student-03.ts.small-channel', 'error', 'error'],
      ['student-03.ts.small-channel', 'error', 'error'],
      ['student-03.ts.small-channel', 'error', 'error'],
      ['student-03.ts.small-failover', 'skipped', undefined],
      ['student-03.ts.small-failover', 'skipped', undefined],
    ]);
    expect(cases.slice(23, 25).map(([, name, type]) => [name, type])).toEqual([
      ['error', 'not graded'],
      ['error', 'not graded'],
    ]);
  });

  test('points stand in properties, and the suite says what counts', () => {
    const suite = elements(junitRoot(just('student-02')), 'testsuite')[1]!;
    expect(propertiesOf(suite)).toEqual({
      submission: 'student-02',
      lab: 'small-failover',
      points: '20',
      pointsMax: '20',
      deducted: '3.3',
      final: '16.7',
      lateness: '26 h late, 10 % a day',
    });
    expect(elements(suite, 'testcase').map(propertiesOf)).toEqual([
      { check: 'notices', points: '12', pointsMax: '12' },
      { check: 'one-live', points: '8', pointsMax: '8' },
    ]);
  });
});
