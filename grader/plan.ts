/** From what was typed to what is to be done: labs with their checks, hidden ones too, seeds, and formats. */
import { readFile } from 'node:fs/promises';
import type { Lab } from '../labs-runtime/checks/lab.ts';
import type { Format } from './formats/format.ts';
import { formats } from './formats/formats.ts';
import type { Course } from './course.ts';
import type { GradeTask } from './grade-task.ts';
import type { LabToGrade } from './grading/grade-class.ts';
import { readHidden } from './hidden.ts';
import { access, CannotGrade } from './intake/cannot-grade.ts';
import { didYouMean } from './nearest.ts';
import { seedOffsetOf } from './seeds.ts';
import { printable } from './terminal.ts';

/** The lab of that name, or all of them. @throws CannotGrade where there is none */
export function chooseLabs(id: string, labs: Lab[]): Lab[] {
  if (id === 'all') return labs;
  const lab = labs.find((each) => each.id === id);
  if (lab !== undefined) return [lab];
  const ids = labs.map((each) => each.id);
  throw new CannotGrade(`There is no lab "${printable(id)}".${didYouMean(id, [...ids, 'all'])} The labs are: ${ids.join(', ')}.`);
}

/** The formats of these names. @throws CannotGrade where there is no such format */
export function chooseFormats(names: string[]): Format[] {
  const known: Record<string, Format> = formats;
  return names.map((typed) => {
    const name = typed.trim();
    if (Object.hasOwn(known, name)) return known[name]!;
    const all = Object.keys(known);
    throw new CannotGrade(`There is no format "${printable(name)}".${didYouMean(name, all)} The formats are: ${all.join(', ')}.`);
  });
}

/** The labs with their checks, and the hidden checks after them. @throws CannotGrade where a file that was named cannot be used */
export async function labsToGrade(
  labs: Lab[],
  { hidden, secretFile }: Pick<GradeTask, 'hidden' | 'secretFile'>,
  { readChecks }: Pick<Course, 'readChecks'>,
): Promise<LabToGrade[]> {
  const open = await Promise.all(labs.map(async (lab) => ({ lab, checksSource: await readChecks(lab) })));
  const all: LabToGrade[] = hidden === undefined ? open : [...open, ...(await readHidden(hidden, labs))];
  if (secretFile === undefined) return all;
  const secret = await access(secretFile, () => readFile(secretFile, 'utf8'));
  if (secret.trim() === '')
    throw new CannotGrade(`${printable(secretFile)}: it is empty. Put a line of text into it that nobody can guess.`);
  return all.map((each) => ({ ...each, seedOffset: seedOffsetOf(secret, each.lab.id) }));
}
