/** The checks of a lab are ordinary vitest files, and import only what the prebuilt runtime holds. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as esbuild from 'esbuild';
import { describe, expect, test } from 'vitest';
import { labs, readChecks } from '../../grader/labs.ts';
import { loadRuntime } from '../../grader/grading/runtime.ts';
import { bundleChecks } from '../../labs-runtime/checks/bundle.ts';
import { registry } from '../../labs-runtime/checks/registry.ts';
import { buildRuntime } from '../../scripts/runtime-bundle.ts';
import { echo } from './hosts.ts';

describe.each(labs)('the checks of $id', (lab) => {
  test('import only what the registry lists', async () => {
    const code = await bundleChecks(esbuild, lab, await readChecks(lab));
    const imported = [...code.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name!);
    expect(imported).toContain('part');
    expect(imported.filter((name) => name !== 'part' && name !== 'vitest' && !Object.hasOwn(registry, name))).toEqual([]);
  });

  test('have a title for each check of lab.ts', async () => {
    const source = await readChecks(lab);
    for (const { title } of lab.checks) expect(source).toContain(title);
  });
});

test('a checks file runs unchanged under the vitest command', async () => {
  const root = fileURLToPath(new URL('../fixtures/labs/echo/', import.meta.url));
  const script = fileURLToPath(new URL('vitest-command.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, root, 'checks.ts'], { env: { PATH: process.env['PATH'] } });
  const states = JSON.parse(stdout.trim().split('\n').at(-1)!) as unknown;
  expect(states).toEqual(echo.checks.map(({ title }) => [title, 'passed']));
});

describe('the runtime bundle', () => {
  test('is the same each time, and the one that is loaded', async () => {
    const [first, second] = [await buildRuntime(), await buildRuntime()];
    expect(first.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(second).toEqual(first);
    expect((await loadRuntime()).hash).toBe(first.hash);
  });

  test('imports nothing, and hardens nothing by being loaded', async () => {
    const { code } = await buildRuntime();
    expect(code).not.toMatch(/(^|[;}\n])import[\s{"*]/);
    await loadRuntime();
    expect(Object.isFrozen(Array.prototype)).toBe(false);
    expect(Array.prototype.map.toString()).toContain('[native code]');
  });
});
