/**
 * What lies in Redis, and under which names. There is a queue for each version of the command and runtime of the checks: a worker sees only work that
 * it would grade as the one who asks would, so that no verdict can come from another version. `docs/grading-at-scale.md` names them for operators.
 */
import { canonicalJson } from '../../labs-runtime/checks/canonical-json.ts';
import type { GradingJob } from '../grading/messages.ts';
import { sha256 } from '../sha256.ts';

/** What a verdict follows from besides the job. */
export interface Software {
  version: string;
  runtimeHash: string;
}

/** Prefix of every key, for rights in Redis that end there. */
export const PREFIX = 'lockstep';

/** The name of a queue, e.g. `0.1.0-1a2b3c4d5e6f7a8b`; BullMQ keeps it in keys such as `lockstep:0.1.0-1a2b3c4d5e6f7a8b:wait`. */
export function queueName({ version, runtimeHash }: Software): string {
  return `${version}-${runtimeHash.slice(0, 16)}`;
}

/** Keys of a queue that are not BullMQ's. */
export function keysOf(queue: string) {
  return {
    /** What came of a job: a `GradingAnswer` as JSON. */
    answer: (jobId: string) => `${PREFIX}:${queue}:answer:${jobId}`,
    /** What the jobs of a lab have in common: `LabToGrade` as JSON. */
    lab: (labKey: string) => `${PREFIX}:${queue}:lab:${labKey}`,
  };
}

/** A job as it lies in the queue. The lab and its checks lie beside it, once for all of its jobs. */
export interface QueuedJob {
  labKey: string;
  files: Readonly<Record<string, string>>;
  fresh: boolean;
}

/** How far a job is: the workers that began it, one after the other, and where the last of them is. */
export interface Tries {
  begun: number;
  host: string;
}

/** The text of a lab, its checks and what is added to their seeds, and its digest. */
export function packLab({ lab, checksSource, seedOffset = 0 }: Pick<GradingJob, 'lab' | 'checksSource' | 'seedOffset'>): {
  text: string;
  key: string;
} {
  const text = canonicalJson({ lab, checksSource, seedOffset });
  return { text, key: sha256(text) };
}

/** The digest of everything that a job's answer follows from, within its queue: the same job gets the same id, and is added once. */
export function jobIdOf({ labKey, files, fresh }: QueuedJob): string {
  return sha256(canonicalJson({ labKey, files, fresh }));
}
