/** The labs of the course, as the command finds them: each folder of src/labs with a `lab.ts` is one. */
import { readdir, readFile } from 'node:fs/promises';
import { inCourseOrder } from '../labs-runtime/checks/lab.ts';
import type { Lab } from '../labs-runtime/checks/lab.ts';

const folder = new URL('../src/labs/', import.meta.url);

/** All labs, in the order of the course. */
export const labs: Lab[] = await readLabs();

async function readLabs(): Promise<Lab[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const modules = await Promise.all(names.map((name) => import(new URL(`${name}/lab.ts`, folder).href) as Promise<{ lab: Lab }>));
  return inCourseOrder(modules.map(({ lab }) => lab));
}

/** The texts of a lab's starter, by file name. */
export async function readStarter(lab: Lab): Promise<Record<string, string>> {
  const texts = lab.files.map(async (name) => [name, await readFile(new URL(`${lab.id}/starter/${name}`, folder), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(texts));
}

/** The text of a lab's `checks.ts`. */
export function readChecks(lab: Lab): Promise<string> {
  return readFile(new URL(`${lab.id}/checks.ts`, folder), 'utf8');
}
