/**
 * Does what GitHub's runner and Classroom's reporter do with a workflow: its scripts run as the runner runs them, its expressions are
 * filled in from outputs, and the reporter's arithmetic and output follow
 * https://github.com/classroom-resources/autograding-grading-reporter.
 */
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import type { BareMachine, Ended } from './bare-machine.ts';
import type { Step } from './workflow-schema.ts';

type Outputs = Record<string, Record<string, string>>;

/** Runs a script as a step with an `id` and no `shell`: a file for `bash -e`, in the checkout. Returns its outputs. */
export async function runScript(machine: BareMachine, script: string): Promise<{ ended: Ended; outputs: Record<string, string> }> {
  machine.write({ '_temp/step.sh': script, '_temp/output': '' });
  const inside = (path: string) => join(machine.inside, path);
  const env = {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: machine.inside,
    GITHUB_OUTPUT: inside('_temp/output'),
    HOME: inside('_temp'),
  };
  const ended = await machine.run('bash', ['-e', inside('_temp/step.sh')], env);
  const lines = readFileSync(machine.at('_temp/output'), 'utf8').split('\n').slice(0, -1);
  return { ended, outputs: Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])) };
}

/** An expression of the one kind that is used; an output that is not there is empty, as it is for the runner. */
function filledIn(text: string, outputs: Outputs): string {
  return text.replace(/\$\{\{ steps\.([\w-]+)\.outputs\.([\w-]+) \}\}/g, (_, step: string, name: string) => outputs[step]?.[name] ?? '');
}

interface RunnerResults {
  status: 'pass' | 'fail' | 'error';
  max_score: number;
  tests: { name: string; status: string; score?: number; message?: string }[];
}

export interface Reported {
  failed: boolean;
  /** What Classroom is told; undefined where it is told nothing. */
  points: { total: number; max: number } | undefined;
  /** What its table shows as the sum of points. */
  table: number;
  /** Everything that it prints. */
  log: string[];
}

/** Bytes that Linux takes for one variable. */
const VARIABLE_BYTES_MAX = 128 * 1024;

/** The step of the reporter. */
export function report({ env = {}, with: inputs = {} }: Extract<Step, { uses: string }>, outputs: Outputs): Reported {
  const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, filledIn(value, outputs)]));
  const runners = String(inputs.runners).split(/[\s,]/).filter(Boolean);
  const all = runners.map((runner): RunnerResults => {
    const encoded = variables[`${runner.toUpperCase()}_RESULTS`]!;
    if (encoded.length >= VARIABLE_BYTES_MAX) throw new Error(`${runner}: more than a variable can hold`);
    return JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  });
  const counted = all.filter(({ max_score }) => max_score > 0);
  const sum = (numbers: number[]) => numbers.reduce((one, other) => one + other, 0);
  return {
    failed: all.some(({ status }) => status !== 'pass'),
    points:
      counted.length === 0
        ? undefined
        : {
            total: sum(counted.flatMap(({ tests }) => tests.map(({ score }) => score!))),
            max: sum(counted.map(({ max_score }) => max_score)),
          },
    table: sum(all.map(({ tests, max_score }) => (tests.filter(({ status }) => status === 'pass').length / tests.length) * max_score)),
    log: all.flatMap(({ tests }) =>
      tests.flatMap(({ name, status, message }) => (status === 'pass' ? [name] : [name, ...`Error: ${message}`.split(/\r\n|\r|\n/)])),
    ),
  };
}

/** Lines of a log that the runner obeys rather than shows. */
export function commandsIn(lines: string[]): string[] {
  return lines.filter((line) => line.trimStart().startsWith('::') || line.includes('##['));
}
