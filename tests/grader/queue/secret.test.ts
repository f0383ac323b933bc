/** Secret seeds through the queue: workers grade by them as the embedded grader does, and what they follow from stays with the grader. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedOffsetOf } from '../../../grader/seeds.ts';
import type { Report } from '../../../labs-runtime/checks/report.ts';
import { RedisServer } from '../../../scripts/redis.ts';
import { lab } from '../../../src/labs/logging-channel/lab.ts';
import { mutantSource, mutants, solutionSource } from '../../src/labs/logging-channel/mutants.ts';
import { lockstep, type Ended } from '../autograder/bare-machine.ts';
import { filesIn, keptIn, withoutTimes } from '../kept-results.ts';
import { RedisWatch } from './everything-in.ts';
import { WorkerCommand } from './worker-command.ts';

const SECRET = 'nobody-guesses-these-words-0451';
/** What would give it away. */
const FORMS = [
  SECRET,
  Buffer.from(SECRET).toString('base64'),
  Buffer.from(SECRET).toString('hex'),
  digestOf(SECRET),
  digestOf(`${SECRET}\n`),
];

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Wrong only now and then, so that which runs show it depends on the seeds. */
const FLAWED = ['reads one frame a piece', 'ignores the checksum'].map((name) => mutantSource(mutants.find((each) => each.name === name)!));
const SOURCES = [solutionSource('checksum'), ...FLAWED, 'export function start( {'];
/** Stands in each file, so that where files are seen is known. */
const mark = (index: number) => `// This is submission ${index}.`;

let folder: string;
let redis: RedisServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-secret-'));
  mkdirSync(join(folder, 'class'));
  for (const [index, source] of SOURCES.entries()) writeFileSync(join(folder, `class/student-0${index}.ts`), `${source}\n${mark(index)}\n`);
  writeFileSync(join(folder, 'secret'), `${SECRET}\n`);
  redis = await RedisServer.start();
}, 240_000);
afterAll(async () => {
  await redis.stop();
  rmSync(folder, { recursive: true });
});

const gradeInto = (out: string, ...options: string[]) =>
  lockstep(folder, 'grade', 'class', '--lab', lab.id, '--json', '--format', 'json,csv,html,junit', '--out', out, ...options);

const withSecret = ['--secret-file', 'secret'];

/** Grades through the queue; returns what it printed, and all that Redis held or was told meanwhile and after. */
async function gradeWatched(): Promise<Ended & { seen: string[] }> {
  const watch = await RedisWatch.start(redis.url);
  let worker: WorkerCommand | undefined;
  try {
    let isOver = false;
    const graded = gradeInto('queued', ...withSecret, '--queue', redis.url).finally(() => (isOver = true));
    const seen: string[] = [];
    while (!isOver) {
      seen.push(await watch.everything());
      // Nobody grades until all of it has been seen where it waits.
      if (SOURCES.every((_, index) => seen.at(-1)!.includes(mark(index)))) worker ??= new WorkerCommand(redis.url, 2);
      await setTimeout(20);
    }
    seen.push(await watch.everything(), watch.commands.flat().join('\n'));
    return { ...(await graded), seen };
  } finally {
    await worker?.stop();
    watch.stop();
  }
}

/** The seeds of all runs that show something wrong. */
function seedsIn(json: string): number[] {
  const outcomes = JSON.parse(json) as { report: Report }[];
  return outcomes.flatMap(({ report }) => report.checks.flatMap(({ failure }) => failure?.seed ?? []));
}

test('a worker grades by them, to the bytes of the embedded grader, and the secret is nowhere but in its file', async () => {
  const queued = await gradeWatched();
  const embedded = await gradeInto('embedded', ...withSecret);
  expect(queued).toMatchObject({ status: 1, out: embedded.out });
  const [offset, seeds] = [seedOffsetOf(SECRET, lab.id), seedsIn(queued.out)];
  expect(seeds.length).toBeGreaterThan(2);
  expect(seeds.map((seed) => seed - offset).filter((seed) => seed < 1000 || seed > 20_000)).toEqual([]);

  expect(keptIn(join(folder, 'queued'))).toEqual(keptIn(join(folder, 'embedded')));
  const [files, wanted] = ['queued', 'embedded'].map((name) => withoutWalls(withoutTimes(filesIn(join(folder, name)))));
  expect(files).toEqual(wanted);

  // What has to be there is found, where it lay and on its way, so that what is not found is not there.
  const needed = [...SOURCES.map((_, index) => mark(index)), String(offset)];
  const { seen } = queued;
  for (const found of [seen.slice(0, -1).join('\n'), seen.at(-1)!]) expect(needed.filter((text) => !found.includes(text))).toEqual([]);
  const places = [...seen, ...bytesIn(join(folder, 'queued')), queued.out];
  expect(FORMS.filter((form) => places.some((place) => place.includes(form)))).toEqual([]);
});

/** Reports say what stood around students' code, which a grader does not know of its workers. */
function withoutWalls(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      text.replace(/"walls": "[^"]*"/, '"walls"').replace(/Students’ code ran in [^<]*/, 'walls'),
    ]),
  );
}

/** Every file of a folder, the store's with them, as text. */
function bytesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'));
}
