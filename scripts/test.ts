/**
 * `npm test`: type check, lint, tests in Node, build, tests in Chromium, in this order and to the end whatever fails. It shows the output of
 * what failed, and ends with a line `N passed, N failed`, in which each test counts as one and each tool as one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from './chromium.ts';
import { runTool, type Tool } from './repository.ts';
import { countTests, readVitestReport } from './vitest-report.ts';

interface Outcome {
  passed: number;
  failed: number;
  /** What to show where something failed. */
  output: string;
}

interface Step {
  title: string;
  run(): Promise<Outcome>;
}

/** A step that is one tool: it passes with status 0. */
function toolStep(title: string, tool: Tool, args: string[]): Step {
  return {
    title,
    run: async () => {
      const { status, output } = await runTool(tool, args);
      return status === 0 ? { passed: 1, failed: 0, output } : { passed: 0, failed: 1, output };
    },
  };
}

/** A step that is one project of vitest.config.ts. */
function vitestStep(title: string, project: string, before: () => Promise<Record<string, string>> = async () => ({})): Step {
  return {
    title,
    run: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'lockstep-test-'));
      const file = join(folder, 'report.json');
      try {
        const env = await before();
        const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
        const { status, output } = await runTool('vitest', args, { env });
        return { ...countTests(readVitestReport(file), status), output };
      } catch (error) {
        return { passed: 0, failed: 1, output: (error as Error).message };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

const STEPS: Step[] = [
  toolStep('types of pages and components (astro check)', 'astro', ['check']),
  toolStep('types of the workspace (svelte-check)', 'svelte-check', ['--tsconfig', './tsconfig.json', '--threshold', 'error']),
  toolStep('types of everything else (tsc)', 'tsc', ['--noEmit']),
  toolStep('lint (eslint)', 'eslint', ['.', '--max-warnings=0']),
  toolStep('format (prettier)', 'prettier', ['--check', '.']),
  vitestStep('tests in Node (vitest)', 'node'),
  toolStep('build the course (astro build)', 'astro', ['build']),
  // The browser is looked for here, so that what apt-get says is seen and every test file finds the same one.
  vitestStep('tests in Chromium (vitest)', 'browser', async () => ({ CHROME_PATH: await findChromium() })),
];

/** Runs one step and says how it went; the output of a failing one follows it. */
async function runStep(step: Step, number: number): Promise<Outcome> {
  console.log(`[${number}/${STEPS.length}] ${step.title} ...`);
  const startedMs = performance.now();
  const outcome = await step.run();
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  console.log(`      ${outcome.passed} passed, ${outcome.failed} failed in ${seconds} s`);
  if (outcome.failed > 0) console.log(`\n${outcome.output.trimEnd()}\n`);
  return outcome;
}

let passed = 0;
let failed = 0;
for (const [index, step] of STEPS.entries()) {
  const outcome = await runStep(step, index + 1);
  passed += outcome.passed;
  failed += outcome.failed;
}
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
