/** A class: the order of the outcomes, how many run at a time, what is kept, trouble that is tried again, and processes that are no longer believed. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradeClass } from '../../../grader/grading/grade-class.ts';
import type { Backend, ClassToGrade, Keeper, ToGrade } from '../../../grader/grading/grade-class.ts';
import type { GradingAnswer, GradingJob } from '../../../grader/grading/messages.ts';
import type { Kept } from '../../../grader/results/store.ts';
import { CannotGrade } from '../../../grader/intake/cannot-grade.ts';
import type { Report } from '../../../labs-runtime/checks/report.ts';
import { lab } from '../../../src/labs/logging-channel/lab.ts';
import { lab as gate } from '../../../src/labs/output-rule/lab.ts';

const labs = [{ lab, checksSource: 'checks' }];

/** A submission whose text is its name. */
function submission(name: string): ToGrade {
  return { name, read: async () => ({ 'channel.ts': name }) };
}

/** A report that tells which submission it is of. */
function reportOn(source: string): Report {
  return { schema: 1, lab: lab.id, labHash: '', runtimeHash: source, verdict: 'pass', points: 0, pointsMax: 0, checks: [] };
}

function graded(source: string, recorder?: string): GradingAnswer {
  return { kind: 'graded', grading: { report: reportOn(source), details: [] }, recorder };
}

class Memory implements Keeper {
  readonly kept = new Map<string, Kept>();
  find = (name: string, labId: string) => this.kept.get(`${labId}/${name}`);
  keep = (name: string, labId: string, kept: Kept) => void this.kept.set(`${labId}/${name}`, kept);
}

const sourceOf = ({ files }: GradingJob) => files['channel.ts']!;

/** Grades by a function, at once. */
function run(names: string[], grade: (job: GradingJob) => GradingAnswer, more: Partial<ClassToGrade> = {}) {
  const backend: Backend = { jobs: 2, grade: async (job) => grade(job) };
  const submissions = names.map(submission);
  return gradeClass({ labs, submissions, backend, keeper: new Memory(), runtimeHash: 'runtime', ...more });
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('outcomes come in the order of the submissions, whichever was done first, and no more are asked for than jobs and one', async () => {
  const waiting = new Map<string, (answer: GradingAnswer) => void>();
  const backend: Backend = { jobs: 2, grade: (job) => new Promise((resolve) => waiting.set(sourceOf(job), resolve)) };
  const done: number[] = [];
  const submissions = ['a', 'b', 'c', 'd', 'e'].map(submission);
  const all = gradeClass({ labs, submissions, backend, keeper: new Memory(), runtimeHash: '', onDone: (count) => done.push(count) });
  for (const name of ['b', 'c', 'd', 'a', 'e']) {
    await settle();
    expect(waiting.size).toBeLessThanOrEqual(3);
    waiting.get(name)!(graded(name));
    waiting.delete(name);
  }
  expect((await all).map(([outcome]) => outcome!.kind === 'graded' && outcome!.report.runtimeHash)).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(done).toEqual([1, 2, 3, 4, 5]);
});

test('a submission has an outcome for each lab, in their order; nothing handed in for one is missing', async () => {
  const two = [...labs, { lab: gate, checksSource: '' }];
  const read = async (wanted: { id: string }) => (wanted.id === lab.id ? { 'channel.ts': 'a' } : undefined);
  const outcomes = await run([], () => graded('a'), { labs: two, submissions: [{ name: 'a', read }] });
  expect(outcomes).toEqual([[{ kind: 'graded', report: reportOn('a'), details: [] }, { kind: 'missing' }]]);
});

describe('one that cannot be graded stops none of the others', () => {
  test('because it cannot be read, or because of a bug of ours', async () => {
    const unreadable = { name: 'a', read: () => Promise.reject(new CannotGrade('a: no such file')) };
    const broken = { name: 'b', read: () => Promise.reject(new TypeError('x is undefined')) };
    const outcomes = await run([], () => graded('c'), { submissions: [unreadable, broken, submission('c')] });
    expect(outcomes.map(([outcome]) => outcome)).toEqual([
      { kind: 'not graded', message: 'a: no such file' },
      { kind: 'not graded', message: expect.stringMatching(/^b: the grader itself failed.*report this[^]*x is undefined/) },
      expect.objectContaining({ kind: 'graded' }),
    ]);
  });

  test('because its process dies again and again: it is tried three times, the last time alone', async () => {
    const tries: (boolean | undefined)[] = [];
    const outcomes = await run(['a', 'b'], (job) => {
      if (sourceOf(job) === 'b') return graded('b');
      tries.push(job.fresh);
      return { kind: 'died', message: 'It ended early.' };
    });
    expect(tries).toEqual([false, false, true]);
    expect(outcomes[0]).toEqual([{ kind: 'not graded', message: expect.stringContaining('a: It ended early. It was tried 3 times.') }]);
    expect(outcomes[1]).toEqual([expect.objectContaining({ kind: 'graded' })]);
  });

  test('and trouble that passes leaves no trace', async () => {
    let tries = 0;
    const outcomes = await run(['a'], () => (++tries < 3 ? { kind: 'died', message: '' } : graded('a')));
    expect(outcomes).toEqual([[{ kind: 'graded', report: reportOn('a'), details: [] }]]);
  });
});

describe('what is kept', () => {
  test('is not graded again, unless files, checks or runtime are others, or it had not been graded', async () => {
    const keeper = new Memory();
    const asked: string[] = [];
    const grade = (job: GradingJob): GradingAnswer => {
      asked.push(sourceOf(job));
      return sourceOf(job) === 'b' ? { kind: 'failed', message: 'bug' } : graded(sourceOf(job));
    };
    const first = await run(['a', 'b', 'c'], grade, { keeper });
    expect(asked.splice(0).toSorted()).toEqual(['a', 'b', 'c']);
    const changed = { name: 'c', read: async () => ({ 'channel.ts': 'c2' }) };
    const again = await run([], grade, { keeper, submissions: [submission('a'), submission('b'), changed] });
    expect(asked.splice(0).toSorted()).toEqual(['b', 'c2']);
    expect(again[0]).toEqual(first[0]);
    await run(['a'], grade, { keeper, runtimeHash: 'another' });
    await run(['a'], grade, { keeper, runtimeHash: 'another', labs: [{ lab, checksSource: 'other checks' }] });
    expect(asked).toEqual(['a', 'a']);
  });
});

describe('a process that tampers', () => {
  test('is not believed: what it has run is graded again, each alone, wherever it is found out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 4 }), async (foundAt, jobs) => {
        const names = Array.from({ length: 12 }, (_, index) => `s${String(index).padStart(2, '0')}`);
        const keeper = new Memory();
        let asked = 0;
        let isFound = false;
        const grade = (job: GradingJob): GradingAnswer => {
          if (job.fresh === true) return graded(sourceOf(job));
          if (isFound) return graded(sourceOf(job), 'another');
          isFound = ++asked === foundAt;
          return isFound ? { kind: 'tampered', recorder: 'bad' } : graded('forged', 'bad');
        };
        const backend: Backend = { jobs, grade: async (job) => grade(job) };
        const outcomes = await gradeClass({ labs, submissions: names.map(submission), backend, keeper, runtimeHash: '' });
        const found = (outcome: unknown) => (outcome as { report: Report }).report.runtimeHash;
        expect(outcomes.map(([outcome]) => found(outcome))).toEqual(names);
        expect(names.map((name) => found(keeper.find(name, lab.id)!.outcome))).toEqual(names);
      }),
    );
  });
});
