/**
 * Every attack of the corpus: it works on a naive grader, or proves nothing; and in ours it changes no verdict, in either host, reads and writes
 * nothing, calls nobody, leaves nothing behind, and harms nobody beside it.
 */
import { readFileSync, readdirSync } from 'node:fs';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Recorder } from '../../grader/grading/recorder.ts';
import { loadRuntime } from '../../grader/grading/runtime.ts';
import type { LoadedRuntime } from '../../grader/grading/runtime.ts';
import type { Prepared } from '../../labs-runtime/checks/host.ts';
import type { Report } from '../../labs-runtime/checks/report.ts';
import { echo, echoChecks, echoSolution, gradeInBoth } from '../grader/hosts.ts';
import { canaryFolder, canaryServer, descendants, lookAt, processesWith, removeFolder } from './canaries.ts';
import type { CanaryServer } from './canaries.ts';
import { attackText, corpus } from './corpus.ts';
import type { Attack, Because } from './corpus.ts';
import { runNaively } from './naive-run.ts';
import type { NaiveOutcome } from './naive-run.ts';

test('the corpus has a file for each attack, and an attack for each line that a part can try', () => {
  const files = readdirSync(new URL('corpus/', import.meta.url)).map((name) => name.replace(/\.ts$/, ''));
  expect(corpus.map(({ name }) => name).toSorted()).toEqual(files.toSorted());
  const lines = new Set(corpus.map(({ line }) => line));
  // 30 and 31 are about what a submission comes in.
  for (let line = 1; line <= 34; line += 1) expect(lines.has(line), `line ${line}`).toBe(line !== 30 && line !== 31);
});

test('docs/security.md says of each kind of attack what stops it', () => {
  const page = readFileSync(new URL('../../docs/security.md', import.meta.url), 'utf8');
  const table = page.slice(page.indexOf('### What stops what'), page.indexOf('### Permissions and bubblewrap'));
  const kinds = table
    .split('\n')
    .flatMap((row) => [...(/^\| (\d[^|]*)/.exec(row)?.[1] ?? '').matchAll(/(\d+) /g)].map(([, number]) => Number(number)));
  expect(kinds.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 34 }, (_, index) => index + 1));
});

describe('works on a naive grader', () => {
  function isSeen({ works, channel, says }: Attack, outcome: NaiveOutcome): boolean {
    if (works === 'passes') return outcome.passes.includes(channel!);
    if (works === 'writes') return outcome.wrote.length > 0;
    if (works === 'calls') return outcome.calls > 0;
    if (works === 'hangs') return outcome.hung;
    if (works === 'leaves') return outcome.left > 0;
    return says!.test(outcome.text);
  }

  // Those that look for a process find it in /proc.
  const runnable = corpus.filter(({ works, name }) => process.platform === 'linux' || (works !== 'leaves' && name !== 'nonce-proc'));
  test.concurrent.each(runnable)('$name', async (attack) => {
    const outcome = await runNaively(attack);
    expect(isSeen(attack, outcome), JSON.stringify(outcome).slice(0, 2000)).toBe(true);
  });

  test('which a right part passes, and a wrong one does not', async () => {
    const { passes } = await runNaively({ ...corpus[0]!, name: '../naive/honest' });
    expect(passes).toEqual(['results', 'output', 'status', 'secret']);
    const quiet = corpus.find(({ name }) => name === 'report-html')!;
    expect((await runNaively(quiet)).passes).toEqual([]);
  });
});

let server: CanaryServer;
let folder: string;
let before: Record<string, string>;
const MARK = `attack-on-ours-${process.pid}`;

beforeAll(async () => {
  server = await canaryServer();
  folder = canaryFolder();
  before = lookAt(folder);
});

afterAll(() => {
  server.close();
  removeFolder(folder);
});

function aimedAtUs({ name }: Attack): string {
  return attackText(name, { folder, port: server.port, mark: MARK });
}

/** What no attack of all may have done. */
function expectNothingTouched(): void {
  expect(lookAt(folder)).toEqual(before);
  expect(server.calls()).toBe(0);
  expect(processesWith(MARK)).toEqual([]);
}

function becauseOf({ problem, verdict, checks }: Report): Because {
  if (problem !== undefined) return 'problem';
  if (verdict === 'pass') return 'nothing';
  const failed = checks.find((check) => check.verdict !== 'pass')!;
  return failed.verdict === 'fail' ? 'wrong' : (failed.failure!.class as Because);
}

describe('gets what the part deserves from ours, and the same bytes in both hosts', () => {
  test.concurrent.each(corpus)('$name', async (attack) => {
    const { report, text } = await gradeInBoth(aimedAtUs(attack));
    expect([report.points, becauseOf(report)]).toEqual([attack.points, attack.because]);
    expect(text).not.toMatch(/::set-output|##\[error\]|\/etc\/passwd|=HYPERLINK|lockstep-attack-/);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]|\\u00[01]|\\u202e/);
  });

  test('and touches nothing', expectNothingTouched);
});

describe('one process for all of them', () => {
  let runtime: LoadedRuntime;
  beforeAll(async () => void (runtime = await loadRuntime()));

  async function prepare(source: string): Promise<Prepared | undefined> {
    const submission = { lab: echo, checksSource: echoChecks, files: { 'echo.ts': source }, runtimeHash: runtime.hash };
    return (await runtime.module.prepare(esbuild, submission)).prepared;
  }

  test('gives an honest submission between any two the transcript, to the byte, that it gets alone', async () => {
    const honest = (await prepare(echoSolution))!;
    const alone = await new Recorder({ runtimePath: runtime.path, submissionsMax: 1 }).record(honest);
    const shared = new Recorder({ runtimePath: runtime.path, submissionsMax: 1000 });
    for (const attack of corpus) {
      const prepared = await prepare(aimedAtUs(attack));
      if (prepared === undefined) continue;
      const { points } = (await runtime.module.judge(prepared, (await shared.record(prepared)) as Uint8Array)).report;
      expect(points, attack.name).toBe(attack.points);
      expect(await shared.record(honest), `after ${attack.name}`).toEqual(alone);
    }
    expect(shared.generation).toBe(1);
    await shared.retire();
    expectNothingTouched();
  });
});

test('no process that ran students’ code is left', async () => {
  const recorders = processesWith('recording-child.mjs');
  expect(descendants().filter((id) => recorders.includes(id))).toEqual([]);
});
