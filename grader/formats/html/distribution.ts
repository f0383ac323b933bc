/** How the class did, in three looks: a few numbers, how many have how many points, and how many fail each check. */
import { pointsMax as pointsOf, type Lab } from '../../../labs-runtime/checks/lab.ts';
import { sumPoints } from '../../results/results.ts';
import type { Entry, Standing } from './entry.ts';
import { markup, type Markup } from './markup.ts';
import { counted } from './page.ts';

/** The points of whoever handed something in and could be graded, lowest first. */
function pointsOfClass(entries: Entry[]): number[] {
  const counting = entries.filter(({ standing }) => standing === 'all points' || standing === 'failing');
  return counting.map(({ total }) => total!.final).sort((one, other) => one - other);
}

/** Counts of the class, with those apart that have no points to count. */
export function summary(entries: Entry[], absent: number): Markup {
  const points = pointsOfClass(entries);
  const having = (standing: Standing) => entries.filter((entry) => entry.standing === standing).length;
  const mean = points.reduce((sum, each) => sum + each, 0) / points.length;
  const tiles: [name: string, value: string | number][] = [
    ['submissions', entries.length],
    ['all points', having('all points')],
    ['not graded', having('not graded')],
    ['missing', having('missing') + absent],
    ['mean', points.length === 0 ? '–' : mean.toFixed(1)],
    ['median', points.length === 0 ? '–' : median(points)],
  ];
  return markup`<dl class="tiles">${tiles.map(([name, value]) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Middle of sorted numbers; there are some. */
function median(sorted: number[]): number {
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : sumPoints([sorted[middle - 1]!, sorted[middle]!]) / 2;
}

/** Bars of the histogram: tenths of all points, and one for all of them. */
const BARS = 11;
/** Pixels: of the highest bar, and of the number above it. */
const HEIGHT = 190;
const TOP = 20;

/** How many submissions have how many points. */
export function histogram(entries: Entry[], labs: Lab[]): Markup {
  const points = pointsOfClass(entries);
  const most = sumPoints(labs.map(pointsOf));
  const counts = Array.from({ length: BARS }, (_, bar) => points.filter((each) => Math.floor((each / most) * (BARS - 1)) === bar).length);
  const highest = Math.max(1, ...counts);
  const from = (bar: number) => Math.round((most * bar * 100) / (BARS - 1)) / 100;
  const words = counts.map((count, bar) =>
    bar === BARS - 1 ? `all ${most} points: ${count}` : `from ${from(bar)} to below ${from(bar + 1)}: ${count}`,
  );
  const bars = counts.map((count, bar) => {
    const height = Math.round((count / highest) * HEIGHT);
    const [left, middle, width] = [bar + 0.06, bar + 0.5, 0.88].map((bars) => `${Math.round((bars * 10_000) / BARS) / 100}%`);
    const top = TOP + HEIGHT - height;
    return markup`<rect x="${left}" y="${top}" width="${width}" height="${height}" class="${bar === BARS - 1 ? 'all' : 'some'}"/>
${count > 0 && markup`<text x="${middle}" y="${top - 6}" class="count">${count}</text>`}
<text x="${middle}" y="${TOP + HEIGHT + 17}">${from(bar)}</text>`;
  });
  return markup`<figure class="histogram"><figcaption><h2>Points</h2>
<p>Submissions by points, in tenths of all ${most}; the last bar has all of them.</p></figcaption>
<svg role="img" width="100%" height="${TOP + HEIGHT + 24}"><title>How many submissions have how many points</title>
<desc>${words.join('; ')}.</desc>${bars}<line x1="0" x2="100%" y1="${TOP + HEIGHT + 0.5}" y2="${TOP + HEIGHT + 0.5}"/></svg></figure>`;
}

/** The checks of each lab, those first that fail most. What was not graded or not handed in says nothing about them. */
export function failingChecks(entries: Entry[], labs: Lab[]): Markup[] {
  return labs.map((lab, index) => {
    const graded = entries.map(({ sections }) => sections[index]!).filter(({ outcome }) => outcome.kind === 'graded');
    const counts = lab.checks.map(({ title }, at) => ({ title, failed: graded.filter(({ rows }) => rows[at]!.verdict !== 'pass').length }));
    const bars = counts.sort((one, other) => other.failed - one.failed).map((count) => failedBar(count, graded.length));
    return markup`<section class="checks"><h2>Checks that fail most${labs.length > 1 && markup` <small>${lab.title}</small>`}</h2>
<p>Of ${counted(graded.length, 'graded submission')}.</p><ol>${bars}</ol></section>`;
  });
}

function failedBar({ title, failed }: { title: string; failed: number }, of: number): Markup {
  const percent = of === 0 ? 0 : Math.round((failed / of) * 1000) / 10;
  return markup`<li><span class="title">${title}</span><span class="of">${failed} of ${of}</span>
<span class="bar"><span style="width:${percent}%"></span></span></li>`;
}
