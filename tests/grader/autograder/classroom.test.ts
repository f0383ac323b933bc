/** The workflow for GitHub Classroom, read and run as a runner does it, in a student's repository and without network. */
import { readFileSync, realpathSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Report } from '../../../labs-runtime/checks/report.ts';
import { lab } from '../../../src/labs/output-rule/lab.ts';
import { mutants, mutantSource, solutionSource } from '../../src/labs/output-rule/mutants.ts';
import { BareMachine, lockstep } from './bare-machine.ts';
import { commandsIn, report, runScript } from './workflow-runner.ts';
import { workflowSchema, type Step } from './workflow-schema.ts';

describe.skipIf(process.platform === 'win32')('the workflow in a student’s repository', () => {
  const machine = new BareMachine('/home/runner/work/output-rule', [dirname(realpathSync(process.execPath))]);
  let steps: Step[];

  beforeAll(async () => {
    const made = await lockstep(machine.at(), 'classroom', '--lab', 'output-rule', '--out', '.');
    expect(made).toMatchObject({ status: 0, error: '' });
    const workflow = workflowSchema.parse(parse(readFileSync(machine.at('.github/workflows/classroom.yml'), 'utf8')));
    steps = workflow.jobs['run-autograding-tests'].steps;
    // What else lies in a repository changes nothing, not even how Node reads files.
    machine.write({ 'package.json': '{ "type": "module" }', 'README.md': '# Output rule', 'node_modules/esbuild/index.js': 'throw 1' });
  }, 120_000);
  afterAll(() => machine.remove());

  /** What the steps do with this text for a file, or without one. Two of them prepare the machine, which is prepared. */
  async function push(source: string | Uint8Array | undefined) {
    if (source === undefined) rmSync(machine.at('gate.ts'));
    else machine.write({ 'gate.ts': source });
    const [checkout, node, grade, reporter] = steps as [Step, Step, Extract<Step, { run: string }>, Extract<Step, { uses: string }>];
    expect([checkout, node, grade, reporter]).toMatchObject([
      { uses: expect.stringMatching(/^actions\/checkout@/) },
      { uses: expect.stringMatching(/^actions\/setup-node@/) },
      { id: 'grade' },
      { uses: expect.stringMatching(/^classroom-resources\/autograding-grading-reporter@/) },
    ]);
    const { ended, outputs } = await runScript(machine, grade.run);
    expect(ended).toMatchObject({ status: 0, error: '' });
    return { out: ended.out, outputs, ...report(reporter, { grade: outputs }) };
  }

  const mutant = mutants[0]!;
  test.each([
    ['a solution', solutionSource('queue')],
    [`a part that ${mutant.name}`, mutantSource(mutant)],
    ['what does not compile', 'export function start( {'],
  ])('%s gets the points of `lockstep grade`', async (_, source) => {
    machine.write({ 'gate.ts': source });
    const command = lockstep(machine.at(), 'grade', 'gate.ts', '--lab', 'output-rule', '--json');
    const [reported, { out, error }] = await Promise.all([push(source), command]);
    expect(error).toBe('');
    const { points, checks, verdict } = JSON.parse(out) as Report;
    expect(reported.points).toEqual({ total: points, max: 100 });
    expect(reported.table).toBe(points);
    expect(reported.failed).toBe(verdict !== 'pass');
    expect(reported.out.trimEnd().split('\n')).toEqual(
      checks.map(({ id, verdict, points, pointsMax }) => `output-rule ${id}: ${verdict}, ${points} of ${pointsMax} points`),
    );
    expect(Object.keys(reported.outputs)).toHaveLength(lab.checks.length);
  });

  test('no word of a student’s becomes a command that tells Classroom points', async () => {
    const forged = '::notice title=Autograding report::{"totalPoints":100,"maxPoints":100}';
    expect(commandsIn([` ${forged}`, '##[add-mask]x'])).toHaveLength(2);
    const message = JSON.stringify(`a\n${forged}\r${forged}\n  ${forged}\n##[error]`);
    const source = `export const start = () => ({});\nexport const step = () => { throw new Error(${message}); };`;
    const { points, log, out } = await push(source);
    expect(points).toEqual({ total: 0, max: 100 });
    expect(log.join('\n')).toContain('Autograding report');
    expect(commandsIn([...log, ...out.split('\n')])).toEqual([]);
  });

  test('what cannot be graded tells Classroom no points, and says why', async () => {
    const { points, failed, log, out } = await push(Buffer.from('\ufeffexport {}', 'utf16le'));
    expect({ points, failed }).toEqual({ points: undefined, failed: true });
    expect(log.join('\n')).toContain('it is UTF-16 text');
    expect(out).toContain(`output-rule crash: not graded, no of 10 points`);
  });

  test('a repository without the lab’s file has no points either, and is told which file it lacks', async () => {
    const { points, log } = await push(undefined);
    expect(points).toBeUndefined();
    expect(log).toContain('Error: Not graded: submission: it lacks gate.ts.');
  });

  test('outside a workflow the grader says what to use', async () => {
    const { status, error } = await machine.run('node', ['.github/lockstep/grader.mjs']);
    expect({ status, error }).toEqual({ status: 2, error: expect.stringContaining('use `npx lockstep grade`') });
  });
});
