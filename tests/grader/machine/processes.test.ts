/** The machine's commands as processes: pipes, signals, a crash of the command itself, and what standard output and error have. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readRecording } from '../../../labs-runtime/monitor/recording.ts';
import { startLockstep } from '../command-process.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-machine-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const start = (...args: string[]) => startLockstep(folder, args);

/** Runs a command to its end, with this input. */
function lockstep(input: string, ...args: string[]) {
  const { child, ended } = start(...args);
  child.stdin!.end(input);
  return ended;
}

test('a run in a pipe writes what the guest writes, and notes go to standard error', async () => {
  expect(await lockstep('echo hello\npoweroff\n', 'run', 'shell')).toEqual({
    status: 0,
    out: expect.stringMatching(/lockstep> echo hello\r?\nhello\r?\n/),
    error: '',
  });
  expect(await lockstep('abc', 'run', 'counter')).toEqual({
    status: 0,
    out: expect.stringMatching(/^1 \w+\s+2 \w+\s+3 \w+\s+$/),
    error: expect.stringMatching(/^the guest waits for input and there is no more: stopped at position \d+\n$/),
  });
});

test('a pipe that stays open does not keep the command alive once the guest is off', async () => {
  const { child, ended } = start('run', 'shell');
  child.stdin!.write('poweroff\n');
  expect(await ended).toMatchObject({ status: 0 });
});

describe('record, replay, diverge', () => {
  test('a run replays to the same output and state; another input is found where it came', async () => {
    const first = await lockstep('time\npoweroff\n', 'run', 'shell', '--record', 'a.log');
    const second = await lockstep('mem\npoweroff\n', 'run', 'shell', '--record', 'b.log');
    expect([first.status, second.status]).toEqual([0, 0]);

    const replayed = await lockstep('', 'replay', 'a.log');
    expect(replayed).toMatchObject({ status: 0, out: first.out });
    const state = /state (\w{16})/.exec(first.error)![1]!;
    expect(replayed.error).toMatch(
      new RegExp(`^replayed (\\d+) of \\1 entries to position \\d+, state ${state}\nthe recorded run ended there too`),
    );

    const diverged = await lockstep('', 'diverge', 'a.log', 'b.log');
    expect(diverged).toMatchObject({ status: 1, error: '' });
    expect(diverged.out).toMatch(/A: number \d+ at position \d+, console byte 116\n {2}B: number \d+ at position \d+, console byte 109\n/);
    expect(diverged.out).toMatch(
      /First instruction with another outcome: the attempt at position \d+, of hart 0:\n {2}0x8000\w{4} {2}lbu /,
    );
    expect(diverged.out.split('\n').filter((line) => line.startsWith('  * ')).length).toBeGreaterThan(0);
    expect(await lockstep('', 'diverge', 'a.log', 'a.log')).toMatchObject({ status: 0, out: expect.stringMatching(/No difference up to/) });
  });

  test('replay stops where it is told, and shows the machine there', async () => {
    await lockstep('poweroff\n', 'run', 'shell', '--record', 'a.log');
    const { status, error } = await lockstep('', 'replay', 'a.log', '--until', '500');
    expect(status).toBe(0);
    expect(error).toMatch(/^replayed \d+ of \d+ entries to position 500, state \w{16}\nnext instruction, of hart 0: 0x8000\w{4} {2}\w/);
    expect(error).toMatch(/ {2}pc {7}0x8000\w{4} {3}ra /);
    const end = readRecording(readFileSync(join(folder, 'a.log'))).endPosition;
    expect(await lockstep('', 'replay', 'a.log', '--until', String(end + 1))).toMatchObject({
      status: 2,
      error: `--until is ${end + 1}: the recording ends at position ${end}.\n`,
    });
  });
});

describe('a command that is ended from outside', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('by %s ends its recording', async (signal) => {
    const { child, ended, shows } = start('run', 'clockwork', '--record', 'a.log');
    await shows('\n');
    child.kill(signal);
    const { status, error } = await ended;
    expect(status).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
    expect(error).toMatch(new RegExp(`^stopped by ${signal} at position \\d+\nrecorded \\d+ entries to a\\.log`));
    expect(readRecording(readFileSync(join(folder, 'a.log'))).end).toMatchObject({ reason: signal });
  });

  test('by a crash leaves a recording that replays as far as it goes', async () => {
    const { child, ended, shows } = start('run', 'clockwork', '--record', 'a.log');
    await shows('\n40 ');
    const file = join(folder, 'a.log');
    child.kill('SIGKILL');
    expect(await ended).toMatchObject({ status: 'SIGKILL' });
    const whole = await lockstep('', 'replay', 'a.log');
    expect(whole.status).toBe(0);
    expect(whole.error).toMatch(/stops without an end, as after a crash|is cut off at byte/);
    // The same for a file that lost its last bytes with the power.
    writeFileSync(file, readFileSync(file).subarray(0, -3));
    const torn = await lockstep('', 'replay', 'a.log');
    expect(torn).toMatchObject({
      status: 0,
      error: expect.stringMatching(/^a\.log: the recording is cut off at byte \d+ .*\nreplayed [1-9]/),
    });
  });
});

test('a damaged recording is replayed up to the damage, with status 2', async () => {
  await lockstep('poweroff\n', 'run', 'shell', '--record', 'a.log');
  const file = join(folder, 'a.log');
  const bytes = readFileSync(file);
  bytes[bytes.length - 30]! ^= 1;
  writeFileSync(file, bytes);
  expect(await lockstep('', 'replay', 'a.log')).toMatchObject({
    status: 2,
    error: expect.stringMatching(/^a\.log: the recording is damaged between byte \d+ and its end/),
  });
});

test('recordings of different machines are not compared, and what is none is refused', async () => {
  await lockstep('', 'run', 'shell', '--limit', '100', '--record', 'a.log');
  await lockstep('', 'run', 'counter', '--limit', '100', '--record', 'b.log');
  expect(await lockstep('', 'diverge', 'a.log', 'b.log')).toMatchObject({
    status: 2,
    out: expect.stringMatching(/^A is a\.log, B is b\.log\.\nThey are recordings of different machines:\n {2}program: /),
  });
  writeFileSync(join(folder, 'notes'), 'notes');
  expect(await lockstep('', 'replay', 'notes')).toEqual({
    status: 2,
    out: '',
    error: 'notes: The file is no recording: make one with `lockstep run IMAGE --record FILE`.\n',
  });
});

test('a reader that stops reading ends the run', async () => {
  const { child, ended, shows } = start('run', 'clockwork');
  await shows('\n');
  child.stdout!.destroy();
  expect(await ended).toMatchObject({ status: 0 });
});
