/**
 * `junit.xml`, which every build server reads. There is no specification, so this keeps to what all of them know: a suite for each
 * submission and lab, a case for each check, points in properties. No time is measured, so each is 0.
 */
import type { ClassResults, SubmissionResult } from '../results/results.ts';
import type { Format } from './format.ts';
import { sectionsOf, type CheckRow, type Section } from './sections.ts';
import { element, xmlDocument, type Attributes } from './xml.ts';

/** Which element says that a case did not pass; a pass has none. */
const ELEMENTS: Record<CheckRow['verdict'], 'failure' | 'error' | 'skipped' | undefined> = {
  pass: undefined,
  fail: 'failure',
  'step budget': 'failure',
  error: 'error',
  'not graded': 'error',
  missing: 'skipped',
};

/** A suite's or a document's cases, counted as the attributes of both say. */
function counts(rows: CheckRow[]): Attributes {
  const count = (name: string) => rows.filter(({ verdict }) => ELEMENTS[verdict] === name).length;
  return { tests: rows.length, failures: count('failure'), errors: count('error'), skipped: count('skipped'), time: 0 };
}

function properties(values: Attributes): string[] {
  const given = Object.entries(values).filter(([, value]) => value !== undefined);
  if (given.length === 0) return [];
  return element(
    'properties',
    {},
    given.flatMap(([name, value]) => element('property', { name, value })),
  );
}

function testcase({ check, verdict, points, failureClass, summary, text, position }: CheckRow, classname: string): string[] {
  const name = ELEMENTS[verdict];
  const type = name === 'skipped' ? undefined : (failureClass ?? verdict);
  const outcome = name === undefined ? [] : element(name, { type, message: summary }, name === 'skipped' ? [] : text);
  const pointsMax = points === undefined ? undefined : check.points;
  return element('testcase', { classname, name: check.title, time: 0, file: position?.file, line: position?.line }, [
    ...properties({ check: check.id, points, pointsMax }),
    ...outcome,
  ]);
}

/** The class name is what is before the last dot, and no lab's name has one: build servers group by submission. */
function testsuite({ lab, score, rows }: Section, { name }: SubmissionResult, { gradedAt }: ClassResults): string[] {
  return element('testsuite', { name: `${name}: ${lab.title}`, timestamp: gradedAt, ...counts(rows) }, [
    ...properties({
      submission: name,
      lab: lab.id,
      points: score?.points,
      pointsMax: score?.pointsMax,
      deducted: score?.deducted,
      final: score?.final,
      lateness: score?.lateness,
    }),
    ...rows.flatMap((row) => testcase(row, `${name}.${lab.id}`)),
  ]);
}

export const junit: Format = (results) => {
  const suites = results.submissions.flatMap((submission) =>
    sectionsOf(submission, results.labs).map((section) => ({ submission, section })),
  );
  const attributes = { name: `lockstep ${results.version}`, ...counts(suites.flatMap(({ section }) => section.rows)) };
  const content = suites.flatMap(({ submission, section }) => testsuite(section, submission, results));
  return [{ path: 'junit.xml', content: xmlDocument(element('testsuites', attributes, content)) }];
};
