/**
 * What Gradescope's autograder runs for each submission: folders and files lie where its documentation says
 * (https://gradescope-autograders.readthedocs.io/en/latest/specs/). Standard output is the instructor's alone, and has the canonical
 * report.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../../../labs-runtime/checks/canonical-json.ts';
import { pointsMax } from '../../../labs-runtime/checks/lab.ts';
import { gradescopeResults } from '../../formats/gradescope.ts';
import { asStudentsSee } from '../../results/as-students-see.ts';
import { sumPoints, type SubmissionResult } from '../../results/results.ts';
import { gradeOne, type HostBackend } from './grade-one.ts';
import type { PackedLabs } from './packed-labs.ts';

/**
 * Grades what lies in `<root>/submission` and writes `<root>/results/results.json`, anew after each lab: a time-out leaves what was known.
 * @param root `/autograder`
 * @param print takes lines for the instructor
 */
export async function runGradescope(root: string, packed: PackedLabs, backend: HostBackend, print: (line: string) => void): Promise<void> {
  const labs = packed.labs.map(({ lab }) => lab);
  const hiddenLabs = packed.labs.filter(({ hiddenOf }) => hiddenOf !== undefined).map(({ lab }) => lab.id);
  const write = (result: SubmissionResult) => {
    const seen = asStudentsSee({ labs, submissions: [result], hiddenLabs });
    writeWhole(join(root, 'results', 'results.json'), gradescopeResults(seen.submissions[0]!, seen.labs));
  };
  const warning = pointsWarning(join(root, 'submission_metadata.json'), sumPoints(labs.map(pointsMax)));
  if (warning !== undefined) print(warning);
  const result = await gradeOne(join(root, 'submission'), packed, backend, write);
  write(result);
  for (const { lab, outcome } of result.labs) {
    if (outcome.kind === 'graded')
      print(`The canonical report of ${lab}, as \`lockstep grade --json\` prints it:\n${canonicalJson(outcome.report)}`);
    else print(`${lab}: ${outcome.kind}.`);
  }
}

/** Whoever reads it finds all of it, whenever this process is ended. */
function writeWhole(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/**
 * Gradescope takes a score as points of the assignment: an assignment out of 20 that is given 85 shows 85 of 20. Its total has questions
 * graded by hand in it, too, so that only one that is too small is a mistake. Lateness is Gradescope's to judge: nothing else of the
 * metadata is used.
 */
function pointsWarning(path: string, points: number): string | undefined {
  const total = Number(readTotalPoints(path));
  if (!(total < points)) return undefined;
  return `WARNING: this assignment has ${total} points in Gradescope, and the lab gives up to ${points}. Set its points to ${points}.`;
}

/** Gradescope writes it as text: `"100.0"`. Undefined where the file does not say. */
function readTotalPoints(path: string): unknown {
  try {
    const metadata = JSON.parse(readFileSync(path, 'utf8')) as { assignment?: { total_points?: unknown } } | null;
    return metadata?.assignment?.total_points ?? undefined;
  } catch {
    return undefined;
  }
}
