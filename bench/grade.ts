/** Grade time: how long an instructor waits, for one submission by the command and for each of many. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../scripts/repository.ts';
import { figureLine, median, timeMs } from './figure.ts';

const SOLUTIONS = ['checksum', 'byte-stuffing', 'text-lines'];
const LAB = 'logging-channel';

function solutionPath(name: string): string {
  return `${REPOSITORY}tests/src/labs/${LAB}/solutions/${name}.ts`;
}

/** Runs the command on a path, and fails unless everything in it passes. */
function gradeByCommand(path: string): Promise<void> {
  const child = spawn(process.execPath, [`${REPOSITORY}grader/bin.js`, 'grade', path, '--lab', LAB, '--json'], { stdio: 'ignore' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => (status === 0 ? resolve() : reject(new Error(`grading ${path} ended with status ${status}`))));
  });
}

/** Seconds of each of `times` runs, one after the other. */
async function secondsOf(times: number, run: (index: number) => Promise<unknown>): Promise<number[]> {
  const seconds: number[] = [];
  for (let index = 0; index < times; index++) seconds.push((await timeMs(() => run(index))) / 1000);
  return seconds;
}

/** Seconds a submission in a class of `count`, with every core at work. */
async function classSeconds(count: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-class-'));
  try {
    for (let index = 0; index < count; index++) {
      copyFileSync(solutionPath(SOLUTIONS[index % SOLUTIONS.length]!), join(folder, `student-${index}.ts`));
    }
    return (await timeMs(() => gradeByCommand(folder))) / 1000 / count;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Lines about the time to grade. */
export async function benchGrade(): Promise<string[]> {
  const next = (index: number) => gradeByCommand(solutionPath(SOLUTIONS[index % SOLUTIONS.length]!));
  const single = await secondsOf(6, next);
  const cores = availableParallelism();
  return [
    figureLine({
      what: 'grade, one submission, cold',
      value: single[0]!,
      unit: 's',
      how: 'the whole command in a fresh process, first run here',
    }),
    figureLine({ what: 'grade, one submission, again', value: median(single.slice(1)), unit: 's', how: 'the same, median of 5' }),
    figureLine({
      what: 'grade, each of a class, warm',
      value: await classSeconds(24),
      unit: 's',
      how: `one command for 24 submissions on ${cores} cores, divided by 24`,
    }),
  ];
}
