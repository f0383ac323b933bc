/**
 * What the workflow of a student's repository runs: grades the checkout, and hands the results to the step that reports them, as outputs of
 * this one (https://docs.github.com/actions, `GITHUB_OUTPUT`).
 */
import { appendFileSync } from 'node:fs';
import { classroomRunners } from '../../formats/classroom.ts';
import { sectionsOf } from '../../formats/sections.ts';
import { gradeOne, type HostBackend } from './grade-one.ts';
import type { PackedLabs } from './packed-labs.ts';

/**
 * Grades `workspace` and appends to `outputFile` a line `<runner>=<results>` for each check. What a check found is printed by the reporter;
 * here is a line for each, with no word of the student's in it.
 */
export async function runClassroom(
  { workspace, outputFile }: { workspace: string; outputFile: string },
  packed: PackedLabs,
  backend: HostBackend,
  print: (line: string) => void,
): Promise<void> {
  const labs = packed.labs.map(({ lab }) => lab);
  const result = await gradeOne(workspace, packed, backend);
  for (const { runner, results } of classroomRunners(result, labs)) appendFileSync(outputFile, `${runner}=${results}\n`);
  for (const { lab, rows } of sectionsOf(result, labs)) {
    for (const { check, verdict, points } of rows) print(`${lab.id} ${check.id}: ${verdict}, ${points ?? 'no'} of ${check.points} points`);
  }
}
