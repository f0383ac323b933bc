/** Grade time: how long an instructor waits, for one submission by the command and for each of many. */
import { spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from '../scripts/repository.ts';
import { labMatrix, type LabUnderTest } from '../tests/src/labs/lab-matrix.ts';
import { figureLine, median, timeMs } from './figure.ts';

/** Path of one of a lab's reference solutions, by turns. */
function solutionPath({ lab, solutions }: LabUnderTest, index: number): string {
  return `${REPOSITORY}tests/src/labs/${lab.id}/solutions/${solutions[index % solutions.length]!}.ts`;
}

/** Runs the command on a path, and fails unless everything in it passes. */
function gradeByCommand(labId: string, path: string): Promise<void> {
  const child = spawn(process.execPath, [`${REPOSITORY}grader/bin.js`, 'grade', path, '--lab', labId, '--json'], { stdio: 'ignore' });
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
async function classSeconds(lab: LabUnderTest, count: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-class-'));
  try {
    for (let index = 0; index < count; index++) {
      copyFileSync(solutionPath(lab, index), join(folder, `student-${index}.ts`));
    }
    return (await timeMs(() => gradeByCommand(lab.lab.id, folder))) / 1000 / count;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Lines about the time to grade, for each lab. */
export async function benchGrade(): Promise<string[]> {
  const lines: string[] = [];
  for (const lab of labMatrix) lines.push(...(await benchLab(lab)));
  return lines;
}

async function benchLab(lab: LabUnderTest): Promise<string[]> {
  const single = await secondsOf(6, (index) => gradeByCommand(lab.lab.id, solutionPath(lab, index)));
  const cores = availableParallelism();
  const line = (what: string, value: number, how: string) => figureLine({ what: `${lab.lab.id}, ${what}`, value, unit: 's', how });
  return [
    line('cold', single[0]!, 'one submission: the whole command in a fresh process, first run here'),
    line('again', median(single.slice(1)), 'the same, median of 5'),
    line('each of a class', await classSeconds(lab, 24), `one command for 24 submissions on ${cores} cores, divided by 24`),
  ];
}
