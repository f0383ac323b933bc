/**
 * Runs a lab's checks against a part, live or replayed, and says of each what came of it. Walk two, step 3.
 * The real vitest runner runs them; no clock of its is on, for nothing but "could not grade" may come from time.
 */
import { getFn, startTests } from '@vitest/runner';
import type { Test, VitestRunner } from '@vitest/runner';
import { getTests } from '@vitest/runner/utils';
import { GradingError, partModule } from './part-driver.ts';
import type { PartDriver, PartUse } from './part-driver.ts';
import { registryWithSeeds } from './registry.ts';
import * as shim from './vitest-shim.ts';

/** What came of one test of the checks. */
export interface CheckOutcome {
  title: string;
  /** The runner's word: only `pass` is one. */
  state: string;
  /** What the test threw, as it was thrown. */
  thrown?: unknown;
  use: PartUse;
}

/** The runner keeps the tests it collects in one place for all: two runs at once would mix. */
let lastRun: Promise<unknown> = Promise.resolve();

/** Checks ready to run. */
export interface ChecksToRun {
  /** The bundle of `bundleChecks`. */
  checksCode: string;
  /** What is added to each of their first seeds. */
  seedOffset: number;
}

/**
 * Runs the checks; one run at a time, others wait.
 * @param only titles of the checks to run; all of them if absent
 * @throws GradingError if the checks themselves are at fault
 */
export function runChecks(checks: ChecksToRun, driver: PartDriver, only?: string[]): Promise<CheckOutcome[]> {
  const run = lastRun.then(() => runAlone(checks, driver, only));
  lastRun = run.catch(() => undefined);
  return run;
}

async function runAlone(checks: ChecksToRun, driver: PartDriver, only: string[] | undefined): Promise<CheckOutcome[]> {
  const outcomes = new Map<string, CheckOutcome>();
  const runner: VitestRunner = {
    config: runnerConfig,
    importFile: async () => evaluateChecks(checks, driver),
    runTask: async (test) => {
      if (only === undefined || only.includes(test.name)) await runOne(test, driver, outcomes);
    },
  };
  const [file] = await startTests([{ filepath: '/checks.ts', testLocations: undefined }], runner);
  const fileErrors = file?.result?.errors ?? [];
  if (fileErrors.length > 0) throw new GradingError(`The checks could not be loaded: ${fileErrors[0]!.message}`, { cause: fileErrors[0] });
  return getTests(file!).map((test) => ({
    ...(outcomes.get(test.id) ?? { title: test.name, use: { steps: 0, position: undefined, failure: undefined } }),
    state: test.result?.state ?? test.mode,
  }));
}

async function runOne(test: Test, driver: PartDriver, outcomes: Map<string, CheckOutcome>): Promise<void> {
  const giveBack = shim.takeExpect(test.name);
  driver.beginCheck(test.name);
  let thrown: unknown;
  try {
    await getFn(test)();
  } catch (error) {
    thrown = error;
    throw error;
  } finally {
    outcomes.set(test.id, { title: test.name, state: '', use: driver.endCheck(), ...(thrown !== undefined && { thrown }) });
    giveBack();
  }
}

/** The checks are a CommonJS bundle: what they may import is handed to them here, and nothing else exists. */
function evaluateChecks({ checksCode, seedOffset }: ChecksToRun, driver: PartDriver): void {
  const modules: Record<string, unknown> = { ...registryWithSeeds(seedOffset), vitest: shim, part: partModule(driver) };
  const require = (name: string): unknown => {
    if (!Object.hasOwn(modules, name))
      throw new GradingError(`checks.ts imports ${name}, which labs-runtime/checks/registry.ts does not list.`);
    return modules[name];
  };
  const module = { exports: {} };
  new Function('require', 'module', 'exports', checksCode)(require, module, module.exports);
}

const runnerConfig: VitestRunner['config'] = {
  root: '/',
  setupFiles: [],
  name: '',
  passWithNoTests: false,
  testNamePattern: undefined,
  allowOnly: false,
  sequence: { shuffle: false, concurrent: false, seed: 0, hooks: 'stack', setupFiles: 'list' },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 0,
  hookTimeout: 0,
  retry: 0,
  includeTaskLocation: false,
  diffOptions: undefined,
  tags: [],
  strictTags: false,
} as unknown as VitestRunner['config'];
