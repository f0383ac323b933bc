/** Hidden checks: graded as a lab of their own on the same files, and what is wrong with them is told as theirs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openPool } from '../../grader/grading/pool.ts';
import { readHidden } from '../../grader/hidden.ts';
import { readChecks } from '../../grader/labs.ts';
import { lab } from '../../src/labs/logging-channel/lab.ts';
import { lab as gate } from '../../src/labs/output-rule/lab.ts';
import { solutionSource } from '../src/labs/logging-channel/mutants.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lockstep-hidden-'));
  mkdirSync(join(folder, lab.id));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, lab.id, name), text);
const list = lab.checks.map((check) => ({ ...check, points: 2 }));

test('a right part passes them, in a report of their own', async () => {
  write('checks.ts', await readChecks(lab));
  write('checks.json', JSON.stringify(list));
  const hidden = await readHidden(folder, [lab, gate]);
  expect(hidden.map(({ lab: { id }, hiddenOf }) => [id, hiddenOf])).toEqual([['logging-channel-hidden', 'logging-channel']]);
  const pool = await openPool(1);
  try {
    const files = { 'channel.ts': solutionSource('checksum') };
    const answer = await pool.grade({ ...hidden[0]!, files });
    const most = 2 * list.length;
    expect(answer).toMatchObject({
      kind: 'graded',
      grading: { report: { lab: 'logging-channel-hidden', verdict: 'pass', points: most, pointsMax: most } },
    });

    write('checks.json', JSON.stringify(list.slice(1)));
    const [unlisted] = await readHidden(folder, [lab]);
    expect(await pool.grade({ ...unlisted!, files })).toEqual({
      kind: 'not graded',
      message: `The checks of logging-channel-hidden are at fault, not the submission. checks.ts has a test that the list of checks has not: ${list[0]!.title}`,
    });
  } finally {
    await pool.close();
  }
});

test.each([
  ["test('open', () => {\n", /checks\.ts:2:1: Unexpected end of file\.$/],
  ['const seeds = ;\n', /checks\.ts:1:15: Unexpected ";"\.$/],
])('checks that do not compile are refused before anything is graded: %j', async (text, message) => {
  write('checks.ts', text);
  write('checks.json', JSON.stringify(list));
  await expect(readHidden(folder, [lab])).rejects.toThrow(message);
});

describe('a list that is wrong', () => {
  test.each([
    ['', /no JSON/],
    ['{}', /should be a list of checks, and not empty/],
    ['[]', /should be a list of checks, and not empty/],
    ['[1]', /check 1: "id" should be/],
    [JSON.stringify([{ ...list[0], id: 'A b' }]), /check 1: "id" should be small letters/],
    [JSON.stringify([{ ...list[0], title: ' ' }]), /check 1: "title" should be the name of its test/],
    [JSON.stringify([list[0], { ...list[1], points: 1.5 }]), /check 2: "points" should be a whole number/],
    [JSON.stringify([{ ...list[0], class: 'fast' }]), /check 1: "class" should be "safety" or "liveness"/],
    [JSON.stringify([list[0], { ...list[1], id: list[0]!.id }]), /two checks have the id/],
  ])('%s', async (text, message) => {
    write('checks.ts', '');
    write('checks.json', text);
    await expect(readHidden(folder, [lab])).rejects.toThrow(message);
  });

  test('or missing', async () => {
    write('checks.ts', '');
    await expect(readHidden(folder, [lab])).rejects.toThrow(/checks\.json: it is missing/);
    await expect(readHidden(join(folder, 'nowhere'), [lab])).rejects.toThrow(/there are no hidden checks/);
  });

  test('or no file, or in no folder', async () => {
    write('checks.ts', '');
    mkdirSync(join(folder, lab.id, 'checks.json'));
    await expect(readHidden(folder, [lab])).rejects.toThrow(/checks\.json: it is a folder, and should be a file\.$/);
    await expect(readHidden(join(folder, lab.id, 'checks.ts'), [lab])).rejects.toThrow(
      /there is no such file or folder\. Check the path\.$/,
    );
  });
});

test('a list may begin with a mark of the byte order, as some editors write it', async () => {
  write('checks.ts', '');
  write('checks.json', `\ufeff${JSON.stringify(list)}`);
  expect((await readHidden(folder, [lab]))[0]!.lab.checks).toEqual(list);
});
