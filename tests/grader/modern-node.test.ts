/** Old Nodes get a sentence, not a syntax error. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runsTypeScript, tooOldMessage } from '../../grader/modern-node.js';
import { REPOSITORY } from '../../scripts/repository.ts';

test('Node strips types from 22.18 and from 23.6 on', () => {
  expect(['22.18.0', '22.20.1', '23.6.0', '24.0.0', '30.1.2'].filter((version) => !runsTypeScript(version))).toEqual([]);
  expect(['18.20.0', '20.20.2', '22.17.1', '23.5.0'].filter(runsTypeScript)).toEqual([]);
  expect(runsTypeScript(process.versions.node)).toBe(true);
});

test('the message names both versions and what to do', () => {
  expect(tooOldMessage('20.1.0')).toMatch(/22\.18 or newer is needed, found 20\.1\.0\.\n.*nodejs\.org/);
});

test('the doors of the command and of the scripts are JavaScript that an old Node can read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-door-'));
  try {
    for (const door of ['grader/bin.js', 'grader/modern-node.js', 'scripts/run.js']) cpSync(join(REPOSITORY, door), join(folder, door));
    for (const door of ['grader/bin.js', 'scripts/run.js']) {
      const asOld =
        "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } }); await import(process.argv[1]);";
      const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', asOld, join(folder, door)], {
        encoding: 'utf8',
      });
      expect(stderr).toBe(`${tooOldMessage('20.1.0')}\n`);
      expect(status).toBe(2);
      expect(readFileSync(join(folder, door), 'utf8')).not.toMatch(/^import .*\.ts'/m);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the command can be run by its path, from any folder', () => {
  const bin = join(REPOSITORY, 'grader/bin.js');
  const version = (JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')) as { version: string }).version;
  const output =
    process.platform === 'win32' ? execFileSync(process.execPath, [bin, '--version']) : execFileSync(bin, ['--version'], { cwd: tmpdir() });
  expect(output.toString()).toBe(`${version}\n`);
});
