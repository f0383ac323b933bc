/** The processes that run students' code: what one leaves behind for the next, how they end, and that an audit finds one that lies. */
import * as esbuild from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';
import { audit, Tampered } from '../../../grader/grading/audit.ts';
import { Recorder } from '../../../grader/grading/recorder.ts';
import type { LoadedRuntime } from '../../../grader/grading/runtime.ts';
import { loadRuntime } from '../../../grader/grading/runtime.ts';
import type { Prepared } from '../../../labs-runtime/checks/host.ts';
import { echo, echoChecks, echoSolution } from '../hosts.ts';

let runtime: LoadedRuntime;
beforeAll(async () => void (runtime = await loadRuntime()));

async function prepare(source: string): Promise<Prepared> {
  const files = { 'echo.ts': source };
  const { prepared, report } = await runtime.module.prepare(esbuild, {
    lab: echo,
    checksSource: echoChecks,
    files,
    runtimeHash: runtime.hash,
  });
  if (prepared === undefined) throw new Error(report.problem?.message);
  return prepared;
}

function recorder(submissionsMax?: number): Recorder {
  return new Recorder({ runtimePath: runtime.path, ...(submissionsMax !== undefined && { submissionsMax }) });
}

/** Parts that try to leave something where a later submission, or the harness, would find it. */
const leavers: [string, string][] = [
  ['a global', '(globalThis as any).mark = 1;'],
  ['a prototype', '(Array.prototype as any).mark = 1; (Object.prototype as any).mark = 1;'],
  ['a builtin', '(Array as any).mark = 1; (Math as any).mark = 1; (JSON as any).stringify = () => "";'],
  ['a registered symbol', '(Symbol.for("mark") as any).description; (Symbol as any).for = () => 1;'],
  ['the console', '(console as any).log = () => 1; (console as any).mark = 1;'],
  ['an endless loop', 'for (;;);'],
  ['a full memory', 'const all: any[] = []; for (;;) all.push(new Array(1000).fill(state));'],
];

describe('one process for several submissions', () => {
  test('gives each the transcript, to the byte, that it gets in a process of its own, whatever ran before', async () => {
    const honest = await prepare(echoSolution);
    const alone = await recorder(1).record(honest);
    const shared = recorder();
    for (const [, lines] of leavers) {
      const leaver = await prepare(echoSolution.replace('  state.count += 1;', `  try { ${lines} } catch {}\n  state.count += 1;`));
      expect(await recorder(1).record(leaver)).toEqual(await shared.record(leaver));
      expect(await shared.record(honest)).toEqual(alone);
    }
    expect(shared.generation).toBe(1);
    await shared.retire();
  });

  test('ends it after so many, and starts another', async () => {
    const honest = await prepare(echoSolution);
    const few = recorder(2);
    for (let count = 0; count < 5; count++) await few.record(honest);
    expect(few.generation).toBe(3);
    await few.retire();
  });
});

describe('an audit', () => {
  const never = () => Promise.reject(new Error('not asked'));

  test('compares what it picks with what a fresh process gives, and leaves the rest alone', async () => {
    const transcript = Uint8Array.of(1, 2, 3);
    await audit(transcript, never, () => 1);
    await audit(
      transcript,
      async () => Uint8Array.of(1, 2, 3),
      () => 0,
    );
    for (const other of [Uint8Array.of(1, 2, 4), Uint8Array.of(1, 2), Uint8Array.of(1, 2, 3, 4)])
      await expect(
        audit(
          transcript,
          async () => other,
          () => 0,
        ),
      ).rejects.toThrow(Tampered);
  });
});
