/** The command as its users run it, over real files and the real pipeline. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gradeSubmission } from '../../grader/grading/grade-submission.ts';
import { canonicalJson } from '../../labs-runtime/checks/canonical-json.ts';
import { REPOSITORY } from '../../scripts/repository.ts';
import { lab } from '../../src/labs/logging-channel/lab.ts';
import { solutionSource } from '../src/labs/logging-channel/mutants.ts';
import { startLockstep } from './command-process.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-cli-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const lockstep = (...args: string[]) => startLockstep(folder, args).ended;

const grade = (path: string, ...options: string[]) => lockstep('grade', path, '--lab', 'logging-channel', ...options);

function write(path: string, content: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
}

const good = solutionSource('checksum');
const unfinished = 'export function start( {';

describe('exit status 0: every submission passes', () => {
  test('a solution gets all points, in a table without colours, and nothing on standard error', async () => {
    write('student-01.ts', good);
    const { status, out, error } = await grade('student-01.ts');
    expect({ status, error }).toEqual({ status: 0, error: '' });
    expect(out).toContain('student-01.ts  pass: 100 of 100 points, 10 of 10 checks pass');
    for (const check of lab.checks) expect(out).toMatch(new RegExp(`pass +${check.points}/${check.points} +${check.id}\\n`));
    expect(out).not.toContain('\x1b');
  });

  test('--json is the canonical report, byte for byte, and the same for the folder that holds the file', async () => {
    write('alice/channel.ts', good);
    const { report } = await gradeSubmission(lab, { 'channel.ts': good });
    for (const path of ['alice', 'alice/channel.ts'])
      expect(await grade(path, '--json')).toEqual({ status: 0, out: canonicalJson(report), error: '' });
  });

  test('labs, help and version', async () => {
    expect(await lockstep('labs')).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^logging-channel +100 points +The logging channel\. /),
      error: '',
    });
    expect(await lockstep('help')).toMatchObject({ status: 0, out: expect.stringContaining('Exit status: 0 every'), error: '' });
    expect(await lockstep('--version')).toMatchObject({ status: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), error: '' });
  });
});

describe('exit status 1: the student’s fault is a graded report that says so', () => {
  test('the starter scores nothing, and each failing check says what, where in the run, and why', async () => {
    cpSync(join(REPOSITORY, 'src/labs/logging-channel/starter'), join(folder, 'starter'), { recursive: true });
    const { status, out, error } = await grade('starter');
    expect({ status, error }).toEqual({ status: 1, error: '' });
    expect(out).toContain('starter  fail: 0 of 100 points, 0 of 10 checks pass');
    for (const part of ['Expected: ', 'Observed: ', 'Likely cause: ']) expect(out).toContain(part);
  });

  test('one crash in every check is told once, with the place, and with what the engine said', async () => {
    write('channel.ts', 'export const start = () => ({});\nexport const step = () => {\n  throw new Error("no entries");\n};\n');
    const { status, out } = await grade('channel.ts');
    expect(status).toBe(1);
    expect(out).toContain(`${lab.checks.map(({ id }) => id).join(', ')}  error, channel.ts:3:3\n`);
    expect(out.match(/Observed: It threw an Error/g)).toHaveLength(1);
    expect(out.match(/In the engine's words.*: Error: no entries\n/g)).toHaveLength(1);
  });

  test.each([
    ['a syntax error', unfinished, /Expected .* but found/],
    ['an empty file', '', /empty/],
    ['no step', 'export function start() { return {}; }', /step/],
  ])('%s', async (_, source, message) => {
    write('channel.ts', source);
    const { status, out, error } = await grade('channel.ts');
    expect({ status, error }).toEqual({ status: 1, error: '' });
    expect(out).toContain('channel.ts  fail: 0 of 100 points');
    expect(out).toMatch(message);
  });
});

describe('exit status 2: could not grade, and what to do', () => {
  test.each([
    [[], /name a command/],
    [['grade', 'x.ts'], /Add --lab/],
    [
      ['grade', 'x.ts', '--lab', 'loging-channel'],
      /no lab "loging-channel"\. Did you mean "logging-channel"\? The labs are: logging-channel, output-rule, failover\./,
    ],
    [['grade', 'x.ts', '--lab', 'logging-channel'], /x\.ts: there is no such file or folder\. Check the path/],
    [['grade', 'x.ts', '--lab', 'logging-channel', '--jason'], /no option --jason\. Did you mean "--json"\?/],
    [['grade', '.', '--lab', 'logging-channel'], /holds no submission\. Put channel\.ts in it/],
  ])('lockstep %j', async (args, message) => {
    expect(await lockstep(...args)).toEqual({ status: 2, out: '', error: expect.stringMatching(message) });
  });

  test('a single file that is no text has no report, in either form', async () => {
    writeFileSync(join(folder, 'channel.ts'), Uint8Array.of(0xff, 0xfe, 0x00));
    for (const option of [[], ['--json']]) {
      expect(await grade('channel.ts', ...option)).toEqual({ status: 2, out: '', error: expect.stringMatching(/UTF-16.*save it again/) });
    }
  });
});

describe('a class', () => {
  beforeEach(() => {
    write('class/carol/channel.ts', good);
    write('class/alice.ts', good);
    write('class/.hidden.ts', unfinished);
  });

  test('passes as a whole when each passes', async () => {
    const { status, out } = await grade('class');
    expect(status).toBe(0);
    expect(out).toMatch(/pass +100\/100 +alice\.ts\n +pass +100\/100 +carol\n/);
    expect(out).toContain('2 submissions: 2 pass, 0 fail, 0 not graded');
    expect(out).not.toContain('--details');
  });

  test('fails when one fails; its messages come with --details', async () => {
    write('class/bob.ts', unfinished);
    const short = await grade('class');
    expect(short.status).toBe(1);
    expect(short.out).toContain('3 submissions: 2 pass, 1 fail, 0 not graded');
    expect(short.out).toContain('Points: mean 66.7, median 100, lowest 0, highest 100');
    expect(short.out).toMatch(/ 2\/3 +in-order/);
    expect(short.out).toContain('Add --details');
    expect((await grade('class', '--details')).out).toMatch(/bob\.ts {2}fail: 0 of 100[^]*It could not be run: channel\.ts:1:/);
  });

  test('with one that cannot be graded ends with 2, and grades the others', async () => {
    write('class/bob/chanel.ts', good);
    const table = await grade('class');
    expect(table).toMatchObject({ status: 2, error: 'bob: it lacks channel.ts. It holds chanel.ts: rename the one that is meant.\n' });
    expect(table.out).toMatch(/pass +100\/100 +alice\.ts\n +not graded +- +bob +it lacks channel\.ts.*\n +pass +100\/100 +carol\n/);

    const { report } = await gradeSubmission(lab, { 'channel.ts': good });
    const json = await grade('class', '--json');
    expect(json.status).toBe(2);
    expect(json.out).toBe(
      canonicalJson([
        { name: 'alice.ts', report },
        { name: 'bob', error: 'bob: it lacks channel.ts. It holds chanel.ts: rename the one that is meant.' },
        { name: 'carol', report },
      ]),
    );
  });
});
