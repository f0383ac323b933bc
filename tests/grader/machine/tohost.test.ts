/** Tests that report through `tohost`, as the official suites do: verdicts, and what is said where there is none. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runMachineTask } from '../../../grader/machine/command.ts';
import { readMachineTask, type MachineTask } from '../../../grader/machine/tasks.ts';
import { readRecording } from '../../../labs-runtime/monitor/recording.ts';
import {
  addi,
  CLINT,
  csrrs,
  csrrw,
  ECALL,
  jal,
  li,
  lw,
  MTIMECMP,
  RAM,
  SPIN,
  sw,
  SYSCON,
  WFI,
  type Code,
} from '../../labs-runtime/emulator/assembler.ts';
import { elfTest, reports } from './elf-test.ts';
import { FakeHost } from './fake-host.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-tohost-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs an image with --tohost, in a process's place. */
async function verdict(image: Uint8Array, options: Record<string, string> = {}) {
  const path = join(folder, 'test.elf');
  writeFileSync(path, image);
  const host = new FakeHost();
  const task = readMachineTask('run', [path], { tohost: true, ...options }) as MachineTask;
  const status = await runMachineTask(task, host);
  return { status, text: host.text, note: host.notes.join('\n').replace(path, 'test.elf') };
}

test('1 is a pass', async () => {
  expect(await verdict(elfTest(reports(1)))).toEqual({ status: 0, text: 'pass\n', note: '' });
});

test('any other odd word is a fail: of the test with half its number', async () => {
  expect(await verdict(elfTest(reports((7 << 1) | 1)))).toEqual({ status: 1, text: 'fail: test 7\n', note: '' });
  expect(await verdict(elfTest(reports(1337)))).toEqual({ status: 1, text: 'fail: test 668\n', note: '' });
});

test('what the test writes to its console comes first', async () => {
  const greets: Code = [...li(5, 0x10000000), addi(6, 0, 0x68), 0x00628023, ...reports(1)];
  expect((await verdict(elfTest(greets))).text).toBe('hpass\n');
});

describe('no verdict is an error that says why', () => {
  test.each<[string, () => Uint8Array, Record<string, string>, RegExp]>([
    ['no symbol', () => elfTest(reports(1), 'tohosts'), {}, /^test\.elf: it has no symbol "tohost": --tohost is for ELF files of tests/],
    ['a flat image', () => Uint8Array.of(0x6f, 0, 0, 0), {}, /no symbol "tohost"/],
    ['a symbol outside RAM', () => elfTest(reports(1), 'tohost', 0x1000), {}, /"tohost" lies outside RAM/],
    [
      'a loop without end',
      () => elfTest([SPIN]),
      { limit: '5000' },
      /no verdict: nothing was written to tohost in 5000 attempts; --limit gives more/,
    ],
    ['a trap without end', () => elfTest([ECALL]), { limit: '5000' }, /no verdict: nothing was written to tohost in 5000 attempts/],
    ['an even word', () => elfTest(reports(0x80001040 | 0)), {}, /no verdict: 0x80001040 was written to tohost, which is a command/],
    ['power-off', () => elfTest([...li(5, SYSCON), ...li(6, 0x5555), sw(6, 5, 0)]), {}, /asked for a power-off and wrote nothing/],
    ['waiting for nothing', () => elfTest([WFI, jal(0, -4)]), {}, /waits for an interrupt that never comes, at position 1\./],
    ['a 64-bit ELF', () => elfTest(reports(1)).with(4, 2), {}, /not 32-bit/],
    ['a truncated ELF', () => elfTest(reports(1)).slice(0, 80), {}, /truncated/],
    ['another machine’s ELF', () => elfTest(reports(1)).with(18, 62), {}, /for machine 62, not RISC-V/],
  ])('%s', async (_, image, options, message) => {
    const { status, text, note } = await verdict(image(), options);
    expect({ status, text }).toEqual({ status: 2, text: '' });
    expect(note).toMatch(message);
  });
});

test('time follows the instructions, and waits for a timer end at once: each run is the same', async () => {
  // Waits for a timer a whole minute ahead, then reports half of the low bits of mtime as the number of a failed test.
  const waits: Code = [
    ...[...li(5, MTIMECMP), ...li(6, 60_000_000), sw(0, 5, 4), sw(6, 5, 0), ...li(7, 0x80), csrrs(0, 0x304, 7), WFI],
    ...[...li(5, CLINT + 0xbff8), lw(6, 5, 0), 0x00136313, ...li(5, RAM + 0x1000), sw(6, 5, 0), SPIN],
  ];
  const first = await verdict(elfTest(waits));
  expect(first).toMatchObject({ status: 1, text: expect.stringMatching(/^fail: test 3000000\d\n$/) });
  expect(await verdict(elfTest(waits))).toEqual(first);
});

test('a test can be recorded, and its log has its verdict', async () => {
  const record = join(folder, 'test.log');
  const reads: Code = [...li(5, CLINT + 0xbff8), lw(6, 5, 0), csrrw(0, 0x340, 6), ...reports(1)];
  expect(await verdict(elfTest(reads), { record })).toMatchObject({ status: 0, text: 'pass\n' });
  const { end, entries } = readRecording(readFileSync(record));
  expect(end).toMatchObject({ reason: 'pass' });
  expect(entries.map(({ event }) => event.kind)).toEqual(['clock']);
});
