/** Files and streams that lead to /dev/full, where whatever is written meets a full disk: nobody needs a disk of one's own for that. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFiles } from '../../grader/results/write-files.ts';
import { REPOSITORY } from '../../scripts/repository.ts';
import { run } from './autograder/bare-machine.ts';
import { filesIn, keptIn } from './kept-results.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-full-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** The command with a stream that goes there. */
function lockstep(stream: '>' | '2>', ...args: string[]) {
  const command = [process.execPath, join(REPOSITORY, 'grader/bin.js'), ...args];
  return run('sh', ['-c', `exec "$@" ${stream} /dev/full`, 'sh', ...command], { PATH: process.env.PATH! }, folder);
}

const grade = ['grade', 'class', '--lab', 'logging-channel', '--out', 'out', '--format', 'csv,json'];

describe.runIf(existsSync('/dev/full'))('a full disk', () => {
  test('under one report: it is told with its reason, the others are there, and nothing is left beside them', async () => {
    symlinkSync('/dev/full', join(folder, 'a.csv.part'));
    const [a, b] = ['a.csv', 'b.csv'].map((path) => ({ path, content: path }));
    expect(await writeFiles(folder, [a!, b!])).toEqual({
      files: [b],
      troubles: [`${join(folder, 'a.csv')}: the disk is full. Make room and run the same command again with --resume.`],
    });
    expect(readdirSync(folder)).toEqual(['b.csv']);
  });

  test('under standard output: the command says so and ends with 2, and what was graded is kept', async () => {
    mkdirSync(join(folder, 'class'));
    writeFileSync(join(folder, 'class/student-01.ts'), 'export function start( {');
    const error = 'The output cannot be written: the disk is full. Run the same command again where it can.\n';
    expect(await lockstep('>', 'labs')).toEqual({ status: 2, out: '', error });
    // This one goes on for a while, and would end well.
    expect(await lockstep('>', 'run', 'shell')).toEqual({ status: 2, out: '', error });
    expect(await lockstep('>', ...grade)).toEqual({ status: 2, out: '', error });
    expect(keptIn(join(folder, 'out'))).toHaveLength(1);
    expect(Object.keys(filesIn(join(folder, 'out'))).toSorted()).toEqual(['/grades.csv', '/results.json']);
  });

  test('under standard error: what there is to say is lost, and nothing else', async () => {
    mkdirSync(join(folder, 'class/student-02'), { recursive: true });
    writeFileSync(join(folder, 'class/student-01.ts'), 'export function start( {');
    writeFileSync(join(folder, 'class/student-02/chanel.ts'), '');
    const { status, out } = await lockstep('2>', ...grade);
    expect(status).toBe(2);
    expect(out).toContain('2 submissions: 0 pass, 1 fail, 1 not graded');
    expect(out).toMatch(/\nReports in out: results\.json, grades\.csv\n$|\nReports in out: grades\.csv, results\.json\n$/);
  });
});
