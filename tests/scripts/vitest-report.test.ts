/** The last line of `npm test` must never call a broken run good. */
import { expect, test } from 'vitest';
import { countTests, readVitestReport, type VitestReport } from '../../scripts/vitest-report.ts';

const good: VitestReport = {
  numPassedTests: 3,
  numFailedTests: 0,
  testResults: [{ name: 'a.test.ts', status: 'passed', assertionResults: [{}, {}, {}] }],
};

test('passed and failed tests are counted as the report counts them', () => {
  expect(countTests(good, 0)).toEqual({ passed: 3, failed: 0 });
  expect(countTests({ ...good, numFailedTests: 2 }, 1)).toEqual({ passed: 3, failed: 2 });
});

test('a file that does not load counts as one failure', () => {
  const testResults = [...good.testResults, { name: 'b.test.ts', status: 'failed', assertionResults: [] }];
  expect(countTests({ ...good, testResults }, 1)).toEqual({ passed: 3, failed: 1 });
});

test('a run that ends badly though every test passed counts as one failure', () => {
  expect(countTests(good, 1)).toEqual({ passed: 3, failed: 1 });
});

test('a run without a report, or without a test, counts as one failure', () => {
  expect(countTests(readVitestReport('/no/such/report.json'), 0)).toEqual({ passed: 0, failed: 1 });
  expect(countTests({ numPassedTests: 0, numFailedTests: 0, testResults: [] }, 0)).toEqual({ passed: 0, failed: 1 });
});
