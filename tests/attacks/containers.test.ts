/** Attacks that are not in a part but in what it comes in: zips, folders, configurations, names. Each works on a naive grader. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { gradeWithChecks } from '../../grader/grading/grade-submission.ts';
import { formats } from '../../grader/formats/formats.ts';
import { CannotGrade } from '../../grader/intake/cannot-grade.ts';
import { findSubmissions } from '../../grader/intake/find-submissions.ts';
import type { ClassResults } from '../../grader/results/results.ts';
import { printable } from '../../grader/terminal.ts';
import { echo, echoChecks, echoSolution } from '../grader/hosts.ts';
import { rawZip } from '../grader/intake/fixtures.ts';
import type { RawEntry } from '../grader/intake/fixtures.ts';
import { lookAt } from './canaries.ts';
import { reportNaively, resolvesBeside, runsOwnScript, takesOwnChecks, unpackNaively } from './naive/containers.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-container-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(files: Record<string, string | Uint8Array>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
}

/** Points of each submission below a path, or why it is not graded. */
async function grades(path: string): Promise<Record<string, number | string>> {
  const { submissions } = await findSubmissions([join(folder, path)], [echo]);
  const results = submissions.map(async ({ name, read }) => {
    try {
      return [name, (await gradeWithChecks(echo, echoChecks, (await read(echo))!)).report.points] as const;
    } catch (error) {
      if (!(error instanceof CannotGrade)) throw error;
      return [name, error.message] as const;
    }
  });
  return Object.fromEntries(await Promise.all(results));
}

const nothing = 'export const start = () => ({});\nexport const step = () => [];\n';

describe('30: a zip', () => {
  const part: RawEntry = { name: 'echo.ts', content: nothing };
  /** The name of each attack, its entries, and what tells that a naive grader fell for it. */
  const zips: [string, () => RawEntry[], (unpacked: string, written: number) => boolean, RegExp][] = [
    [
      'whose file climbs out of its folder',
      () => [part, { name: '../results.json', content: '{"score":3}' }],
      (unpacked) => existsSync(join(unpacked, '../results.json')),
      /leads out of the zip/,
    ],
    [
      'whose file has an absolute path',
      () => [part, { name: join(folder, 'absolute.txt'), content: 'here' }],
      () => existsSync(join(folder, 'absolute.txt')),
      /leads out of the zip/,
    ],
    [
      'that holds a link in the place of the part',
      () => [{ name: 'echo.ts', content: '../secret.ts', mode: 0o120777 }],
      (unpacked) => existsSync(join(unpacked, 'echo.ts')),
      /link/,
    ],
    [
      'that holds a link to a folder outside, and a file in it',
      () => [part, { name: 'out', content: '..', mode: 0o120777 }, { name: 'out/results.json', content: '{"score":3}' }],
      (unpacked) => existsSync(join(unpacked, '../results.json')),
      /^1$/,
    ],
    [
      'of a few kilobytes that holds a hundred megabytes',
      () => Array.from({ length: 6 }, () => ({ name: 'echo.ts', content: Buffer.alloc(20 * 1024 * 1024) })),
      (_, written) => written > 60 * 1024 * 1024,
      /bytes|twice/,
    ],
  ];

  test.each(zips)('%s', async (_, entries, isFallenFor, ours) => {
    write({ 'secret.ts': echoSolution, 'class/honest/echo.ts': echoSolution });
    const zip = rawZip(entries());
    const unpacked = join(folder, 'naive/unpacked');
    mkdirSync(unpacked, { recursive: true });
    if (entries().some(({ content }) => content === '../secret.ts')) write({ 'naive/secret.ts': echoSolution });
    const written = unpackNaively(zip, unpacked);
    expect(isFallenFor(unpacked, written)).toBe(true);
    rmSync(join(folder, 'naive'), { recursive: true });
    rmSync(join(folder, 'absolute.txt'), { force: true });
    write({ 'class/attack.zip': zip });
    const before = lookAt(folder);
    const found = await grades('class');
    expect(String(found['attack.zip'] ?? found['attack'])).toMatch(ours);
    expect(found['honest']).toBe(6);
    expect(lookAt(folder)).toEqual(before);
  });

  test('with a package of its own that shadows one of the grader’s', async () => {
    const shadow = {
      'attack/node_modules/lockstep/package.json': '{"main":"x.js"}',
      'attack/node_modules/lockstep/x.js': 'module.exports = "mine";',
    };
    write({ ...shadow, 'attack/echo.mjs': 'export { default as found } from "lockstep";', 'attack/echo.ts': nothing });
    expect(await resolvesBeside(join(folder, 'attack'))).toBe('mine');
    write({ 'attack/echo.ts': `import found from 'lockstep';\nvoid found;\n${echoSolution}` });
    expect(await grades('attack')).toEqual({ attack: 0 });
  });
});

