/** What a run that a signal stops says last. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { solutionSource } from '../src/labs/logging-channel/mutants.ts';
import { startLockstep, type Started } from './command-process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-stop-'));
  mkdirSync(join(folder, 'class'));
  for (let index = 0; index < 12; index++)
    writeFileSync(join(folder, 'class', `s${index}.ts`), `${solutionSource('checksum')}\nexport const salt = ${index};\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

function startGrading(...options: string[]): Started {
  return startLockstep(folder, ['grade', 'class', '--lab', 'logging-channel', '--jobs', '1', ...options]);
}

/** Waits until a store is there, which is before the first submission is graded, or the command has ended. */
async function untilItKeeps({ child }: Started): Promise<void> {
  const journal = join(folder, 'results/lockstep.sqlite-wal');
  while (child.exitCode === null && !statSync(journal, { throwIfNoEntry: false })?.size) await sleep(5);
}

test.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends it as it ends any process, with a word on how it goes on',
  async (signal) => {
    const run = startGrading('--out', 'results');
    await untilItKeeps(run);
    run.child.kill(signal);
    expect(await run.ended).toEqual({
      status: signal,
      out: '',
      error: 'Stopped. What is graded is kept in results: the same command with --resume goes on from there.\n',
    });
  },
);
