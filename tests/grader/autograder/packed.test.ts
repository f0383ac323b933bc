/** What goes into a packed grader, and what it writes while it grades. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runAutograderTask } from '../../../grader/autograder/command.ts';
import { gradescopeZip } from '../../../grader/autograder/gradescope-zip.ts';
import { linuxNode } from '../../../grader/autograder/node-binary.ts';
import { packGrader } from '../../../grader/autograder/pack.ts';
import { runGradescope } from '../../../grader/autograder/packed/gradescope.ts';
import type { HostBackend } from '../../../grader/autograder/packed/grade-one.ts';
import type { PackedLabs } from '../../../grader/autograder/packed/packed-labs.ts';
import type { Course } from '../../../grader/course.ts';
import type { GradingAnswer } from '../../../grader/grading/messages.ts';
import { labs, readChecks, readStarter } from '../../../grader/labs.ts';
import { labsToGrade } from '../../../grader/plan.ts';
import { seedOffsetOf } from '../../../grader/seeds.ts';
import { problemReport } from '../../../labs-runtime/checks/make-report.ts';
import { lab as failover } from '../../../src/labs/failover/lab.ts';
import { lab as gate } from '../../../src/labs/output-rule/lab.ts';
import { solutionSource } from '../../src/labs/output-rule/mutants.ts';
import { lockstep, run } from './bare-machine.ts';
import { gradescopeSchema } from './gradescope-schema.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-packed-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const twoLabs: PackedLabs = { labs: [gate, failover].map((lab) => ({ lab, checksSource: '' })), version: '1.0.0' };

/** Answers as a grader would that finds nothing to run. */
function backend(onGrade: (labId: string) => GradingAnswer | undefined): HostBackend {
  return {
    jobs: 1,
    runtimeHash: 'r',
    grade: async ({ lab }) =>
      onGrade(lab.id) ?? {
        kind: 'graded',
        recorder: undefined,
        grading: { report: problemReport({ lab, labHash: 'l', runtimeHash: 'r' }, { message: 'It cannot run.' }), details: [] },
      },
  };
}

describe('results while Gradescope’s time runs', () => {
  function handIn(): void {
    for (const name of ['submission', 'results']) mkdirSync(join(folder, name));
    for (const { files } of [gate, failover]) writeFileSync(join(folder, 'submission', files[0]), 'export {};');
  }
  const results = () => gradescopeSchema.parse(JSON.parse(readFileSync(join(folder, 'results/results.json'), 'utf8')));

  test('each lab that is done stands in them at once, and the score only at the end', async () => {
    handIn();
    const seen: unknown[] = [];
    // The second lab is not begun before the first one's outcome is kept.
    let release = (_: void) => {};
    const first = new Promise<void>((resolve) => (release = resolve));
    const oneByOne = backend(() => undefined);
    const grade: HostBackend['grade'] = async (job) => {
      if (job.lab.id === failover.id) {
        await first;
        seen.push(results());
      }
      const answer = await oneByOne.grade(job);
      if (job.lab.id === gate.id) setImmediate(release);
      return answer;
    };
    await runGradescope(folder, twoLabs, { ...oneByOne, grade }, () => {});
    expect(seen).toEqual([
      {
        output: expect.stringMatching(/^The output rule: 0 of 100 points\.\nFailover: not graded\./),
        output_format: 'text',
        visibility: 'visible',
      },
    ]);
    expect(results()).toMatchObject({ score: 0, output: expect.stringMatching(/Failover: 0 of 100 points\.$/) });
    expect(results().tests).toHaveLength(gate.checks.length + failover.checks.length);
  });

  test('a fault of ours is no zero: there is no score, and the instructor is told', async () => {
    handIn();
    const said: string[] = [];
    const faulty = backend((labId) => (labId === gate.id ? { kind: 'failed', message: 'Error: out of ideas' } : undefined));
    await runGradescope(folder, twoLabs, faulty, (line) => said.push(line));
    expect(results()).toEqual({ output: expect.stringContaining('out of ideas'), output_format: 'text', visibility: 'visible' });
    expect(said[0]).toBe('output-rule: not graded.');
  });
});