describe('31: a configuration of its own', () => {
  test('a script that says the tests pass', async () => {
    write({ 'attack/package.json': '{"scripts":{"test":"exit 0"}}', 'attack/echo.ts': nothing });
    expect(runsOwnScript(join(folder, 'attack'))).toBe(true);
    expect(await grades('attack')).toEqual({ attack: 1 });
  });

  test('checks that are content with anything, under the names of ours', async () => {
    const content = 'export const passes = () => true;\n';
    write({ 'attack/checks.mjs': content, 'attack/checks.ts': content, 'attack/lab.ts': content, 'attack/echo.ts': nothing });
    expect(await takesOwnChecks(join(folder, 'attack'), { step: () => [] })).toBe(true);
    expect(await grades('attack')).toEqual({ attack: 1 });
  });

  test('files that programs run or obey when they find them', async () => {
    const canary = JSON.stringify(join(folder, 'canary.txt'));
    const run = `require('fs').writeFileSync(${canary}, 'ran');`;
    write({
      'attack/vitest.config.ts': `import fs from 'node:fs';\nfs.writeFileSync(${canary}, 'ran');\nexport default { test: { include: [], passWithNoTests: true } };`,
      'attack/esbuild.config.js': run,
      'attack/.npmrc': 'node-options=--require ./esbuild.config.js',
      'attack/tsconfig.json':
        '{"compilerOptions":{"paths":{"lockstep/echo":["./evil.ts"]},"jsxFactory":"process.exit","alwaysStrict":false}}',
      'attack/evil.ts': echoSolution,
      'attack/echo.ts': "export { start, step } from 'lockstep/echo';\n",
    });
    const before = readdirSync(folder);
    expect(await grades('attack')).toEqual({ attack: 0 });
    expect(readdirSync(folder)).toEqual(before);
    // The control: whoever runs such a file has run the student's code.
    new Function('require', run)((name: string) => process.getBuiltinModule(name));
    expect(existsSync(join(folder, 'canary.txt'))).toBe(true);
  });
});

describe('32: a name', () => {
  const names = [
    '=HYPERLINK("http://example.invalid")',
    '<script>alert(1)</script>',
    '\x1b[2J\x1b[32mpass',
    '::error::all of it',
    '\u202egnp.ts',
  ];
  /** What must not stand in a table, a page or on a terminal. */
  const harm = { csv: /(^|[,\n]"?)=HYPERLINK/, html: /<script>alert/, terminal: /\x1b|\u202e|^::/m };

  test('that is a formula, a script or a command is written as it is by a naive report, and by none of ours', () => {
    const naive = reportNaively(names);
    expect(naive.csv).toMatch(harm.csv);
    expect(naive.html).toMatch(harm.html);
    expect(naive.terminal).toMatch(/\x1b|\u202e/);
    const results: ClassResults = {
      labs: [echo],
      submissions: names.map((name) => ({
        name,
        student: { id: name, name },
        labs: [{ lab: echo.id, outcome: { kind: 'not graded', message: name } }],
      })),
      absent: [],
      columnTitles: {},
      hiddenLabs: [],
      gradedAt: '2026-03-01T20:00:00Z',
      version: '0',
    };
    for (const { path, content } of [...formats.csv(results), ...formats.canvas(results)]) {
      if (path.endsWith('.csv')) expect(content, path).not.toMatch(harm.csv);
    }
    for (const { path, content } of formats.html(results)) expect(content, path).not.toMatch(harm.html);
    for (const { path } of Object.values(formats).flatMap((format) => format(results))) expect(path).not.toMatch(/[\p{Cc}<>:]|\.\./u);
    for (const name of names) expect(printable(name)).not.toMatch(harm.terminal);
  });
});
