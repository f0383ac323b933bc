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
import type { Report, Verdict } from '../labs-runtime/checks/report.ts';
import { launchChromium } from '../scripts/chromium.ts';
import { openLabPage, type LabPage } from '../scripts/lab-page.ts';
import { DIST } from '../scripts/repository.ts';
import { startStaticServer, type StaticServer } from '../scripts/static-server.ts';
import { lab } from '../src/labs/logging-channel/lab.ts';
import { mutants, mutantSource, solutionSource } from './src/labs/logging-channel/mutants.ts';

const starter = readFileSync(new URL('../src/labs/logging-channel/starter/channel.ts', import.meta.url), 'utf8');

/**
 * Files that are wrong before any rule of the lab is. `says` is in the message; `line` is where the last step was taken, for those that ran.
 */
const broken: { name: string; source: string; verdict: Verdict; says: RegExp; line?: number }[] = [
  { name: 'an empty file', source: '', verdict: 'error', says: /channel\.ts is empty/ },
  { name: 'a syntax error', source: 'export function start( {', verdict: 'error', says: /Expected .* but found/ },
  { name: 'a file without step', source: withStep(''), verdict: 'error', says: /does not export step/ },
  {
    name: 'a forbidden import',
    source: "import { readFileSync } from 'node:fs';\nexport const start = readFileSync;",
    verdict: 'error',
    says: /node:fs/,
  },
  { name: 'an infinite loop', source: withStep('for (;;) {}'), verdict: 'step budget', says: /steps/, line: 3 },
  { name: 'a recursion without end', source: withStep('return step();'), verdict: 'step budget', says: /./, line: 2 },
  { name: 'a crash', source: withStep("throw new Error('no');"), verdict: 'error', says: /threw an Error/, line: 3 },
  { name: 'effects that are none', source: withStep('return 7;'), verdict: 'error', says: /array of effects/, line: 3 },
];

/** A part that starts, and whose step does only this. */
function withStep(statement: string): string {
  return `export function start() { return {}; }\n${statement === '' ? '' : `export function step() {\n  ${statement}\n}\n`}`;
}

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
  const inPageRun = page.write(source).then(() => page.run());
  const [inNode, inPage] = await Promise.all([gradeSubmission(lab, { [lab.files[0]]: source }), inPageRun]);
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

  test.each(mutants)('mutant $name fails in $fails', async (mutant) => {
    const report = await gradeInBoth(mutantSource(mutant));
    const check = report.checks.find(({ id }) => id === mutant.fails);
    expect(check).toMatchObject({ verdict: mutant.verdict ?? 'fail', points: 0 });
    expect(check!.message).not.toBe('');
    expect(report.verdict).toBe('fail');
  });

  test.each(broken)('$name is the student’s fault, and reported', async ({ source, verdict, says, line }) => {
    const report = await gradeInBoth(source);
    expect(report).toMatchObject({ verdict: 'fail', points: 0 });
    for (const check of report.checks) {
      expect(check).toMatchObject({ verdict, points: 0 });
      expect(report.problem?.message ?? check.message).toMatch(says);
      if (line !== undefined) expect(check.position).toMatchObject({ file: 'channel.ts', line });
    }
  });
});
