/** explore and trace as processes: the default file, a signal, and a pipe that nobody reads. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startLockstep } from '../command-process.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-explore-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const start = (...args: string[]) => startLockstep(folder, args);

test('a finding is written to a file with the name of the scenario, which trace shows', async () => {
  const found = await start('explore', 'new', 'backup', '--without', 'restoresRedundancy', '--seed', '1').ended;
  expect(found).toMatchObject({ status: 1, error: '' });
  expect(found.out).toMatch(/Written to new-backup\.trace\. To see it again: npx lockstep trace new-backup\.trace\n$/);
  expect(found.out).not.toContain('\x1b');
  expect(readdirSync(folder)).toEqual(['new-backup.trace']);
  const shown = await start('trace', 'new-backup.trace').ended;
  expect(shown).toMatchObject({ status: 0, error: '', out: expect.stringContaining('Broken: the pair becomes whole') });
});

test.skipIf(process.platform === 'win32').each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends a search with what it did so far', async (signal, status) => {
  // A signal that comes before the command listens ends it as any process: then the next one gets more time.
  for (let delayMs = 300; ; delayMs *= 2) {
    const { child, ended } = start('explore', 'partition', '--states', '10000000', '--depth', '200');
    setTimeout(() => child.kill(signal), delayMs);
    const { status: ownStatus, out } = await ended;
    if (ownStatus === signal) continue;
    expect(ownStatus).toBe(status);
    expect(out).toMatch(/^ {2}exhausted +no: it was stopped$/m);
    return;
  }
});

test('a reader that has read enough is no error', async () => {
  const { child, ended } = start('explore');
  child.stdout!.destroy();
  expect(await ended).toMatchObject({ status: 0, error: '' });
});
