/**
 * The instructor's grader: how long one submission takes, how many a minute a class, what its walls cost, what taking up an earlier run costs, thousands
 * end to end, and a queue beside the pool.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { gradeClass, type ToGrade } from '../grader/grading/grade-class.ts';
import { gradeJob } from '../grader/grading/grade-submission.ts';
import { openPool } from '../grader/grading/pool.ts';
import { Recorder } from '../grader/grading/recorder.ts';
import { loadRuntime } from '../grader/grading/runtime.ts';
import type { Kept } from '../grader/results/store.ts';
import { Store } from '../grader/results/store.ts';
import type { Prepared } from '../labs-runtime/checks/host.ts';
import { REPOSITORY } from '../scripts/repository.ts';
import { lab as echo } from '../tests/fixtures/labs/echo/lab.ts';
import { labMatrix, type LabUnderTest } from '../tests/src/labs/lab-matrix.ts';
import { classOf, LAB, labToGrade, secondsFor, sourceOf } from './class-under-test.ts';
import { figureLine, median, timeMs } from './figure.ts';
import { memoryBytes } from './memory.ts';
import { benchQueue } from './queue.ts';

const PER_MINUTE_AT_LEAST = 60;
const OVERHEAD_AT_MOST = 30;

export async function benchGrader(): Promise<string[]> {
  const lines: string[] = [];
  for (const lab of labMatrix) lines.push(...(await commandLines(lab)));
  lines.push('', ...(await classLines()), '', ...(await wallLines()), '', ...(await storeLines()), '', ...(await benchQueue()));
  return lines;
}

/** Runs the command on a path, and fails unless everything in it passes. */
function gradeByCommand(labId: string, path: string): Promise<void> {
  const child = spawn(process.execPath, [`${REPOSITORY}grader/bin.js`, 'grade', path, '--lab', labId, '--json'], { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve() : reject(new Error(`grading ${path} ended with status ${status}`))));
  });
}

/** One submission by the command, in a fresh process. */
async function commandLines({ lab, solutions }: LabUnderTest): Promise<string[]> {
  const seconds: number[] = [];
  for (let index = 0; index < 6; index++) {
    const path = `${REPOSITORY}tests/src/labs/${lab.id}/solutions/${solutions[index % solutions.length]!}.ts`;
    seconds.push((await timeMs(() => gradeByCommand(lab.id, path))) / 1000);
  }
  const line = (what: string, value: number, how: string) => figureLine({ what: `${lab.id}, ${what}`, value, unit: 's', how });
  return [
    line('cold', seconds[0]!, 'one submission: the whole command in a fresh process, first run here'),
    line('again', median(seconds.slice(1)), 'the same, median of 5'),
  ];
}

/** Submissions a minute, by how many jobs, in shared processes and in one each. */
async function classLines(): Promise<string[]> {
  const lines: string[] = [];
  const cores = availableParallelism();
  for (const jobs of new Set([1, cores])) {
    const pool = await openPool(jobs);
    const cold = 24 / (await secondsFor(pool, classOf(24)));
    const warm = 48 / (await secondsFor(pool, classOf(48)));
    const memory = memoryBytes(process.pid);
    const fresh = 24 / (await secondsFor(pool, classOf(24), { fresh: true }));
    await pool.close();
    const line = (what: string, each: number, how: string, atLeast?: number) =>
      perMinuteLine({
        what: `${LAB}, ${jobs} at a time, ${what}`,
        value: (each * 60) / jobs,
        how,
        ...(atLeast !== undefined && { atLeast }),
      });
    lines.push(
      line('cold', cold, '24 different solutions, start of the threads and processes included', PER_MINUTE_AT_LEAST),
      line('warm', warm, '48 more in the same pool', PER_MINUTE_AT_LEAST),
      line('a process each', fresh, '24 with --fresh'),
    );
    if (memory !== undefined)
      lines.push(
        figureLine({ what: `memory, ${jobs} at a time`, value: memory / 2 ** 20, unit: 'MiB', how: 'Pss of all processes, this one too' }),
      );
  }
  return lines;
}

function perMinuteLine({ what, value, how, atLeast }: { what: string; value: number; how: string; atLeast?: number }): string {
  const target = atLeast === undefined ? '' : `  (at least ${atLeast} a core: ${value >= atLeast ? 'met' : 'MISSED'})`;
  return `${what.padEnd(46)} ${value.toFixed(1).padStart(8)} a minute a core${target}  ${how}`;
}

const WALL_ROUNDS = 15;

