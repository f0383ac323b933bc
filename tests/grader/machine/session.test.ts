/** A machine at a terminal: keys, time, sleep, and every way out. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runMachineTask } from '../../../grader/machine/command.ts';
import { readMachineTask, type RunTask } from '../../../grader/machine/tasks.ts';
import { readRecording } from '../../../labs-runtime/monitor/recording.ts';
import { closeOutput, endInput, FakeHost, signal, type } from './fake-host.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-session-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const PROMPT = 'lockstep> ';

function runTask(image: string, changes: Partial<RunTask> = {}): RunTask {
  return { ...(readMachineTask('run', [image], {}) as RunTask), ...changes };
}

/** The exit status; the script has to be played to its end, and the terminal is as it was. */
async function play(host: FakeHost, task: RunTask): Promise<number> {
  const status = await runMachineTask(task, host);
  expect(host.stepsLeft).toBe(0);
  expect(host.isListening).toBe(false);
  return status;
}

describe('a person at the shell', () => {
  test('types commands, sees what they answer, and switches the machine off', async () => {
    const host = new FakeHost([
      { after: PROMPT, does: type('echo one two\r') },
      { after: PROMPT, does: type('poweroff\r') },
    ]);
    expect(await play(host, runTask('shell'))).toBe(0);
    expect(host.text).toContain(`${PROMPT}echo one two`);
    expect(host.text).toMatch(/\none two\r?\n/);
    expect(host.notes[0]).toBe('Ctrl-A X leaves, Ctrl-A Ctrl-A sends Ctrl-A');
    expect(host.notes.at(-1)).toMatch(/^the guest powered off at position \d+$/);
  });

  test('sends Ctrl-C to the guest, and leaves with Ctrl-A X', async () => {
    const host = new FakeHost([{ after: PROMPT, does: type('abc\x03') }, { after: PROMPT, does: type('\x01q') }, { does: type('\x01x') }]);
    expect(await play(host, runTask('shell'))).toBe(0);
    expect(host.text).toContain('^C');
    expect(host.notes.filter((note) => note.includes('Ctrl-A'))).toHaveLength(2);
    expect(host.notes.at(-1)).toMatch(/^left at position \d+$/);
  });

  test('reads a clock that runs in real time, at a million ticks a second', async () => {
    const timeShown = async (delayMs: number) => {
      const host: FakeHost = new FakeHost([
        {
          after: PROMPT,
          does: (listener) => {
            host.pass(delayMs);
            type('time\r')(listener);
          },
        },
        { after: PROMPT, does: type('poweroff\r') },
      ]);
      await play(host, runTask('shell'));
      return Number(/mtime is (\d+)/.exec(host.text)![1]);
    };
    expect((await timeShown(5000)) - (await timeShown(0))).toBe(5_000_000);
  });

  test('reboots, and the machine comes up again', async () => {
    const host = new FakeHost([
      { after: PROMPT, does: type('reboot\r') },
      { after: PROMPT, does: type('poweroff\r') },
    ]);
    expect(await play(host, runTask('shell'))).toBe(0);
    expect(host.text.split('Type help').length).toBe(3);
  });
});

test('what was typed ahead of a reboot, and is not in the UART yet, comes to the machine after it', async () => {
  const host = new FakeHost([{ after: PROMPT, does: type(`reboot\r${' '.repeat(40)}poweroff\r`) }]);
  expect(await play(host, runTask('shell'))).toBe(0);
  expect(host.text.split('Type help').length).toBe(3);
});

describe('a machine that waits', () => {
  test('sleeps without an end where only a key can wake it', async () => {
    const host = new FakeHost([{ does: type('a') }, { does: type('\x01x') }]);
    await play(host, runTask('counter'));
    expect(host.sleeps).toEqual([Infinity, Infinity]);
  });

  test('sleeps until its timer is due', async () => {
    const host = new FakeHost([{ after: 'nothing will ever say this', does: () => {} }]);
    // The ticket machine sets a timer and waits.
    await runMachineTask(runTask('tickets', { limit: 50_000 }), host);
    expect(host.sleeps.length).toBeGreaterThan(2);
    for (const ms of host.sleeps) expect(ms).toBeLessThan(1000);
    expect(host.sleeps.some((ms) => ms > 0)).toBe(true);
  });
});

