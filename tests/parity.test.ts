/**
 * The same file gets the same verdict, byte for byte, in the page and by the command (end of walk two). For every lab, each reference solution, each
 * mutant, the starter, and files that cannot be run go through both hosts: the built site in Chromium, and the check pipeline in Node.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Grading } from '../grader/grading/messages.ts';
import { openPool, type Pool } from '../grader/grading/pool.ts';
import { readChecks } from '../grader/labs.ts';
import { canonicalJson } from '../labs-runtime/checks/canonical-json.ts';
import { pointsMax } from '../labs-runtime/checks/lab.ts';
import type { Report, Verdict } from '../labs-runtime/checks/report.ts';
import { openLabPage, type LabPage } from '../scripts/lab-page.ts';
import { labMatrix } from './src/labs/lab-matrix.ts';
import { serveSite } from './e2e/served-site.ts';

/**
 * Files that are wrong before any rule of a lab is. `says` is in the message; `line` is where the last step was taken, for those that ran.
 */
const broken: { name: string; source: string; verdict: Verdict; says: RegExp; line?: number }[] = [
  { name: 'an empty file', source: '', verdict: 'error', says: /^\w+\.ts is empty/ },
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

const site = serveSite();

describe.each(labMatrix)('$lab.id: both hosts write the same report', ({ lab, file, starter, solutions, mutants, ...sources }) => {
  /** One page for all of the lab's files, as a student has one. */
  let page: LabPage;
  /** As for a class: one process runs all of them. */
  let pool: Pool;
  /** Addresses that messages name, below the site's base path. */
  const links = new Set<string>();
  const replays: { replay: string; check: string; seed: number | undefined }[] = [];

  beforeAll(async () => {
    page = await openLabPage(site.browser, site.url, lab.id);
    pool = await openPool(1);
  });

  afterAll(async () => {
    await page?.close();
    await pool?.close();
  });

  async function gradeInNode(source: string): Promise<Grading> {
    const answer = await pool.grade({ lab, checksSource: await readChecks(lab), files: { [file]: source } });
    if (answer.kind !== 'graded') throw new Error(JSON.stringify(answer));
    return answer.grading;
  }

  /** Grades in both hosts, compares the bytes, and returns the report. */
  async function gradeInBoth(source: string): Promise<Report> {
    const inPageRun = page.write(source).then(() => page.run());
    const [inNode, inPage] = await Promise.all([gradeInNode(source), inPageRun]);
    expect(inPage.report).toBe(canonicalJson(inNode.report));
    for (const { id, failure } of inNode.report.checks) {
      if (failure) links.add(failure.link);
      if (failure?.replay !== undefined) replays.push({ replay: failure.replay, check: id, seed: failure.seed });
    }
    return inNode.report;
  }

  test.each(solutions)('solution %s passes every check', async (name) => {
    const report = await gradeInBoth(sources.solutionSource(name));
    expect(report.checks.filter((check) => check.verdict !== 'pass')).toEqual([]);
    expect(report).toMatchObject({ verdict: 'pass', points: pointsMax(lab), pointsMax: pointsMax(lab) });
  });

  test('the starter fails every check and is worth nothing', async () => {
    const report = await gradeInBoth(starter);
    expect(report.checks.map((check) => check.verdict)).toEqual(lab.checks.map(() => 'fail'));
    expect(report).toMatchObject({ verdict: 'fail', points: 0 });
  });

  test.each(mutants)('mutant $name fails in $fails', async (mutant) => {
    const report = await gradeInBoth(sources.mutantSource(mutant));
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
      if (line !== undefined) expect(check.position).toMatchObject({ file, line });
    }
  });

  test('every section that a message names exists, and every link to a run names its check and seed', async () => {
    expect(links.size).toBeGreaterThan(0);
    for (const link of links) {
      const address = new URL(link, site.url);
      const answer = await fetch(address);
      expect([answer.status, link]).toEqual([200, link]);
      if (address.hash !== '') expect(await answer.text(), link).toContain(`id="${address.hash.slice(1)}"`);
    }
    for (const { replay, check, seed } of replays) expect(replay).toBe(`labs/${lab.id}/?check=${check}&seed=${seed}`);
  });
});
