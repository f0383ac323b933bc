import { expect, test } from 'vitest';
import { ConsoleKeys } from '../../../grader/machine/console-keys.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const take = (...parts: string[]) => {
  const keys = new ConsoleKeys();
  return parts.map((part) => {
    const { typed, wish } = keys.take(bytes(part));
    return [String.fromCharCode(...typed), wish];
  });
};

test('keys are the guest’s, control characters and all', () => {
  expect(take('ls\r\x03\x04\x1b[A\xff')).toEqual([['ls\r\x03\x04\x1b[A\xff', undefined]]);
});

test('Ctrl-A X leaves, in either case, and what was typed before still counts', () => {
  expect(take('a\x01xb')).toEqual([['a', 'leave']]);
  expect(take('\x01X')).toEqual([['', 'leave']]);
});

test('Ctrl-A and its key may come apart', () => {
  expect(take('\x01', 'x')).toEqual([
    ['', undefined],
    ['', 'leave'],
  ]);
});

test('Ctrl-A Ctrl-A sends one Ctrl-A, and an x after it is an x', () => {
  expect(take('\x01\x01x')).toEqual([['\x01x', undefined]]);
});

test('any other key after Ctrl-A is dropped, with a hint', () => {
  expect(take('\x01cd')).toEqual([['d', 'hint']]);
});
