/** The table of a class on the terminal: what it says beside the points. */
import { describe, expect, test } from 'vitest';
import { classLines } from '../../grader/class-table.ts';
import type { ClassResults, Student } from '../../grader/results/results.ts';
import { painter } from '../../grader/terminal.ts';
import { smallClass } from './formats/small-class.ts';

const linesOf = (results: ClassResults) => classLines(results, { paint: painter(false), width: 120, details: false });

describe('whom nothing came from', () => {
  const fromWhom = (absent: ClassResults['absent']) =>
    linesOf({ ...smallClass, absent }).find((line) => line.startsWith('Nothing came from'));

  test('is named, by name where the roster has one', () => {
    const absent = [{ id: 's06', name: 'Student, Sixth' }, { id: 's07' }];
    expect(fromWhom(absent)).toBe('Nothing came from 2 of the roster: Student, Sixth; s07');
    expect(fromWhom([])).toBeUndefined();
  });

  test('is counted where it is most of a class, and cannot write to the terminal', () => {
    const absent = Array.from({ length: 200 }, (_, index) => ({ id: `s${index}\x1b[2J` }));
    const line = fromWhom(absent)!;
    expect(line).toMatch(/^Nothing came from 200 of the roster: s0.*, and 180 more$/);
    expect(line).not.toContain('\x1b');
  });
});

test('whose a submission is stands behind its name, where that does not tell', () => {
  const [first] = smallClass.submissions;
  const names = (name: string, student?: Student) => {
    const [head] = linesOf({ ...smallClass, submissions: [{ ...first!, name, student }] }).slice(1);
    return head!.replace(/^.*\d+\/\d+ +/, '');
  };
  expect(names('submission_1', { id: '101', name: 'Jane Doe' })).toBe('submission_1 (Jane Doe)');
  expect(names('Jane Doe_5551', { id: '101', name: 'Jane Doe' })).toBe('Jane Doe_5551');
  expect(names('submission_1', { id: '101' })).toBe('submission_1');
  expect(names('submission_1')).toBe('submission_1');
  expect(names('submission_1', { id: '101', name: '\x1b[2JJane' })).toBe('submission_1 (\\x1b[2JJane)');
});

test('one submission is one, and two are two', () => {
  const ofFirst = (count: number) => linesOf({ ...smallClass, submissions: smallClass.submissions.slice(0, count) });
  expect(ofFirst(1)).toContainEqual(expect.stringMatching(/^1 submission: /));
  expect(ofFirst(2)).toContainEqual(expect.stringMatching(/^2 submissions: /));
});
