/** The sidebar as Starlight's configuration wants it, from the order of the course and the data of its labs. Part of the site's build only. */
import { globSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { inCourseOrder, type Lab } from '../labs-runtime/checks/lab.ts';
import { chapters, labPage, machinePage, more } from '../src/components/course.ts';
import { REPOSITORY } from './repository.ts';

/** The data of every lab, in the order of the course. */
async function readLabs(): Promise<Lab[]> {
  const files = globSync('src/labs/*/lab.ts', { cwd: REPOSITORY });
  const modules = files.map((file) => import(/* @vite-ignore */ pathToFileURL(REPOSITORY + file).href) as Promise<{ lab: Lab }>);
  return inCourseOrder((await Promise.all(modules)).map(({ lab }) => lab));
}

/** Three groups: the lecture's chapters, the labs, and what one looks up. Links carry what the reading progress finds them by. */
export async function siteSidebar() {
  const labs = await readLabs();
  return [
    { label: 'Lecture', items: chapters.map((page) => ({ slug: page, attrs: { 'data-page': page } })) },
    {
      label: 'Labs',
      items: labs.map(({ id, number, title }) => ({
        label: `Lab ${number}: ${title}`,
        link: `/${labPage(id)}/`,
        attrs: { 'data-lab': id },
      })),
    },
    { label: 'More', items: [{ label: 'The machine room', link: `/${machinePage}/` }, ...more] },
  ];
}
