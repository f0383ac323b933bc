/**
 * Checks of an instructor's own, beside those that students can read: `DIR/<lab>/checks.ts`, an ordinary checks file, and `DIR/<lab>/checks.json`, which lists
 * them as `lab.ts` does. They count as a lab of their own, `<lab>-hidden`, on the same files.
 */
import type { BuildFailure } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleChecks } from '../labs-runtime/checks/bundle.ts';
import type { CheckInfo, Lab } from '../labs-runtime/checks/lab.ts';
import { access, CannotGrade, parseJson } from './intake/cannot-grade.ts';
import type { LabToGrade } from './grading/grade-class.ts';

/** The hidden checks of these labs, for those that have some. @throws CannotGrade where a file is missing or wrong, or there are none at all */
export async function readHidden(folder: string, labs: Lab[]): Promise<LabToGrade[]> {
  const found = await Promise.all(labs.map((lab) => readOne(folder, lab)));
  const hidden = found.filter((each) => each !== undefined);
  if (hidden.length > 0) return hidden;
  const wanted = labs.map(({ id }) => join(folder, id, 'checks.ts')).join(' or ');
  throw new CannotGrade(`${folder}: there are no hidden checks. They are looked for in ${wanted}.`);
}

async function readOne(folder: string, lab: Lab): Promise<LabToGrade | undefined> {
  const checksPath = join(folder, lab.id, 'checks.ts');
  const checksSource = await readIfThere(checksPath);
  if (checksSource === undefined) return undefined;
  const listPath = join(folder, lab.id, 'checks.json');
  const list = await readIfThere(listPath);
  if (list === undefined) {
    throw new CannotGrade(
      `${listPath}: it is missing. It lists the checks of checks.ts, e.g. [{ "id": "burst", "title": "…", "points": 5, "class": "safety" }].`,
    );
  }
  const checks = parseChecks(list, listPath);
  await assertCompiles(lab, checksSource, checksPath);
  return { lab: { ...lab, id: `${lab.id}-hidden`, title: `${lab.title}: hidden checks`, checks }, checksSource, hiddenOf: lab.id };
}

/** What does not compile would else be found once for each submission, as a fault of the grader's. @throws CannotGrade */
async function assertCompiles(lab: Lab, checksSource: string, path: string): Promise<void> {
  // Loaded only here, since it would make every start of the command slower.
  const { bundler } = await import('./grading/bundler.ts');
  try {
    await bundleChecks(bundler, lab, checksSource);
  } catch (error) {
    const [mistake] = (error as Partial<BuildFailure>).errors ?? [];
    if (mistake === undefined) throw error;
    const { text, location } = mistake;
    throw new CannotGrade(`${path}${location === null ? '' : `:${location.line}:${location.column + 1}`}: ${text}.`);
  }
}

function readIfThere(path: string): Promise<string | undefined> {
  return access(path, () =>
    readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    }),
  );
}

function parseChecks(text: string, path: string): CheckInfo[] {
  const parsed = parseJson(text, path);
  if (!Array.isArray(parsed) || parsed.length === 0) throw new CannotGrade(`${path}: it should be a list of checks, and not empty.`);
  const checks = parsed.map((each: unknown, index) => parseCheck(each, `${path}: check ${index + 1}`));
  for (const key of ['id', 'title'] as const) {
    const twice = checks.find((check, index) => checks.findIndex((other) => other[key] === check[key]) !== index);
    if (twice !== undefined) throw new CannotGrade(`${path}: two checks have the ${key} "${twice[key]}".`);
  }
  return checks;
}

function parseCheck(value: unknown, where: string): CheckInfo {
  const { id, title, points, class: kind } = (value ?? {}) as Record<string, unknown>;
  const isText = (text: unknown): text is string => typeof text === 'string' && text.trim() !== '';
  if (!isText(id) || !/^[a-z0-9-]+$/.test(id)) throw new CannotGrade(`${where}: "id" should be small letters, digits and hyphens.`);
  if (!isText(title)) throw new CannotGrade(`${where}: "title" should be the name of its test in checks.ts.`);
  if (typeof points !== 'number' || !Number.isInteger(points) || points < 0)
    throw new CannotGrade(`${where}: "points" should be a whole number, 0 or more.`);
  if (kind !== 'safety' && kind !== 'liveness') throw new CannotGrade(`${where}: "class" should be "safety" or "liveness".`);
  return { id, title, points, class: kind };
}