describe('input from a pipe', () => {
  test('reaches the guest whole, Ctrl-A too, and its end ends a run that waits for more', async () => {
    const host = new FakeHost([{ does: type('a\x01x') }, { does: endInput }], false);
    expect(await play(host, runTask('counter'))).toBe(0);
    expect(host.text.trim().split('\n').at(-1)).toMatch(/^3 /);
    expect(host.notes).toEqual([expect.stringMatching(/^the guest waits for input and there is no more: stopped at position \d+$/)]);
  });

  test('is held back while there is more than the guest takes', async () => {
    const host = new FakeHost([{ does: type('x'.repeat(100_000)) }, { does: endInput }], false);
    expect(await play(host, runTask('counter'))).toBe(0);
    expect([host.wasInputHeld, host.isInputHeld]).toEqual([true, false]);
    expect(host.text.trim().split('\n').at(-1)).toMatch(/^100000 /);
  });
});

describe('every way out leaves the terminal as it was, and a recording whole', () => {
  const ways: [string, (host: FakeHost) => FakeHost, Partial<RunTask>, number, string][] = [
    ['power-off', () => new FakeHost([{ after: PROMPT, does: type('poweroff\r') }]), {}, 0, 'power-off'],
    ['a reboot, where a recording ends', () => new FakeHost([{ after: PROMPT, does: type('reboot\r') }]), {}, 0, 'reboot'],
    ['Ctrl-A X', () => new FakeHost([{ after: PROMPT, does: type('\x01X') }]), {}, 0, 'left'],
    ['--limit', () => new FakeHost(), { limit: 1000 }, 0, 'limit'],
    ['SIGINT', () => new FakeHost([{ after: PROMPT, does: signal('SIGINT') }]), {}, 130, 'SIGINT'],
    ['SIGTERM', () => new FakeHost([{ after: PROMPT, does: signal('SIGTERM') }]), {}, 143, 'SIGTERM'],
    ['SIGHUP', () => new FakeHost([{ after: PROMPT, does: signal('SIGHUP') }]), {}, 129, 'SIGHUP'],
    ['an output that nobody reads', () => new FakeHost([{ after: PROMPT, does: closeOutput }]), {}, 0, 'output closed'],
    ['the end of input', () => new FakeHost([{ after: PROMPT, does: endInput }], false), {}, 0, 'input ended'],
  ];

  test.each(ways)('%s', async (_, hostOf, changes, status, reason) => {
    const record = join(folder, 'run.log');
    const host = hostOf(new FakeHost());
    expect(await play(host, runTask('shell', { record, ...changes }))).toBe(status);
    const recording = readRecording(readFileSync(record));
    expect(recording.trouble).toBeUndefined();
    expect(recording.end).toMatchObject({ reason });
    expect(host.notes.at(-1)).toBe(`recorded ${recording.entries.length} entries to ${record}, state ${recording.end!.hash}`);
  });

  test('an error of our own', async () => {
    const host = new FakeHost([
      {
        after: PROMPT,
        does: () => {
          throw new Error('a bug');
        },
      },
    ]);
    await expect(runMachineTask(runTask('shell'), host)).rejects.toThrow('a bug');
    expect(host.isListening).toBe(false);
  });
});

test('a note begins a line of its own, whatever the guest wrote before', async () => {
  const host = new FakeHost([{ after: PROMPT, does: type('\x01x') }]);
  await play(host, runTask('shell'));
  expect(host.notes.slice(-2)).toEqual(['', expect.stringMatching(/^left/)]);
});

test('a guest that needs a disk and has no file gets a blank one, and the user is told', async () => {
  const host = new FakeHost();
  await play(host, runTask('key-value-disk', { limit: 100_000 }));
  expect(host.notes).toContainEqual(expect.stringMatching(/^no --disk: the disk is blank/));
  expect(host.text).toContain('0 keys');
});

test('harts take the turns that the seed gives: the same seed loses the same additions', async () => {
  const race = async (seed: number) => {
    const host = new FakeHost();
    expect(await play(host, runTask('racer', { harts: 2, seed }))).toBe(0);
    return host.text;
  };
  expect(await race(3)).toBe(await race(3));
  expect(await race(3)).not.toBe(await race(4));
});

test('a guest reads what is in the file of its disk, and the file stays as it is', async () => {
  const disk = join(folder, 'disk.img');
  const record = join(folder, 'run.log');
  const content = Uint8Array.from({ length: 512 * 64 }, (_, index) => index % 251);
  writeFileSync(disk, content);
  expect(await play(new FakeHost(), runTask('dma-poll', { disk, record }))).toBe(0);
  const { entries } = readRecording(readFileSync(record));
  const read = entries.flatMap(({ event }) => (event.kind === 'disk' && event.data !== undefined ? [event.data] : []));
  expect(Buffer.compare(Buffer.concat(read), content)).toBe(0);
  expect(Buffer.compare(readFileSync(disk), content)).toBe(0);
});
