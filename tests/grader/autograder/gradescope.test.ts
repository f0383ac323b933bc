/** The zip for Gradescope, unpacked and run as Gradescope does it: its folders, an image with nothing of ours, no network. */
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { zipOf } from '../../../grader/autograder/zip.ts';
import { lab } from '../../../src/labs/output-rule/lab.ts';
import { mutants, mutantSource, solutionSource } from '../../src/labs/output-rule/mutants.ts';
import { BareMachine, isolated, lockstep, type Ended } from './bare-machine.ts';
import { gradescopeSchema, metadata } from './gradescope-schema.ts';
import { unzip } from './unzip.ts';

/** What runs is a program for this system and processor. */
const canRun = process.platform === 'linux' && process.arch === 'x64';

const solution = solutionSource('queue');

describe.runIf(canRun)('the zip on a machine like Gradescope’s', () => {
  const machine = new BareMachine('/autograder');
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-gradescope-'));
  const zip = join(folder, 'output-rule-autograder.zip');
  const root: Record<string, string> = isolated ? {} : { AUTOGRADER_ROOT: machine.inside };
  let paths: string[];

  beforeAll(async () => {
    const made = await lockstep(folder, 'gradescope', '--lab', 'output-rule');
    expect(made).toMatchObject({ status: 0, error: '' });
    expect(made.out).toContain(`output-rule-autograder.zip: ${(statSync(zip).size / 1e6).toFixed(1)} MB.`);
    paths = await unzip(zip, machine.at('source'));
  }, 120_000);
  afterAll(() => {
    machine.remove();
    rmSync(folder, { recursive: true });
  });
  beforeEach(() => {
    machine.clear('submission', 'results');
    machine.write({ 'submission_metadata.json': metadata('100.0') });
    copyFileSync(machine.at('source/run_autograder'), machine.at('run_autograder'));
  });

  const autograde = (settings: Record<string, string> = {}) =>
    machine.run('bash', [join(machine.inside, 'run_autograder')], { ...root, ...settings });

  /** What lies in the folder of results: one file, of the documented form. */
  function results() {
    expect(readdirSync(machine.at('results'))).toEqual(['results.json']);
    return gradescopeSchema.parse(JSON.parse(readFileSync(machine.at('results/results.json'), 'utf8')));
  }

  /** Hands in one file, in both ways, and returns what came of it. */
  async function handIn(source: string): Promise<{ ended: Ended; byCommand: Ended }> {
    machine.write({ 'submission/gate.ts': source });
    const command = lockstep(machine.at('submission'), 'grade', 'gate.ts', '--lab', 'output-rule', '--json');
    const [ended, byCommand] = await Promise.all([autograde(), command]);
    return { ended, byCommand };
  }

  test('its root holds the two files that Gradescope looks for, and setup.sh is content with the image', async () => {
    expect(paths).toEqual(expect.arrayContaining(['setup.sh', 'run_autograder']));
    expect(statSync(machine.at('source/run_autograder')).mode & 0o111).toBe(0o111);
    expect(await machine.run('bash', [join(machine.inside, 'source/setup.sh')], root)).toEqual({
      status: 0,
      out: expect.stringMatching(/^v\d+\.\d+\.\d+\n$/),
      error: '',
    });
  });

  const mutant = mutants[0]!;
  test.each([
    ['a solution', solution, undefined],
    [`a part that ${mutant.name}`, mutantSource(mutant), lab.checks.find(({ id }) => id === mutant.fails)!.title],
    ['what does not compile', 'export function start( {', 'At gate.ts:1:'],
    [
      'a crash in words that look like results',
      'export const start = () => ({});\nexport const step = () => { throw new Error(\'"}], "score": 100, <b>\'); };',
      'Error: "}], "score": 100, <b>',
    ],
    [
      'attempts to print and to write results',
      `${solution}
        const results = '/autograder/results/results.json';
        for (const attempt of [
          () => (globalThis as any).console.log('{"score": 1000}'),
          () => (globalThis as any).process.stdout.write('{"score": 1000}'),
          () => (globalThis as any).process.getBuiltinModule('fs').writeFileSync(results, '{"score": 1000}'),
          () => ([] as any).constructor.constructor('return process')().kill(1),
        ]) try { attempt(); } catch {}`,
      undefined,
    ],
  ])('%s gets the verdict of `lockstep grade`, to the byte', async (_, source, says) => {
    const { ended, byCommand } = await handIn(source);
    expect([ended, byCommand]).toMatchObject([{ status: 0, error: '' }, { error: '' }]);
    expect(ended.out).toBe(`The canonical report of output-rule, as \`lockstep grade --json\` prints it:\n${byCommand.out}\n`);
    const report = JSON.parse(byCommand.out) as {
      points: number;
      checks: { title: string; points: number; pointsMax: number; verdict: string }[];
    };
    const { score, output, tests } = results();
    expect(score).toBe(report.points);
    expect(output).toBe(`The output rule: ${report.points} of 100 points.`);
    expect(tests!.map(({ name, score, max_score, status }) => [name, score, max_score, status])).toEqual(
      report.checks.map(({ title, points, pointsMax, verdict }) => [title, points, pointsMax, verdict === 'pass' ? 'passed' : 'failed']),
    );
    const failed = tests!.filter(({ status }) => status === 'failed').map(({ name, output }) => `${name}\n${output}`);
    if (says === undefined) expect(failed).toEqual([]);
    else expect(failed.join('\n')).toContain(says);
  });

  test('an upload under another name, or zipped, is found', async () => {
    const unfinished = 'export function start( {';
    const compiled = {
      score: 0,
      tests: expect.arrayContaining([expect.objectContaining({ output: expect.stringContaining('At gate.ts:1:') })]),
    };
    machine.write({ 'submission/my-work.ts': unfinished });
    await autograde();
    expect(results()).toMatchObject(compiled);
    machine.clear('submission');
    machine.write({ 'submission/work.zip': await zipOf([{ path: 'work/gate.ts', content: Buffer.from(unfinished) }]) });
    await autograde();
    expect(results()).toMatchObject(compiled);
  });

  test('what cannot be graded has no score, and a reason; nothing at all is a zero', async () => {
    machine.write({ 'submission/gate.ts': Buffer.from('\ufeffexport {}', 'utf16le') });
    expect(await autograde()).toEqual({ status: 0, out: 'output-rule: not graded.\n', error: '' });
    expect(results()).toEqual({ output: expect.stringContaining('UTF-16'), output_format: 'text', visibility: 'visible' });
    machine.clear('submission');
    symlinkSync('/autograder/source/labs.json', machine.at('submission/gate.ts'));
    await autograde();
    expect(results()).toMatchObject({ output: expect.stringContaining('it is a symbolic link, which is not followed') });
    expect(results()).not.toHaveProperty('score');
    machine.clear('submission');
    await autograde();
    expect(results()).toMatchObject({ score: 0, output: 'The output rule: nothing was handed in.' });
  });

  test('out of time leaves results that say so, and no score', async () => {
    machine.write({ 'submission/gate.ts': solution });
    const { status, error } = await autograde({ AUTOGRADER_SECONDS: '0.001' });
    expect(status).toBe(0);
    expect(error).toContain('The grader ended with status 124');
    expect(results()).toEqual({ output: expect.stringContaining('did not finish'), output_format: 'text', visibility: 'visible' });
  });

  test('an assignment that is worth less than the lab is told to the instructor; without metadata it goes on', async () => {
    machine.write({ 'submission_metadata.json': metadata('20.0'), 'submission/gate.ts': 'export {' });
    expect((await autograde()).out).toMatch(/^WARNING: this assignment has 20 points in Gradescope, and the lab gives up to 100\./);
    rmSync(machine.at('submission_metadata.json'));
    expect((await autograde()).out).toMatch(/^The canonical report/);
  });

  test('setup.sh refuses an image on which its Node does not run, and says what to choose', async () => {
    const node = machine.at('source/bin/node');
    const kept = readFileSync(node);
    writeFileSync(node, 'for another processor');
    const { status, error } = await machine.run('bash', [join(machine.inside, 'source/setup.sh')], root);
    writeFileSync(node, kept);
    expect(status).toBe(1);
    expect(error).toContain('choose Ubuntu 22.04 or newer');
  });
});
