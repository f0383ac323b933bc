/** Arguments of explore and trace: what they become, and what each mistake gets told. */
import { expect, test } from 'vitest';
import { parseCommandLine } from '../../../grader/arguments.ts';

const parse = (...args: string[]) => parseCommandLine(args, ['logging-channel']);
const words = (line: string) => parse(...line.split(' ').filter((word) => word !== ''));

const plain = {
  kind: 'explore',
  scenario: 'crash',
  seed: undefined,
  walks: 10_000,
  depth: undefined,
  faults: undefined,
  states: 200_000,
  without: [],
  out: undefined,
};

test('explore has a scenario and bounds, and lists the scenarios without one', () => {
  expect(words('explore')).toEqual({ kind: 'scenarios' });
  expect(words('explore crash')).toEqual(plain);
  expect(words('explore new backup --seed 3 --walks 7')).toEqual({ ...plain, scenario: 'new backup', seed: 3, walks: 7 });
  expect(words('explore crash --depth 9 --faults 0 --states 1 --out a.trace')).toEqual({
    ...plain,
    depth: 9,
    faults: 0,
    states: 1,
    out: 'a.trace',
  });
});

test('mechanisms may come one by one or with commas', () => {
  expect(words('explore crash --without flag --without fencing,announces')).toEqual({
    ...plain,
    without: ['flag', 'fencing', 'announces'],
  });
});

test('what is left out may stand for the scenario', () => {
  expect(words('explore --without flag --seed 3')).toEqual({ ...plain, scenario: undefined, without: ['flag'], seed: 3 });
});

test('trace takes one file', () => {
  expect(words('trace crash.trace')).toEqual({ kind: 'trace', path: 'crash.trace' });
  expect(parse('trace', '--', '-odd')).toEqual({ kind: 'trace', path: '-odd' });
});

test.each([
  ['explore --seed 1', /Which scenario\? Name one, e\.g\. `npx lockstep explore crash`; `npx lockstep explore` lists them\./],
  ['explore crash --seed', /--seed/],
  ['explore crash --seed 4294967296', /--seed is "4294967296": it must be a whole number from 0 to 4294967295/],
  ['explore crash --seed 1.5', /--seed is "1\.5"/],
  ['explore crash --walks 3', /add --seed <n>/],
  ['explore crash --seed 1 --walks 0', /--walks is "0": it must be a whole number from 1 to 1000000/],
  ['explore crash --depth 5001', /--depth is "5001": it must be a whole number from 1 to 5000/],
  ['explore crash --faults x', /--faults is "x": it must be a whole number from 0 to 100/],
  ['explore crash --states 0', /--states is "0": it must be a whole number from 1 to 10000000/],
  ['explore crash --without=', /--without needs the name of a mechanism/],
  ['explore --without=', /--without needs the name of a mechanism/],
  ['explore crash --without flag,', /--without needs the name of a mechanism/],
  ['explore crash --out=', /--out needs a value/],
  ['explore crash --lab final', /`lockstep explore` has no option --lab/],
  ['explore crash --sed 1', /no option --sed\. Did you mean "--seed"\?/],
  ['explor crash', /no command "explor"\. Did you mean "explore"\?/],
  ['trace', /Which trace\? Name one/],
  ['trace a b', /takes one file, and was given 2/],
  ['trace a --depth 3', /`lockstep trace` has no option --depth/],
  ['run shell --depth 3', /`lockstep run` has no option --depth/],
  ['grade a --lab logging-channel --without flag', /`lockstep grade` has no option --without/],
])('"%s" is wrong, and the message says what to do', (line, message) => {
  expect(words(line)).toMatchObject({ kind: 'wrong', message: expect.stringMatching(message) });
});
