/** The command line: each mistake gets a message that says what to type instead. */
import { expect, test } from 'vitest';
import { parseCommandLine } from '../../grader/arguments.ts';
import { editDistance, nearest } from '../../grader/nearest.ts';

const parse = (line: string) =>
  parseCommandLine(
    line.split(' ').filter((word) => word !== ''),
    ['logging-channel', 'output-rule'],
  );

test('grade takes its options before or after the path', () => {
  const task = {
    kind: 'grade',
    paths: ['subs', 'more'],
    labId: 'logging-channel',
    json: true,
    details: false,
    out: undefined,
    formats: [],
  };
  expect(parse('grade subs more --lab logging-channel --json')).toMatchObject(task);
  expect(parse('--json --lab=logging-channel grade subs more')).toMatchObject(task);
  expect(parse('grade --details --lab x -- -odd-name')).toMatchObject({ paths: ['-odd-name'], details: true });
});

test('results are kept in a folder, in the formats asked for', () => {
  const kept = { out: 'results', formats: ['json', 'csv', 'html'], resume: false, jobs: undefined, fresh: false };
  expect(parse('grade subs --lab all --out results')).toMatchObject(kept);
  const options = '--format junit,ctrf --format canvas --resume --jobs 3 --fresh';
  const more = { formats: ['junit', 'ctrf', 'canvas'], resume: true, jobs: 3, fresh: true };
  expect(parse(`grade subs --lab all --out results ${options}`)).toMatchObject(more);
});

test('the course’s site has an address from which its pages are found', () => {
  const courseUrl = (address: string) => parse(`grade subs --lab all --out r --course ${address}`);
  expect(courseUrl('https://example.edu/course')).toMatchObject({ courseUrl: 'https://example.edu/course/' });
  expect(courseUrl('http://someone:secret@example.edu:8080//?a=b#c')).toMatchObject({ courseUrl: 'http://example.edu:8080/' });
  expect(parse('grade subs --lab all --out r')).toMatchObject({ courseUrl: undefined });
});

test('labs, help and version are there, and help wins over everything', () => {
  expect(parse('labs')).toEqual({ kind: 'labs' });
  for (const line of ['help', '--help', '-h']) expect(parse(line)).toEqual({ kind: 'help' });
  for (const line of ['grade --help', 'help grade', 'grade -h x --lab y']) expect(parse(line)).toEqual({ kind: 'help', of: 'grade' });
  for (const line of ['--version', '-v']) expect(parse(line)).toEqual({ kind: 'version' });
});

test.each([
  ['', /name a command, e\.g\. `npx lockstep grade/],
  ['grad subs', /no command "grad"\. Did you mean "grade"\?/],
  ['grade', /Name a file, a folder or a zip/],
  ['grade subs', /Add --lab and one of: logging-channel, output-rule, or all/],
  ['grade subs --lab=', /--lab needs a value/],
  ['grade subs --lab x --resume', /--resume is about results that are kept: add --out/],
  ['grade subs --lab x --course https://example.edu/', /--course is about results that are kept: add --out/],
  [
    'grade subs --lab x --out r --course example.edu',
    /--course is "example\.edu": it must be the address of a site, e\.g\. `--course https:/,
  ],
  ['grade subs --lab x --out r --course javascript:alert(1)', /it must be the address of a site/],
  ['grade subs --lab x --out r --course=', /--course needs a value/],
  ['grade subs --lab x --out r --jobs 0', /--jobs is "0": it must be a whole number from 1 to/],
  ['grade subs --lab x --jsn', /no option --jsn\. Did you mean "--json"\?/],
  ['grade subs --lab', /^--lab needs a value after it\. .*\nRun/],
  ['grade subs --lab x --jobs -1', /^--jobs needs a value after it\. One that begins with a dash is written --jobs=-…\nRun/],
  ['grade', /\nRun `npx lockstep help grade` for what it takes\.$/],
  ['grad', /\nRun `npx lockstep help` for what there is\.$/],
  ['labs subs', /takes no arguments/],
])('"%s" is wrong, and the message says what to do', (line, message) => {
  const task = parse(line);
  expect(task).toMatchObject({ kind: 'wrong', message: expect.stringMatching(message) });
  expect(task).toMatchObject({ message: expect.stringContaining('npx lockstep help') });
});

test('the nearest name is found, and a far one is not called near', () => {
  expect(editDistance('kitten', 'sitting')).toBe(3);
  expect(nearest('loging-chanel', ['output-rule', 'logging-channel'])).toBe('logging-channel');
  expect(nearest('zebra', ['output-rule', 'logging-channel'])).toBeUndefined();
});
