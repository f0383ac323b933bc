/** The arguments of the commands that run machines: each mistake gets a message that says what to type instead. */
import { expect, test } from 'vitest';
import { parseCommandLine } from '../../../grader/arguments.ts';
import { HARTS_MAX } from '../../../grader/machine/tasks.ts';
import { HARTS_MAX as MACHINE_HARTS_MAX } from '../../../labs-runtime/emulator/machine.ts';

const parse = (line: string) =>
  parseCommandLine(
    line.split(' ').filter((word) => word !== ''),
    ['failover'],
  );

test('run takes an image, and options before or after it', () => {
  const plain = {
    kind: 'run',
    image: 'shell',
    record: undefined,
    linux: false,
    append: '',
    tohost: false,
    ramBytes: undefined,
    harts: 1,
    seed: 1,
    disk: undefined,
    limit: undefined,
  };
  expect(parse('run shell')).toEqual(plain);
  expect(parse('--record a.log run --harts 2 shell --seed=7 --limit 100 --memory 16 --disk d')).toEqual({
    ...plain,
    record: 'a.log',
    harts: 2,
    seed: 7,
    limit: 100,
    ramBytes: 16 * 2 ** 20,
    disk: 'd',
  });
  expect(parse('run Image --linux --append quiet')).toMatchObject({ linux: true, append: 'quiet' });
});

test('replay and diverge', () => {
  expect(parse('replay a.log')).toEqual({ kind: 'replay', log: 'a.log', until: undefined });
  expect(parse('replay a.log --until 0')).toEqual({ kind: 'replay', log: 'a.log', until: 0 });
  expect(parse('diverge a.log b.log')).toEqual({ kind: 'diverge', logs: ['a.log', 'b.log'] });
});

test.each([
  ['run', /Which image\? Name one, e\.g\. `npx lockstep run shell`/],
  ['run a b', /takes one file, and was given 2/],
  ['run a --memory 0', /--memory is "0": it must be a whole number from 1 to 1024/],
  ['run a --memory 1e3', /--memory is "1e3"/],
  ['run a --memory 1025', /from 1 to 1024/],
  ['run a --harts 5', /from 1 to 4/],
  ['run a --seed 4294967296', /from 0 to 4294967295/],
  ['run a --limit 0', /from 1 up/],
  ['run a --record=', /--record needs a value/],
  ['run a --append x', /add --linux/],
  ['run a --linux --tohost', /leave one of them out/],
  ['run a --until 3', /`lockstep run` has no option --until/],
  ['run a --lab x', /has no option --lab/],
  ['run a --recrd x', /no option --recrd\. Did you mean "--record"\?/],
  ['replay', /Which recording\?/],
  ['replay a --until -1', /--until/],
  ['replay a --record b', /`lockstep replay` has no option --record/],
  ['diverge a', /compares two recordings, and was given 1/],
  ['diverge a b c', /was given 3/],
  ['grade a --lab failover --harts 2', /`lockstep grade` has no option --harts/],
  ['labs --seed 1', /`lockstep labs` has no option --seed/],
  ['ran a', /no command "ran"\. Did you mean "run"\?/],
])('"%s" is wrong, and the message says what to do', (line, message) => {
  expect(parse(line)).toMatchObject({ kind: 'wrong', message: expect.stringMatching(message) });
});

test('the number of harts is the machine’s own', () => {
  expect(HARTS_MAX).toBe(MACHINE_HARTS_MAX);
});
