/** What a packed grader grades: the labs that were chosen when it was packed, in a file beside it. */
import { readFile } from 'node:fs/promises';
import type { LabToGrade } from '../../grading/grade-class.ts';

/** Checks' texts, other seeds and hidden checks are in it; the secret that the seeds follow from is not. */
export interface PackedLabs {
  labs: LabToGrade[];
  /** Of the command that packed it. */
  version: string;
}

export const PACKED_LABS = 'labs.json';

/** Reads what stands beside the running program. */
export async function readPackedLabs(): Promise<PackedLabs> {
  return JSON.parse(await readFile(new URL(PACKED_LABS, import.meta.url), 'utf8')) as PackedLabs;
}
