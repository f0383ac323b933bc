/** The judge trusts nothing that a child sends: a transcript is data, checked call by call against the checks themselves. */
import * as esbuild from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { Recorder } from '../../../grader/grading/recorder.ts';
import { loadRuntime } from '../../../grader/grading/runtime.ts';
import type { LoadedRuntime } from '../../../grader/grading/runtime.ts';
import type { Prepared } from '../../../labs-runtime/checks/host.ts';
import { decodePlainData, encodePlainData } from '../../../labs-runtime/checks/plain-data-codec.ts';
import type { CheckReport } from '../../../labs-runtime/checks/report.ts';
import { createPrng } from '../../../labs-runtime/sim/prng.ts';
import { echo, echoChecks, echoSolution } from '../hosts.ts';

let runtime: LoadedRuntime;
let prepared: Prepared;
let honest: Uint8Array;

beforeAll(async () => {
  runtime = await loadRuntime();
  const files = { 'echo.ts': echoSolution };
  const preparation = await runtime.module.prepare(esbuild, { lab: echo, checksSource: echoChecks, files, runtimeHash: runtime.hash });
  prepared = preparation.prepared!;
  const transcript = await new Recorder({ runtimePath: runtime.path, submissionsMax: 1 }).record(prepared);
  if (transcript === 'out of memory') throw new Error('the child had no memory');
  honest = transcript;
});

/** What the judge says of bytes. */
async function judged(transcript: Uint8Array): Promise<{ points: number; checks: CheckReport[] }> {
  return (await runtime.module.judge(prepared, transcript)).report;
}

/** Nested arrays of a decoded transcript, of which each test knows what it changes. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Fields = any;

/** The honest transcript as nested arrays, changed and written again. Fields of a call are in the order of transcript.ts. */
function forged(change: (checks: Fields[]) => void): Uint8Array {
  const fields = decodePlainData(honest) as Fields[];
  change(fields[0]);
  return encodePlainData(fields);
}

const refused = {
  verdict: 'error',
  points: 0,
  failure: { class: 'refused', observed: 'The record of its calls is not one of these checks' },
};

test('an honest transcript is judged as the part deserves', async () => {
  expect((await judged(honest)).points).toBe(6);
  expect((await judged(forged(() => {}))).points).toBe(6);
});

describe('a transcript that is none is refused in every check', () => {
  test.each([
    ['no bytes', () => new Uint8Array()],
    ['half of it', () => honest.slice(0, honest.length / 2)],
    ['all but its last byte', () => honest.slice(0, -1)],
    ['one byte more', () => Uint8Array.of(...honest, 0)],
    ['another value', () => encodePlainData({ points: 6 })],
    ['no checks', () => forged((checks) => checks.splice(0))],
    ['a length without bytes', () => Uint8Array.of(9, 0xff, 0xff, 0xff, 0xff, 0x07)],
    ['arrays in arrays', () => new Uint8Array(100_000).fill(9).map((byte, index) => (index % 2 === 0 ? byte : 1))],
    ['a call with steps below zero', () => forged((checks) => (checks[0][1][0][2] = -1))],
    ['a call with steps that are none', () => forged((checks) => (checks[0][1][0][2] = NaN))],
    ['more steps than the budget', () => forged((checks) => (checks[0][1][0][2] = echo.limits.stepsMax + 1))],
    [
      'more steps than the budget in sum',
      () => forged((checks) => checks[1][1].forEach((call: Fields[]) => (call[2] = echo.limits.stepsMax - 1))),
    ],
    ['a site that does not exist', () => forged((checks) => (checks[0][1][0][3] = 1e6))],
    ['a failure of no kind', () => forged((checks) => (checks[0][1][0][6] = 'pass'))],
  ])('%s', async (_, make) => {
    const { points, checks } = await judged(make());
    expect(points).toBe(0);
    for (const check of checks) expect(check).toMatchObject(refused);
  });
});

describe('a transcript of other calls is refused in the check it is about', () => {
  test.each([
    ['a digest of another input', (checks: Fields[]) => (checks[1][1][5][1] = (checks[1][1][5][1] ^ 1) >>> 0)],
    ['a call too few', (checks: Fields[]) => checks[1][1].pop()],
    ['a call too many', (checks: Fields[]) => checks[1][1].push([...checks[1][1].at(-1)])],
    ['two calls the other way round', (checks: Fields[]) => checks[1][1].splice(3, 2, checks[1][1][4], checks[1][1][3])],
    ['a start for a step', (checks: Fields[]) => (checks[1][1][3][0] = true)],
    ['the calls of another check', (checks: Fields[]) => (checks[1][1] = checks[0][1])],
    ['another title', (checks: Fields[]) => (checks[1][0] = 'another')],
    ['effects that are no list', (checks: Fields[]) => (checks[1][1][3][5] = encodePlainData({ length: 1 }))],
    ['effects that are no encoding', (checks: Fields[]) => (checks[1][1][3][5] = Uint8Array.of(99))],
  ])('%s', async (_, change) => {
    const { checks } = await judged(forged(change));
    expect(checks[1]).toMatchObject(refused);
    expect([checks[0]?.verdict, checks[2]?.verdict]).toEqual(['pass', 'pass']);
  });
});

test('forged effects are judged like any others', async () => {
  const wrong = encodePlainData([{ kind: 'say', text: 'no', count: 1 }]);
  const { checks } = await judged(forged((all) => (all[0][1][1][5] = wrong)));
  expect(checks[0]).toMatchObject({ verdict: 'fail', failure: { class: 'safety' } });
});

test('no change of single bytes makes the judge throw, or gives points that a check did not', async () => {
  const seed = 20_240_501;
  const prng = createPrng(seed);
  for (let turn = 0; turn < 400; turn += 1) {
    const changed = new Uint8Array(honest);
    const place = prng.int(changed.length);
    changed[place] = prng.int(256);
    const { checks } = await judged(changed);
    for (const { verdict, points, pointsMax } of checks) {
      expect(points, `seed ${seed}, turn ${turn}, byte ${place}`).toBe(verdict === 'pass' ? pointsMax : 0);
    }
  }
});

test('a check whose process had no memory fails, and the others are judged', async () => {
  const recordings = await Promise.all(
    echo.checks.map(async ({ title }, index) => ({
      title,
      transcript:
        index === 1
          ? ('out of memory' as const)
          : await new Recorder({ runtimePath: runtime.path, submissionsMax: 1 }).record(prepared, [title]),
    })),
  );
  const { points, checks } = await judged(runtime.module.joinRecordings(prepared, recordings));
  expect(points).toBe(3);
  expect(checks[1]).toMatchObject({
    verdict: 'error',
    steps: 0,
    failure: { class: 'refused', observed: 'It took more memory than a part may have' },
  });
});
