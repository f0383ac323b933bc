import { expect, test } from 'vitest';
import { labs } from '../../../grader/labs.ts';
import { inCourseOrder } from '../../../labs-runtime/checks/lab.ts';
import { echo } from '../../grader/hosts.ts';

test('labs stand in the order of the course, not of their names', () => {
  const [a, b, c] = [1, 3, 2].map((number) => ({ ...echo, number }));
  expect(inCourseOrder([a!, b!, c!]).map(({ number }) => number)).toEqual([1, 2, 3]);
});

test('the labs of the course are numbered from 1 without a gap', () => {
  expect(labs.map(({ number }) => number)).toEqual(labs.map((_, index) => index + 1));
});
