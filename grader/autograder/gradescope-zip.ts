/**
 * The zip that an instructor uploads as the autograder of a Gradescope assignment. Nothing is downloaded when it is built or when it runs.
 */
import { readFile } from 'node:fs/promises';
import { gradescopeResults } from '../formats/gradescope.ts';
import type { LabToGrade } from '../grading/grade-class.ts';
import type { Outcome } from '../results/results.ts';
import { packGrader, textFile, type PackedFile } from './pack.ts';
import type { PackedLabs } from './packed/packed-labs.ts';
import { zipOf } from './zip.ts';

/** What `run_autograder` begins with, so that no time-out shows nothing. */
const NOT_FINISHED: Outcome = {
  kind: 'not graded',
  message: 'The autograder did not finish, so there is no score. Hand in again; if that does not help, tell your instructor.',
};

/** @param node the program for Linux on x86-64 */
export async function gradescopeZip(packed: PackedLabs, node: Uint8Array): Promise<Buffer> {
  const files: PackedFile[] = [
    await script('setup.sh'),
    await script('run_autograder'),
    textFile('not-finished.json', notFinished(packed.labs)),
    { path: 'bin/node', content: node, executable: true },
    ...(await packGrader('gradescope-main.ts', packed)),
  ];
  return zipOf(files);
}

async function script(name: string): Promise<PackedFile> {
  return textFile(name, await readFile(new URL(`gradescope/${name}`, import.meta.url), 'utf8'), true);
}

function notFinished(labs: LabToGrade[]): string {
  const results = labs.map(({ lab }) => ({ lab: lab.id, outcome: NOT_FINISHED }));
  return gradescopeResults(
    { name: 'submission', labs: results },
    labs.map(({ lab }) => lab),
  );
}
