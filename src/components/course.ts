/**
 * The order in which the course is read: chapters of the lecture, then what stands beside it. The sidebar, the home page and the reading
 * progress are made from this list; the labs come from their own data. Titles stand in the pages.
 */

/** A page as its path below the site's base, without slashes at its ends. It is also the page's id in the collection. */
export type PageId = string;

/** Chapters in their order; the first is chapter 1. */
export const chapters: PageId[] = [
  'lecture/failures',
  'lecture/replication',
  'lecture/level',
  'lecture/determinism',
  'lecture/logging-channel',
  'lecture/output-rule',
  'lecture/failover',
  'lecture/disks-and-networks',
  'lecture/new-replica',
  'lecture/performance',
  'lecture/many-cores',
  'lecture/search',
  'lecture/questions',
];

/** Pages that one reads when one needs them. */
export const more: PageId[] = ['emulator', 'instructors', 'glossary'];

/** The page on which the machine is run by hand. */
export const machinePage: PageId = 'machine';

/** A chapter's number, from 1; undefined for a page that is none. */
export function chapterNumber(page: PageId): number | undefined {
  const index = chapters.indexOf(page);
  return index < 0 ? undefined : index + 1;
}

/** The page of a lab. */
export function labPage(labId: string): PageId {
  return `labs/${labId}`;
}
