/**
 * `lockstep grade` where no more can be written: it says once what could not be and why, does the rest, and what it has kept is taken up where there is
 * room, to the bytes of a run that nothing disturbed.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { REPOSITORY } from '../../scripts/repository.ts';
import { solutionSource } from '../src/labs/logging-channel/mutants.ts';
import { run, type Ended } from './autograder/bare-machine.ts';
import { filesIn, keptIn, withoutTimes } from './kept-results.ts';
import { hasSmallDisks, SmallDisk } from './small-disk.ts';

const SUBMISSIONS = 24;

let folder: string;
function makeClass(): void {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-full-'));
  mkdirSync(join(folder, 'class'));
  for (let index = 0; index < SUBMISSIONS; index++) {
    // Most do not compile, which is found out at once and fills as much of a disk.
    const source = index % 12 === 0 ? `${solutionSource('checksum')}\n// ${index}` : `export function start( { // ${index}`;
    writeFileSync(join(folder, `class/student-${String(index).padStart(2, '0')}.ts`), source);
  }
}

const clear = (...names: string[]) => names.forEach((name) => rmSync(join(folder, name), { recursive: true, force: true }));

const gradeInto = (out: string) => ['grade', 'class', '--lab', 'logging-channel', '--format', 'csv,json,html,junit', '--out', out];

/** What a run showed, without the line that names its folder. */
function tableOf({ out }: Ended): string {
  return out.replace(/\n(Reports in .*|No report could be written\.)\n$/, '');
}

interface Results {
  files: Record<string, string>;
  kept: Record<string, unknown>[];
}

function resultsIn(path: string): Results {
  return { files: withoutTimes(filesIn(path)), kept: keptIn(path) };
}

/** Of a run that could not write all: the reports that are there are whole, and so is what was kept. */
function expectPart(part: Results, whole: Results): void {
  expect(whole.files).toMatchObject(part.files);
  for (const row of part.kept) expect(whole.kept).toContainEqual(row);
}

describe.runIf(hasSmallDisks)('a disk that is full', () => {
  const KIB = 4096;
  let disk: SmallDisk;
  let undisturbed: Ended;
  let whole: Results;
  beforeAll(async () => {
    makeClass();
    disk = new SmallDisk(folder, KIB);
    undisturbed = await disk.lockstep(...gradeInto('undisturbed'));
    whole = resultsIn(join(folder, 'undisturbed'));
    expect(undisturbed).toMatchObject({ status: 1, error: '' });
    expect(whole.kept).toHaveLength(SUBMISSIONS);
  }, 240_000);
  afterEach(async () => {
    await disk.run('rm', '-rf', 'disk/out', 'disk/something-else');
    clear('part', 'again');
  });
  afterAll(async () => {
    await disk.end();
    clear('.');
  });

  const FULL = 'the disk is full. Make room and run the same command again with --resume.\n';

  /** A run with so much room, looked at then, and one that takes that up where there is more. */
  async function gradeWith(kib: number) {
    await disk.leave(kib);
    const first = await disk.lockstep(...gradeInto('disk/out'));
    expect(first.status).toBe(2);
    expect(tableOf(first)).toBe(tableOf(undisturbed));
    const part = resultsIn(await disk.show('out', 'part'));
    expectPart(part, whole);

    const withoutRoom = await disk.lockstep(...gradeInto('disk/out'), '--resume');
    expect(withoutRoom.status).toBe(2);
    expect(withoutRoom.error).toContain(`disk/out/lockstep.sqlite: ${FULL}`);

    await disk.makeRoom();
    const again = await disk.lockstep(...gradeInto('disk/out'), '--resume');
    expect(again).toEqual({ status: 1, out: undisturbed.out.replace('undisturbed', 'disk/out'), error: '' });
    expect(resultsIn(await disk.show('out', 'again'))).toEqual(whole);
    return { first, part };
  }

  test('in the middle of a class: what cannot be kept is in the table all the same, and graded again where there is room', async () => {
    const { first, part } = await gradeWith(96);
    expect(part.kept.length).toBeGreaterThan(0);
    expect(part.kept.length).toBeLessThan(SUBMISSIONS);
    expect(part.files).toEqual({});
    expect(first.out).toMatch(/\nNo report could be written\.\n$/);
    const others = Object.keys(whole.files).length - 1;
    expect(first.error).toBe(`disk/out/lockstep.sqlite: ${FULL}disk/out/grades.csv and ${others} more: ${FULL}`);
  });

  test('by the reports: each that is there is whole', async () => {
    const { first, part } = await gradeWith(640);
    expect(part.kept).toHaveLength(SUBMISSIONS);
    const written = Object.keys(part.files).length;
    const missing = Object.keys(whole.files).length - written;
    expect(written).toBeGreaterThan(0);
    expect(missing).toBeGreaterThan(1);
    expect(first.out).toMatch(/\nReports in disk\/out: .*grades\.csv.*\n$/);
    expect(first.error).toMatch(/^disk\/out\/\S+ and \d+ more: /);
    expect(first.error.endsWith(` and ${missing - 1} more: ${FULL}`)).toBe(true);
    expect(first.error.match(/\n/g)).toHaveLength(1);
  });

  test('before anything is graded: it says so and grades nothing', async () => {
    await disk.leave(0);
    expect(await disk.lockstep(...gradeInto('disk/out'))).toEqual({ status: 2, out: '', error: `disk/out/lockstep.sqlite: ${FULL}` });
  });
});

describe.runIf(process.platform !== 'win32')('files that may not grow beyond a size, as everybody can have it', () => {
  /** In blocks of 512 bytes: the store takes more, and so do the reports about all; pages about one take less. */
  const BLOCKS = 128;
  beforeAll(makeClass);
  afterAll(() => clear('.'));

  function gradeBelow(blocks: number | 'unlimited', out: string, ...options: string[]): Promise<Ended> {
    const command = [process.execPath, join(REPOSITORY, 'grader/bin.js'), ...gradeInto(out), ...options];
    return run('sh', ['-c', `ulimit -f ${blocks}; exec "$@"`, 'sh', ...command], { PATH: process.env.PATH! }, folder);
  }

  test('the store and the long reports are not written, told once for each reason; the short ones are there', async () => {
    const undisturbed = await gradeBelow('unlimited', 'undisturbed');
    const whole = resultsIn(join(folder, 'undisturbed'));

    const first = await gradeBelow(BLOCKS, 'out');
    expect(first.status).toBe(2);
    expect(tableOf(first)).toBe(tableOf(undisturbed));
    expect(first.error.split('\n')).toEqual([
      'out/lockstep.sqlite: it cannot be read or written (disk I/O error). Check the disk and run the same command again with --resume.',
      expect.stringMatching(/^out\/\S+ and 2 more: this cannot be written \(EFBIG\)\.$/),
      '',
    ]);
    // Whoever looks at a store opens it, as the next run will, and changes its files by that.
    cpSync(join(folder, 'out'), join(folder, 'part'), { recursive: true });
    const part = resultsIn(join(folder, 'part'));
    expectPart(part, whole);
    expect(part.kept.length).toBeGreaterThan(0);
    expect(part.kept.length).toBeLessThan(SUBMISSIONS);
    expect(Object.keys(part.files)).toHaveLength(SUBMISSIONS + 1);

    const again = await gradeBelow('unlimited', 'out', '--resume');
    expect(again).toEqual({ status: 1, out: undisturbed.out.replace('undisturbed', 'out'), error: '' });
    expect(resultsIn(join(folder, 'out'))).toEqual(whole);
  });
});