/** What a submission costs behind walls and judged, beside one that only runs: by turns in one run, each in a process that is warm. */
async function wallLines(): Promise<string[]> {
  const { path, hash, module } = await loadRuntime();
  const bare = bareGrader(path);
  const recorders = {
    none: new Recorder({ runtimePath: path, walls: 'none' }),
    node: new Recorder({ runtimePath: path, walls: 'node' }),
    all: new Recorder({ runtimePath: path }),
  };
  const times: Record<string, number[]> = { bare: [], none: [], node: [], all: [], judged: [] };
  const { lab, checksSource } = await labToGrade();
  for (let round = 0; round < WALL_ROUNDS + 3; round++) {
    const files = { [lab.files[0]]: sourceOf(round) };
    const { prepared } = await module.prepare(esbuild, { lab, checksSource, files, runtimeHash: hash });
    const measured: Record<string, number> = { bare: await timeMs(() => bare.run(prepared!)) };
    for (const [name, recorder] of Object.entries(recorders)) measured[name] = await timeMs(() => recorder.record(prepared!));
    measured['judged'] = await timeMs(() => gradeJob({ lab, checksSource, files }, { recorder: recorders.all }));
    // The first rounds warm up.
    if (round >= 3) for (const [name, ms] of Object.entries(measured)) times[name]!.push(ms);
  }
  bare.end();
  for (const recorder of Object.values(recorders)) await recorder.retire();
  const base = median(times['bare']!);
  const line = (name: string, what: string, how: string, atMost?: number) =>
    figureLine({ what, value: (median(times[name]!) / base - 1) * 100, unit: '%', how, ...(atMost !== undefined && { atMost }) });
  return [
    figureLine({
      what: 'bare',
      value: base,
      unit: 'ms',
      how: `the checks with the part in one warm process, as in the page; median of ${WALL_ROUNDS}`,
    }),
    line('none', 'more for a transcript', 'a process apart that records, without walls'),
    line('node', 'with the permission model', 'the same, without files, processes, threads'),
    line(
      'all',
      'with bubblewrap, where it is',
      'the same, without network and in its own file system: what isolation costs',
      OVERHEAD_AT_MOST,
    ),
    line('judged', 'bundled and judged as well', 'the whole: esbuild, the process behind its walls, and the replay that writes the report'),
  ];
}

/** A process that runs submissions without anything around it. */
function bareGrader(runtimePath: string) {
  const script = fileURLToPath(new URL('bare-grader.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, pathToFileURL(runtimePath).href], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    run: async (prepared: Prepared) => {
      child.stdin.write(`${JSON.stringify(prepared)}\n`);
      await answers.next();
    },
    end: () => child.kill(),
  };
}

const MANY = 5000;

/** Thousands of a small lab, each kept in a file at once; and the same class taken up when all is known. */
async function storeLines(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'));
  const store = new Store(join(folder, 'store.sqlite'));
  const jobs = availableParallelism();
  const pool = await openPool(jobs);
  try {
    const fixture = new URL('../tests/fixtures/labs/echo/', import.meta.url);
    const [checksSource, solution] = ['checks.ts', 'starter/echo.ts'].map((name) => readFileSync(new URL(name, fixture), 'utf8')) as [
      string,
      string,
    ];
    const submissions: ToGrade[] = Array.from({ length: MANY }, (_, index) => ({
      name: `student-${index}`,
      read: async () => ({ 'echo.ts': `${solution}\n// ${index}\n` }),
    }));
    const { runtimeHash } = pool;
    const run = () => gradeClass({ labs: [{ lab: echo, checksSource }], submissions, backend: pool, keeper: keeperOf(store), runtimeHash });
    const seconds = (await timeMs(run)) / 1000;
    const again = await timeMs(run);
    return [
      perMinuteLine({
        what: `${MANY} end to end`,
        value: (MANY / seconds / jobs) * 60,
        how: `a small lab, ${jobs} at a time, each kept in a file; ${seconds.toFixed(0)} s in all`,
      }),
      figureLine({ what: 'taken up when all is known', value: again / MANY, unit: 'ms', how: `for each of ${MANY}` }),
    ];
  } finally {
    await pool.close();
    store.close();
    rmSync(folder, { recursive: true });
  }
}

function keeperOf(store: Store) {
  return {
    find: (name: string, lab: string) => store.find(name, lab),
    keep: (name: string, lab: string, kept: Kept) => {
      if (kept.outcome.kind !== 'graded') throw new Error(`${name} was not graded: ${JSON.stringify(kept.outcome)}`);
      store.keep(name, lab, kept);
    },
  };
}
