/** The sidebar as Starlight's configuration wants it, from the order of the course and the data of its labs. Part of the site's build only. */
import { existsSync } from 'node:fs';
import { labs } from '../grader/labs.ts';
import { chapters, labPage, more } from '../src/components/course.ts';

const exists = (page: string) => existsSync(new URL(`../src/content/docs/${page}.mdx`, import.meta.url));

/** Three groups: the lecture's chapters, the labs, and what one looks up. Links carry what the reading progress finds them by. */
export function siteSidebar() {
  return [
    { label: 'Lecture', items: chapters.filter(exists).map((page) => ({ slug: page, attrs: { 'data-page': page } })) },
    {
      label: 'Labs',
      items: labs.map(({ id, number, title }) => ({
        label: `Lab ${number}: ${title}`,
        link: `/${labPage(id)}/`,
        attrs: { 'data-lab': id },
      })),
    },
    { label: 'More', items: more.filter(exists) },
  ];
}
