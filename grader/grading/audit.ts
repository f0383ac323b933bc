/**
 * Notices a submission that got out of its compartment and lay in wait for the next ones in its process. A transcript follows from the submission
 * alone, to the byte; so some are recorded again in a process that has run nothing else, and where the two differ, nothing of the first process counts.
 */
import { randomInt } from 'node:crypto';

/** One submission of so many is recorded twice. */
export const AUDIT_ONE_OF = 16;

/** A process gave another transcript than a fresh one: what it recorded is not to be believed. */
export class Tampered extends Error {}

/**
 * Looks at a transcript, or does not: nobody can know before.
 * @param pick a whole number from 0 below its argument
 * @throws Tampered
 */
export async function audit(
  transcript: Uint8Array,
  again: () => Promise<Uint8Array>,
  pick: (below: number) => number = randomInt,
): Promise<void> {
  if (pick(AUDIT_ONE_OF) !== 0) return;
  if (Buffer.compare(transcript, await again()) !== 0)
    throw new Tampered('The process that ran this submission no longer does as it should.');
}
