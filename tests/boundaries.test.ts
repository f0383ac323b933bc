/**
 * The table of rooms in ARCHITECTURE.md, held against the code by dependency-cruiser, and the bans of the runtime, held by eslint.
 * Each has a control: files under fixtures/boundaries break the rules on purpose, and must be caught.
 */
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import { ESLint } from 'eslint';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import configuration from '../.dependency-cruiser.js';

const REPOSITORY = fileURLToPath(new URL('../', import.meta.url));
const FIXTURES = fileURLToPath(new URL('fixtures/boundaries/', import.meta.url));

/** Every broken rule below `baseDir`, as `rule: from → to`, sorted. */
async function brokenRules(folders: string[], baseDir: string): Promise<{ broken: string[]; files: number }> {
  const options: ICruiseOptions = {
    ...configuration.options,
    exclude: baseDir === REPOSITORY ? configuration.options?.exclude : undefined,
    baseDir,
    validate: true,
    ruleSet: { forbidden: configuration.forbidden },
  };
  const { output } = await cruise(folders, options);
  const { summary, modules } = output as ICruiseResult;
  const broken = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).sort();
  return { broken, files: modules.length };
}

/** Messages of eslint for code that pretends to stand at `path`. */
async function lintMessages(code: string, path: string): Promise<string[]> {
  const [result] = await new ESLint({ cwd: REPOSITORY }).lintText(code, { filePath: REPOSITORY + path });
  return result!.messages.map((message) => message.message);
}

describe('rooms', () => {
  test('no file imports what its room may not', async () => {
    const { broken, files } = await brokenRules(['labs-runtime', 'src', 'grader', 'scripts', 'bench', 'tests'], REPOSITORY);
    expect(broken).toEqual([]);
    expect(files).toBeGreaterThan(50);
  });

  test('a file that breaks a rule is caught, types included (control)', async () => {
    const { broken } = await brokenRules(['labs-runtime', 'src', 'grader'], FIXTURES);
    const rules = broken.map((line) => line.replace(/(→ ).*node_modules\/([^/]+).*/, '$1$2'));
    expect(rules).toEqual([
      'emulator-imports-only-its-rooms: labs-runtime/emulator/imports-ft.ts → labs-runtime/ft/recorder.ts',
      'ft-imports-only-its-rooms: labs-runtime/ft/imports-type-of-sim.ts → labs-runtime/sim/world.ts',
      'grader-imports-only-its-rooms: grader/imports-figure.ts → src/components/figure.ts',
      'lab-data-has-no-ui: src/labs/a-lab/lab.ts → src/components/figure.ts',
      'labs-code-has-no-ui: src/labs/a-lab/lab.ts → src/components/figure.ts',
      'labs-imports-only-its-rooms: src/labs/b-lab/imports-tests.ts → tests/solution.ts',
      'labs-stand-alone: src/labs/b-lab/checks.ts → src/labs/a-lab/lab.ts',
      'no-cycles: labs-runtime/sim/cycle-first.ts → labs-runtime/sim/cycle-second.ts',
      'no-import-of-tests: src/labs/b-lab/imports-tests.ts → tests/solution.ts',
      'runtime-has-no-ui: labs-runtime/sim/imports-svelte.ts → svelte',
      'runtime-runs-anywhere: labs-runtime/sim/imports-node.ts → fs',
    ]);
  });
});

describe('time and randomness are arguments in labs-runtime and in labs', () => {
  const bans: [code: string, replacement: RegExp][] = [
    ['export const nowMs = Date.now();', /`nowMs`/],
    ['export const now = new Date();', /`nowMs`/],
    ['export const nowMs = performance.now();', /`nowMs`/],
    ['export const roll = Math.random();', /sim\/prng\.ts/],
    ['export const roll = crypto.getRandomValues(new Uint8Array(1));', /sim\/prng\.ts/],
    ['setTimeout(() => {}, 1);', /`time` input/],
    ['setInterval(() => {}, 1);', /`time` input/],
    ['globalThis.setTimeout(() => {}, 1);', /`time` input/],
    ['export const home = process.env.HOME;', /let the host pass in/],
  ];

  test.each(bans)('%s is refused, with a message that names the replacement', async (code, replacement) => {
    for (const path of ['labs-runtime/ft/example.ts', 'src/labs/logging-channel/example.ts']) {
      expect((await lintMessages(code, path)).join('\n')).toMatch(replacement);
    }
  });

  test('the same lines are allowed in the command (control)', async () => {
    for (const [code] of bans) expect(await lintMessages(code, 'grader/example.ts')).toEqual([]);
  });
});
