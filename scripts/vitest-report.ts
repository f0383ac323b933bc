/** Reads the JSON report of a vitest run and counts what passed and failed in it, for the last line of `npm test`. */
import { readFileSync } from 'node:fs';

/** The part of vitest's JSON report that is read here. */
export interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: { name: string; status: string; assertionResults: unknown[] }[];
}

/** The report in `file`, or undefined where the run ended before it wrote one. */
export function readVitestReport(file: string): VitestReport | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as VitestReport;
  } catch {
    return undefined;
  }
}

/**
 * Counts the tests of a run that ended with exit status `status`. A file that does not load has no tests and counts as one failure; so does
 * a run that ends badly although every test passed, or that has no test at all.
 */
export function countTests(report: VitestReport | undefined, status: number): { passed: number; failed: number } {
  const passed = report?.numPassedTests ?? 0;
  const unloaded = (report?.testResults ?? []).filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
  const failed = (report?.numFailedTests ?? 0) + unloaded;
  const silent = failed === 0 && (status !== 0 || passed === 0);
  return { passed, failed: silent ? 1 : failed };
}
