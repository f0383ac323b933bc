/**
 * Page weight: what a reader's browser fetches for a lecture page before a figure is started, and for a lab until one can type and everything has
 * come to rest.
 */
import type { Browser } from 'playwright-core';
import { basename } from 'node:path';
import { pagesOf } from '../scripts/built-site.ts';
import { fetchedFiles, kilobytes, QUALITY, transferBytes } from '../scripts/page-weight.ts';
import { DIST } from '../scripts/repository.ts';
import { figureLine } from './figure.ts';

/** The largest of some files, a line each. */
function largestLines(files: string[]): string[] {
  const sized = files.map((file) => ({ name: basename(file), size: transferBytes(file) / 1000 }));
  const largest = sized.sort((a, b) => b.size - a.size).slice(0, 5);
  return largest.map(({ name, size }) => `    ${size.toFixed(1).padStart(8)} KB  ${name}`);
}

/** The heaviest page of the lecture, and its files. */
async function heaviestLecturePage(browser: Browser): Promise<{ path: string; files: string[] }> {
  const weighed = [];
  for (const path of pagesOf(DIST).filter((page) => page.startsWith('lecture/'))) {
    const { first, later } = await fetchedFiles(browser, { root: DIST, path });
    weighed.push({ path, files: [...first, ...later] });
  }
  return weighed.sort((one, other) => kilobytes(other.files) - kilobytes(one.files))[0]!;
}

/** Lines about both kinds of page, with the largest files of the lab. */
export async function benchPageWeight(browser: Browser): Promise<string[]> {
  const how = `brotli ${QUALITY}, empty cache, every file sent`;
  const lecture = await heaviestLecturePage(browser);
  const ready = '.workspace[data-ready="true"]';
  const lab = await fetchedFiles(browser, { root: DIST, path: 'labs/logging-channel/', ready, restMs: 4000 });
  const idle = kilobytes(lab.later) / 1000;
  return [
    figureLine({
      what: 'lecture page, the heaviest',
      value: kilobytes(lecture.files),
      unit: 'KB',
      atMost: 60,
      how: `${how}, ${lecture.files.length} files of ${lecture.path}`,
    }),
    figureLine({
      what: 'lab page',
      value: kilobytes(lab.first) / 1000,
      unit: 'MB',
      atMost: 2.5,
      how: `${how} until one can type, ${lab.first.length} files`,
    }),
    ...largestLines(lab.first),
    figureLine({ what: 'lab page, loaded when idle', value: idle, unit: 'MB', how: `not counted above, ${lab.later.length} files` }),
    ...largestLines(lab.later),
  ];
}
