/**
 * Grades one submission where a platform put it: walk two, with one student and no class around. The verdict is that of `lockstep grade`,
 * from the same files of the pipeline.
 */
import { gradeClass, type Backend, type Keeper } from '../../grading/grade-class.ts';
import { loadRuntime } from '../../grading/runtime.ts';
import gradeInProcess from '../../grading/thread.ts';
import { typedPath } from '../../intake/disk-tree.ts';
import { handedInSubmission } from '../../intake/layouts/taken.ts';
import type { FolderEntry } from '../../intake/tree.ts';
import { classResults } from '../../results/class-results.ts';
import type { Outcome, SubmissionResult } from '../../results/results.ts';
import type { PackedLabs } from './packed-labs.ts';

export interface HostBackend extends Backend {
  runtimeHash: string;
}

/** Grades in this process, one lab at a time, each run by a process of its own. */
export async function thisProcess(): Promise<HostBackend> {
  const { hash } = await loadRuntime();
  let last: Promise<unknown> = Promise.resolve();
  return {
    jobs: 1,
    runtimeHash: hash,
    grade: (job) => {
      const answer = last.then(() => gradeInProcess(job));
      last = answer;
      return answer;
    },
  };
}

const NOT_YET: Outcome = { kind: 'not graded', message: 'The grader had not come to it yet.' };

/**
 * What came of the submission in `folder`. Whatever cannot be graded is an outcome too.
 * @param onProgress called after each lab that was run, with what is known so far
 */
export async function gradeOne(
  folder: string,
  packed: PackedLabs,
  backend: HostBackend,
  onProgress: (soFar: SubmissionResult) => void = () => {},
): Promise<SubmissionResult> {
  const { labs, version } = packed;
  const open = labs.filter(({ hiddenOf }) => hiddenOf === undefined).map(({ lab }) => lab);
  const handedIn = { name: 'submission', folder: async () => (await typedPath(folder)) as FolderEntry, uploads: true };
  const submissions = [handedInSubmission(handedIn, open)];
  const resultOf = (outcomes: Outcome[]) => {
    const common = { policy: undefined, absent: [], columnTitles: {}, gradedAt: new Date().toISOString(), version };
    return classResults({ ...common, labs, submissions, outcomes: [outcomes] }).submissions[0]!;
  };
  const known = new Map<string, Outcome>();
  const keeper: Keeper = {
    find: () => undefined,
    keep: (_, labId, { outcome }) => {
      known.set(labId, outcome);
      onProgress(resultOf(labs.map(({ lab }) => known.get(lab.id) ?? NOT_YET)));
    },
  };
  const [outcomes] = await gradeClass({ labs, submissions, backend, keeper, runtimeHash: backend.runtimeHash, fresh: true });
  return resultOf(outcomes!);
}
