/** For tests of the pipeline: one submission through both hosts, and through a grader without any defence. */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { expect } from 'vitest';
import { gradeWithChecks } from '../../grader/grading/grade-submission.ts';
import type { Grading } from '../../grader/grading/messages.ts';
import { loadRuntime } from '../../grader/grading/runtime.ts';
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import { lab as echo } from '../fixtures/labs/echo/lab.ts';

const fixture = new URL('../fixtures/labs/echo/', import.meta.url);

/** The text of the echo lab's checks, and of its solution. */
export const echoChecks = await readFile(new URL('checks.ts', fixture), 'utf8');
export const echoSolution = await readFile(new URL('starter/echo.ts', fixture), 'utf8');
export { echo };

/** Parts of the echo lab of each kind of verdict: right, wrong, crashing, endless, and not to be compiled. */
export const echoParts = [
  echoSolution,
  echoSolution.replace('count: state.count', 'count: Math.min(state.count, 3)'),
  echoSolution.replace('  state.count += 1;', '  if (state.count > 1) throw new Error(`état ${state.count}`);\n  state.count += 1;'),
  echoSolution.replace('  state.count += 1;', '  for (;;) state.count += 1;'),
  'export function start( {',
];

/** What both hosts made of a submission. */
export interface BothHosts extends Grading {
  /** The report as canonical text. */
  text: string;
}

/** Grades a submission of the echo lab by the command's host, and observes it as the page does: both must come to the same bytes. */
export async function gradeInBoth(source: string, lab: Lab = echo, checks = echoChecks): Promise<BothHosts> {
  const files = { [lab.files[0]]: source };
  const grading = await gradeWithChecks(lab, checks, files);
  const { module, path, hash } = await loadRuntime();
  const text = module.canonicalJson(grading.report);
  const { prepared, report } = await module.prepare(esbuild, { lab, checksSource: checks, files, runtimeHash: hash });
  const job = JSON.stringify({ runtimeUrl: pathToFileURL(path).href, prepared });
  const live = prepared === undefined ? module.canonicalJson(report) : (await runScript('live-report.mjs', job)).output;
  expect(live).toBe(text);
  return { ...grading, text };
}

/** What a grader without defences says: `pass`, `fail`, or that it was ended or hung. */
export async function gradeNaively(source: string): Promise<string> {
  const { code } = await esbuild.transform(source, { loader: 'ts', format: 'esm' });
  const { output, status } = await runScript('naive-grader.mjs', code, 2000);
  if (output.startsWith('pass')) return 'pass';
  return output.startsWith('fail') ? 'fail' : `no verdict (${status})`;
}

function runScript(name: string, input: string, timeoutMs = 60_000): Promise<{ output: string; status: string }> {
  const child = spawn(process.execPath, [fileURLToPath(new URL(name, import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ output: Buffer.concat(chunks).toString('utf8'), status: signal ?? `status ${code}` }));
  });
}