describe('what is packed', () => {
  test('the bytes follow from the labs alone, in every time zone', async () => {
    const node = Buffer.from('node');
    const bytes = [];
    for (const zone of ['UTC', 'Pacific/Kiritimati', 'America/St_Johns']) {
      vi.stubEnv('TZ', zone);
      bytes.push((await gradescopeZip(twoLabs, node)).toString('base64'));
    }
    vi.unstubAllEnvs();
    expect(new Set(bytes).size).toBe(1);
    expect((await gradescopeZip({ ...twoLabs, version: '1.0.1' }, node)).toString('base64')).not.toBe(bytes[0]);
  });

  test('hidden checks and other seeds are in it, the secret is not', async () => {
    const secret = 'rain in the harbour';
    mkdirSync(join(folder, 'hidden/output-rule'), { recursive: true });
    writeFileSync(join(folder, 'secret.txt'), `${secret}\n`);
    writeFileSync(join(folder, 'hidden/output-rule/checks.ts'), '// unseen');
    writeFileSync(join(folder, 'hidden/output-rule/checks.json'), '[{ "id": "x", "title": "unseen", "points": 5, "class": "safety" }]');
    const { status, said, files } = await classroom({ hidden: join(folder, 'hidden'), secretFile: join(folder, 'secret.txt') });
    expect(status).toBe(0);
    expect(said[0]).toContain('Students can read all of it');
    const packed = JSON.parse(files('.github/lockstep/labs.json')) as PackedLabs;
    expect(packed.labs.map(({ lab, seedOffset, hiddenOf }) => [lab.id, seedOffset, hiddenOf])).toEqual([
      ['output-rule', seedOffsetOf(secret, 'output-rule'), undefined],
      ['output-rule-hidden', seedOffsetOf(secret, 'output-rule-hidden'), 'output-rule'],
    ]);
    expect(files('.github/workflows/classroom.yml')).toContain('OUTPUT_RULE_HIDDEN__X_RESULTS');
    const all = await packGrader('classroom-main.ts', packed);
    for (const { content } of all) expect(Buffer.from(content).includes(secret)).toBe(false);
  });

  test('it grades with other seeds as `lockstep grade --secret-file` does, to the byte', async () => {
    writeFileSync(join(folder, 'secret.txt'), 'rain in the harbour');
    const plan = { hidden: undefined, secretFile: join(folder, 'secret.txt') };
    const packed = { labs: await labsToGrade([gate], plan, { readChecks }), version: '1.0.0' };
    for (const { path, content } of await packGrader('gradescope-main.ts', packed)) {
      mkdirSync(dirname(join(folder, 'source', path)), { recursive: true });
      writeFileSync(join(folder, 'source', path), content);
    }
    for (const name of ['submission', 'results']) mkdirSync(join(folder, name));
    writeFileSync(join(folder, 'submission/gate.ts'), solutionSource('queue'));
    const options = ['--lab', 'output-rule', '--secret-file', 'secret.txt', '--json'];
    const [packedOne, command] = await Promise.all([
      run(process.execPath, ['source/grader.mjs', folder], { PATH: dirname(process.execPath) }, folder),
      lockstep(folder, 'grade', 'submission/gate.ts', ...options),
    ]);
    expect([packedOne, command]).toMatchObject([
      { status: 0, error: '' },
      { status: 0, error: '' },
    ]);
    expect(packedOne.out).toBe(`The canonical report of output-rule, as \`lockstep grade --json\` prints it:\n${command.out}\n`);
  });

  async function classroom(options: { hidden?: string; secretFile?: string; labId?: string; out?: string }) {
    const said: string[] = [];
    const console = {
      out: (text: string) => void said.push(text),
      error: (text: string) => void said.push(text),
      colour: false,
      width: 80,
      progress: false,
    };
    const course = { labs, readChecks, readStarter, version: '1.0.0' } as unknown as Course;
    const out = join(folder, 'repository');
    const task = { kind: 'classroom', labId: 'output-rule', out, hidden: undefined, secretFile: undefined, ...options } as const;
    const status = await runAutograderTask(task, course, console);
    return { status, said, files: (path: string) => readFileSync(join(out, path), 'utf8') };
  }

  test('what is missing or cannot be written is told, with what to do', async () => {
    expect((await classroom({ labId: 'output-ruel' })).said[0]).toMatch(/There is no lab "output-ruel"\. Did you mean "output-rule"\?/);
    writeFileSync(join(folder, 'file'), '');
    const { status, said } = await classroom({ out: join(folder, 'file') });
    expect(status).toBe(2);
    expect(said[0]).toMatch(/it cannot be written: a file is in its place\. Name another folder with --out\.\n$/);
    await expect(linuxNode(join(folder, 'none'))).rejects.toThrow(
      /not installed here \(ENOENT\)\. Run this command on Linux, or first `npm install --no-save/,
    );
  });
});
