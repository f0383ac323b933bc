/**
 * The same file gets the same verdict, byte for byte, in the page and by the command (end of walk two). Every reference solution, every mutant,
 * the starter, and files that cannot be run go through both hosts: the built site in Chromium, and the check pipeline in Node.
 */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gradeSubmission } from '../grader/grade-submission.ts';
import { canonicalJson } from '../labs-runtime/checks/canonical-json.ts';
import { pointsMax } from '../labs-runtime/checks/lab.ts';
import type { Report } from '../labs-runtime/checks/report.ts';
import { launchChromium } from '../scripts/chromium.ts';
import { openLabPage, type LabPage } from '../scripts/lab-page.ts';
import { DIST } from '../scripts/repository.ts';
import { startStaticServer, type StaticServer } from '../scripts/static-server.ts';
import { lab } from '../src/labs/logging-channel/lab.ts';
import { mutants, mutantSource, solutionSource } from './src/labs/logging-channel/mutants.ts';

const starter = readFileSync(new URL('../src/labs/logging-channel/starter/channel.ts', import.meta.url), 'utf8');

/** Files that are wrong before any rule of the lab is: what each must come to is said in words. */
const broken: { name: string; source: string; problem?: RegExp; verdict?: string }[] = [
  { name: 'an empty file', source: '', problem: /./ },
  { name: 'a syntax error', source: 'export function start( {', problem: /./ },
  { name: 'no step', source: 'export function start() { return {}; }', problem: /step/ },
  {
    name: 'a forbidden import',
    source: "import { readFileSync } from 'node:fs';\nexport const start = readFileSync;\nexport const step = start;",
    problem: /./,
  },
  {
    name: 'an infinite loop',
    source: 'export function start() { return {}; }\nexport function step() {\n  for (;;) {}\n}\n',
    verdict: 'step budget',
  },
  {
    name: 'a recursion without end',
    source: 'export function start() { return {}; }\nexport function step() {\n  return step();\n}\n',
    verdict: 'step budget',
  },
  {
    name: 'a crash',
    source: "export function start() { return {}; }\nexport function step() {\n  throw new Error('no');\n}\n",
    verdict: 'error',
  },
  {
    name: 'effects that are none',
    source: 'export function start() { return {}; }\nexport function step() {\n  return 7;\n}\n',
    verdict: 'error',
  },
];

let server: StaticServer;
let browser: Browser;
let page: LabPage;

beforeAll(async () => {
  server = await startStaticServer({ root: DIST });
  browser = await launchChromium();
  page = await openLabPage(browser, server.url, lab.id);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Grades in both hosts, compares the bytes, and returns the report. */
async function gradeInBoth(source: string): Promise<Report> {
  const inNode = await gradeSubmission(lab, { [lab.files[0]]: source });
  await page.write(source);
  const inPage = await page.run();
  expect(inPage.report).toBe(canonicalJson(inNode.report));
  return inNode.report;
}

describe('both hosts write the same report', () => {
  test.each(['checksum', 'byte-stuffing', 'text-lines'] as const)('solution %s passes every check', async (name) => {
    const report = await gradeInBoth(solutionSource(name));
    expect(report.checks.filter((check) => check.verdict !== 'pass')).toEqual([]);
    expect(report).toMatchObject({ verdict: 'pass', points: pointsMax(lab), pointsMax: pointsMax(lab) });
  });

  test('the starter fails every check and is worth nothing', async () => {
    const report = await gradeInBoth(starter);
    expect(report.checks.map((check) => check.verdict)).toEqual(lab.checks.map(() => 'fail'));
    expect(report).toMatchObject({ verdict: 'fail', points: 0 });
  });

  test.each(mutants)('mutant "$name" fails in $fails', async (mutant) => {
    const report = await gradeInBoth(mutantSource(mutant));
    const check = report.checks.find(({ id }) => id === mutant.fails);
    expect(check).toMatchObject({ verdict: mutant.verdict ?? 'fail', points: 0 });
    expect(check!.message).not.toBe('');
    expect(report.verdict).toBe('fail');
  });

  test.each(broken)('$name is the student’s, and reported', async ({ source, problem, verdict }) => {
    const report = await gradeInBoth(source);
    expect(report).toMatchObject({ verdict: 'fail', points: 0 });
    if (problem === undefined) expect(report.problem).toBeUndefined();
    else expect(report.problem?.message).toMatch(problem);
    if (verdict !== undefined) {
      expect(new Set(report.checks.map((check) => check.verdict))).toEqual(new Set([verdict]));
      expect(new Set(report.checks.map((check) => check.position?.line))).toEqual(new Set([3]));
    }
  });
});
