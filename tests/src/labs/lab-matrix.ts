/**
 * Every lab of the course with its starter, reference solutions and mutants, for tests that hold for all of them: parity, the page, the checks
 * themselves. A lab joins by having a `mutants.ts` in its folder here.
 */
import { readFileSync } from 'node:fs';
import { labs } from '../../../grader/labs.ts';
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import type { Mutant, Sources } from './mutant.ts';

/** A lab, and the texts that its tests know. */
export interface LabUnderTest extends Sources<string> {
  lab: Lab;
  /** Name of the file that a student edits. */
  file: string;
  starter: string;
  solutions: readonly string[];
  mutants: Mutant[];
}

/** All labs, in the order of the course. */
export const labMatrix: LabUnderTest[] = await Promise.all(labs.map(labUnderTest));

async function labUnderTest(lab: Lab): Promise<LabUnderTest> {
  const file = lab.files[0];
  const texts = (await import(`./${lab.id}/mutants.ts`)) as Pick<LabUnderTest, 'solutions' | 'mutants' | 'solutionSource' | 'mutantSource'>;
  const { solutions, mutants, solutionSource, mutantSource } = texts;
  const starter = readFileSync(new URL(`../../../src/labs/${lab.id}/starter/${file}`, import.meta.url), 'utf8');
  return { lab, file, starter, solutions, mutants, solutionSource, mutantSource };
}
