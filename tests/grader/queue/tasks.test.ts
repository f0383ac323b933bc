import { expect, test } from 'vitest';
import { WrongArgument } from '../../../grader/option-values.ts';
import { readWorkerTask } from '../../../grader/queue/tasks.ts';

test('a worker wants a queue, and may say how many submissions it takes at a time', () => {
  expect(readWorkerTask([], { queue: 'redis://queue' })).toEqual({ kind: 'worker', queue: 'redis://queue', jobs: undefined });
  expect(readWorkerTask([], { queue: 'redis://queue', jobs: '3' })).toEqual({ kind: 'worker', queue: 'redis://queue', jobs: 3 });
});

test.for([
  ['no queue', [], {}, /Which queue\? Add --queue/],
  ['an empty queue', [], { queue: '' }, /--queue needs a value/],
  ['files', ['a.ts'], { queue: 'redis://queue' }, /takes no files, and was given "a\.ts"/],
  ['no job', [], { queue: 'redis://queue', jobs: '0' }, /--jobs is "0": .* from 1 to 256/],
] as const)('%s: it says what to type', ([, operands, values, words]) => {
  const read = () => readWorkerTask([...operands], values);
  expect(read).toThrow(WrongArgument);
  expect(read).toThrow(words);
});
