/** The grader dies, again and again, in the middle of a class that workers grade: `--resume` ends it as if nothing had happened. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPrng, type Prng } from '../../../labs-runtime/sim/prng.ts';
import { RedisServer } from '../../../scripts/redis.ts';
import { run, type Ended } from '../autograder/bare-machine.ts';
import { filesIn, keptIn } from '../kept-results.ts';
import { Workers } from './processes.ts';
import { JOBS, labs } from './stand-in.ts';

/** More than can be done before the last of the kills below: each comes before the third time that all in the queue has been asked for. */
const SUBMISSIONS = 1000;
const WORKERS = 3;
const TEXTS = Array.from({ length: SUBMISSIONS }, (_, index) => `text ${index}`);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-killed-'));
  mkdirSync(join(folder, 'class'));
  for (const [index, text] of TEXTS.entries()) writeFileSync(join(folder, `class/student-${index}.ts`), text);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Grades the class into a folder. @param moment in which the grader ends at once, as `stand-in-grader.ts` takes it */
function grade(url: string, moment: string, out: string, ...options: string[]): Promise<Ended> {
  const script = fileURLToPath(new URL('stand-in-grader.ts', import.meta.url));
  const formats = 'json,csv,junit,ctrf,canvas';
  const args = ['class', '--lab', labs[0]!.lab.id, '--queue', url, '--out', out, '--format', formats, ...options];
  return run(process.execPath, [script, moment, ...args], { PATH: process.env.PATH! }, folder);
}

/** Lets something be done with a queue that holds nothing yet, and workers. Returns what they began, by its text. */
async function withWorkers(work: (url: string) => Promise<void>): Promise<string[]> {
  const redis = await RedisServer.start();
  // No lock of theirs runs out, however busy the machine is: what is begun twice was asked for twice.
  const workers = new Workers(redis.url, 4, 600_000);
  try {
    await Promise.all(Array.from({ length: WORKERS }, () => workers.start()));
    await work(redis.url);
  } finally {
    await workers.killAll();
    await redis.stop();
  }
  return workers.begun;
}

/**
 * What a grader sends over and over, in all the ways in which it can end by it: questions whether a job is there, and jobs, one by one; questions
 * for answers, and which answers need lie there no longer, for all that wait at once.
 */
function momentsToEnd(prng: Prng): string[] {
  const oneByOne = ['exists', 'evalsha'].map((name) => `${name} ${1 + prng.int(JOBS)}`);
  const allAtOnce = ['mget', 'unlink'].flatMap((name) => [`${name} 1`, `${name} 2`]);
  const moments = [...oneByOne, ...allAtOnce].flatMap((moment) => [`${moment} sent`, `${moment} answered`]);
  return shuffled(moments, prng);
}

function shuffled<Item>(items: Item[], prng: Prng): Item[] {
  const left = [...items];
  return items.map(() => left.splice(prng.int(left.length), 1)[0]!);
}

let undisturbed: Ended;
beforeAll(async () => {
  await withWorkers(async (url) => void (undisturbed = await grade(url, 'never', 'undisturbed')));
  expect(undisturbed).toMatchObject({ status: 1, error: '' });
  expect(keptIn(join(folder, 'undisturbed'))).toHaveLength(SUBMISSIONS);
}, 240_000);

test.each([2010, 1985])(
  'killed by and by (seed %i), it ends with what an undisturbed run does, and nothing was graded twice',
  async (seed) => {
    const out = `out-${seed}`;
    const begun = await withWorkers(async (url) => {
      for (const moment of momentsToEnd(createPrng(seed)))
        expect(await grade(url, moment, out, '--resume'), moment).toEqual({ status: 'SIGKILL', out: '', error: '' });
      expect(await grade(url, 'never', out, '--resume')).toEqual({ ...undisturbed, out: undisturbed.out.replace('undisturbed', out) });
    });
    expect(filesIn(join(folder, out))).toEqual(filesIn(join(folder, 'undisturbed')));
    expect(keptIn(join(folder, out))).toEqual(keptIn(join(folder, 'undisturbed')));
    expect(begun.toSorted()).toEqual(TEXTS.toSorted());
  },
  240_000,
);
