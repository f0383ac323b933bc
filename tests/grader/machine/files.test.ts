/** The files of a run: a disk that loses nothing, a recording that overwrites nothing, and refusals that say what to do. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileDisk } from '../../../grader/machine/file-disk.ts';
import { CannotRun, readPlainFile } from '../../../grader/machine/files.ts';
import { runMachineTask } from '../../../grader/machine/command.ts';
import { readMachineTask, type MachineTask } from '../../../grader/machine/tasks.ts';
import { decodeReply, encodeRequest } from '../../../labs-runtime/guests/key-value-protocol.ts';
import { bytes } from '../../labs-runtime/guests/key-value-model.ts';
import { guestSetup, monitored } from '../../labs-runtime/monitor/monitored.ts';
import { endInput, FakeHost } from './fake-host.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-files-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const inFolder = (name: string, content: Uint8Array | string = '') => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('a disk in a file', () => {
  test('is in step with the file after each request', () => {
    const content = Uint8Array.from({ length: 2048 }, (_, index) => index % 256);
    const path = inFolder('disk.img', content);
    const disk = fileDisk(path, content.slice());
    expect(disk.read(1, 512)).toEqual(content.slice(512, 1024));
    const data = new Uint8Array(1024).fill(9);
    expect(disk.write(2, data)).toBe(true);
    expect(
      readFileSync(path)
        .subarray(1024)
        .every((byte) => byte === 9),
    ).toBe(true);
    expect(disk.read(2, 1024)).toEqual(data);
    expect(disk.flush()).toBe(true);
    expect(readFileSync(path).length).toBe(2048);
  });

  test('has everything that a server has answered, at whatever moment the run ends', async () => {
    const content = new Uint8Array(512 * 124);
    const path = inFolder('disk.img', content);
    const answered: string[] = [];
    const { monitor, runOn } = monitored(await guestSetup('key-value-disk', { disk: content }), {
      disk: fileDisk(path, content.slice()),
      transmit: (frames) => {
        for (const frame of frames) if (decodeReply(frame)?.status === 'ok') answered.push(`value ${answered.length + 1}`);
        for (const value of answered) expect(readFileSync(path).includes(value), value).toBe(true);
      },
    });
    runOn(3_000_000);
    for (let request = 1; request <= 5; request++) {
      const [key, value] = [bytes(`key ${request}`), bytes(`value ${request}`)];
      monitor.receiveFrame(encodeRequest({ op: 'put', client: 1, request, key, value }));
      runOn(500_000);
    }
    expect(answered).toHaveLength(5);
  });

  test('that may not be written is refused', () => {
    expect(() => fileDisk(folder, new Uint8Array(512))).toThrow(CannotRun);
  });
});

describe('a file that cannot be read', () => {
  test.each<[string, () => string, RegExp]>([
    ['missing', () => join(folder, 'nothing'), /there is no such file or folder\. Check the path/],
    ['a folder', () => folder, /it is a folder\. Name a file/],
    ['no plain file', () => '/dev/null', /it is no plain file/],
    ['too long', () => inFolder('long', new Uint8Array(101)), /has 101 bytes, and at most 100 can be read/],
  ])('%s', (_, path, message) => {
    expect(() => readPlainFile(path(), 100)).toThrow(CannotRun);
    expect(() => readPlainFile(path(), 100)).toThrow(message);
  });

  test('a name that would act on the terminal is shown as what it is', () => {
    expect(() => readPlainFile(join(folder, 'a\x1b[2J'), 100)).toThrow(/a\\x1b\[2J/);
  });
});

describe('a run is refused', () => {
  const refusal = async (...[image, options]: [string, Record<string, string | boolean>]) => {
    const host = new FakeHost();
    const status = await runMachineTask(readMachineTask('run', [image], options) as MachineTask, host);
    expect({ status, text: host.text }).toEqual({ status: 2, text: '' });
    expect(host.isListening).toBe(false);
    return host.notes.join('\n');
  };

  test.each<[string, () => [string, Record<string, string | boolean>], RegExp]>([
    [
      'for a name that is no file and no guest',
      () => ['conter', {}],
      /no guest of that name\. Did you mean "counter"\? The guests are: counter, /,
    ],
    ['for a path that leads nowhere', () => ['./counter', {}], /^\.\/counter: there is no such file\. Check the path\.$/],
    ['for an empty image', () => [inFolder('empty'), {}], /The image is empty: give an ELF file/],
    [
      'for an image larger than RAM',
      () => [inFolder('big', new Uint8Array(2 ** 20 + 1)), { memory: '1' }],
      /RAM has 1 MiB .*--memory gives more/,
    ],
    ['for a kernel larger than RAM', () => [inFolder('big', new Uint8Array(2 ** 20)), { memory: '1', linux: true }], /--memory gives more/],
    ['for a guest as a kernel', () => ['shell', { linux: true }], /is a guest of the course and no Linux kernel/],
    ['for more harts than a guest knows', () => ['counter', { harts: '2' }], /written for one hart/],
    ['for a command line that is no ASCII', () => [inFolder('k', 'k'), { linux: true, append: 'ä' }], /^--append: .*printable ASCII/],
    [
      'for a disk without whole sectors',
      () => ['shell', { disk: inFolder('d', 'abc') }],
      /has 3 bytes, and a disk has whole sectors of 512/,
    ],
    ['for an empty disk', () => ['shell', { disk: inFolder('d') }], /has 0 bytes/],
    ['for a disk too small for its guest', () => ['dma-poll', { disk: inFolder('d', new Uint8Array(512)) }], /needs a disk of 32768/],
    [
      'for a recording in place of something else',
      () => ['shell', { record: inFolder('r', 'notes') }],
      /is there already, and is no recording/,
    ],
    [
      'for a recording in a folder that is not there',
      () => ['shell', { record: join(folder, 'x/y.log') }],
      /there is no such file or folder/,
    ],
    ['for a recording that is a folder', () => ['shell', { record: folder }], /it is a folder/],
  ])('%s', async (_, make, message) => {
    expect(await refusal(...make())).toMatch(message);
  });

  test('for a recording over the image or the disk, under whatever name', async () => {
    const image = inFolder('image', new Uint8Array(4));
    const disk = inFolder('disk', new Uint8Array(512));
    symlinkSync(image, join(folder, 'link'));
    expect(await refusal(image, { record: join(folder, 'link') })).toMatch(/it is the image that is to run/);
    expect(await refusal(image, { record: disk, disk })).toMatch(/it is the disk that is to run/);
    expect([readFileSync(image).length, readFileSync(disk).length]).toEqual([4, 512]);
  });

  test('but a recording is written over an older one, or an empty file', async () => {
    const record = inFolder('r');
    for (const limit of ['100', '1000']) {
      const host = new FakeHost();
      expect(await runMachineTask(readMachineTask('run', ['shell'], { record, limit }) as MachineTask, host)).toBe(0);
      expect(host.notes.at(-2)).toBe(`stopped by --limit at position ${limit}`);
    }
  });
});

test('a guest’s name is the guest, a path is the file', async () => {
  mkdirSync(join(folder, 'sub'));
  const loop = inFolder('sub/counter', Uint8Array.of(0x6f, 0, 0, 0));
  for (const [image, end] of [
    ['counter', /^the guest waits for input/],
    [loop, /^stopped by --limit at position 5000$/],
  ] as const) {
    const host = new FakeHost([{ does: endInput }], false);
    await runMachineTask(readMachineTask('run', [image], { limit: '5000' }) as MachineTask, host);
    expect(host.notes.at(-1)).toMatch(end);
  }
});
