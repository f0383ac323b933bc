/** `class.html`: the class at a glance, and each submission's failures below it, closed until they are wanted. */
import { readFileSync } from 'node:fs';
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import type { ClassResults } from '../../results/results.ts';
import type { Extras } from '../format.ts';
import { sectionWords } from '../sections.ts';
import { failingChecks, histogram, summary } from './distribution.ts';
import { entriesOf, nameOf, studentPath, type Entry } from './entry.ts';
import { failures } from './failures.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { counted, moment, page } from './page.ts';
import { similarPairs } from './similar-pairs.ts';
import { hasMoreToTell, submissionsTable } from './submissions-table.ts';

const script = readFileSync(new URL('sort-and-filter.js', import.meta.url), 'utf8');

/** Characters of all blocks of submissions above which their traces are drawn on the students' pages only. */
const BLOCKS_LENGTH_MAX = 12_000_000;

export function classPage(results: ClassResults, extras: Extras): string {
  const { labs, absent } = results;
  const entries = entriesOf(results);
  const title = labs.map((lab) => lab.title).join(', ');
  const body = markup`<header class="head"><p class="kind">Results of a class</p><h1>${title}</h1>
<p>${counted(entries.length, 'submission')}, graded ${moment(results.gradedAt)} by lockstep ${results.version}</p></header>
${summary(entries, absent.length)}
<div class="looks">${histogram(entries, labs)}${failingChecks(entries, labs)}</div>
${submissionsTable(entries, absent, labs)}
${blocks(entries, extras)}
${labs.map((lab) => {
  const similarity = extras.similarity?.get(lab.id);
  return similarity && similarPairs(lab, similarity, (submission) => extras.sources?.(submission, lab.id));
})}
${versions(results)}`;
  return page({ title: `${title}: results`, width: 'wide', script, body });
}

/** The submissions of which there is something to tell. */
function blocks(entries: Entry[], extras: Extras): Markup {
  const told = entries.filter(({ sections }) => hasMoreToTell(sections));
  const all = (drawn: boolean) => told.map((entry) => block(entry, extras, drawn));
  const withTraces = all(true);
  const fits = withTraces.reduce((length, { text }) => length + text.length, 0) <= BLOCKS_LENGTH_MAX;
  if (told.length === 0) return markup``;
  const elsewhere = markup`<p>The runs are drawn on the students’ own pages: all of them in one file would make it slow.</p>`;
  return markup`<section class="blocks"><h2>What failed</h2>${fits ? withTraces : [elsewhere, all(false)]}</section>`;
}

function block({ anchor, submission, sections, total, failing }: Entry, { sources, courseUrl }: Extras, drawn: boolean): Markup {
  const many = sections.length > 1;
  const points = total === undefined ? 'not graded' : `${total.final} / ${total.pointsMax}`;
  const ofLab: Content = sections.map((section) => {
    const files = sources?.(submission.name, section.lab.id);
    const words = section.outcome.kind !== 'not graded' && (many || section.score?.lateness !== undefined);
    return [
      many && markup`<h3>${section.lab.title}</h3>`,
      words && markup`<p class="said">${sectionWords(section)}</p>`,
      failures(section, { files, courseUrl, drawn, heading: many ? 'h4' : 'h3' }),
    ];
  });
  return markup`<details class="block" id="${anchor}"><summary>
<span class="names"><bdi>${nameOf(submission)}</bdi></span>
<span class="aside">${failing.length > 0 && `${counted(failing.length, 'check')} failing`}</span>
<span class="total">${points}</span></summary>
<p class="own"><a href="${studentPath(submission)}">The page to hand back</a></p>${ofLab}</details>
`;
}

/** What graded: who has the same hashes has the same verdicts. */
function versions({ labs, submissions, walls }: ClassResults): Markup {
  const hashes = (lab: Lab, which: 'labHash' | 'runtimeHash') => {
    const all = submissions.map(({ labs: results }) => results[labs.indexOf(lab)]!.outcome);
    return [...new Set(all.flatMap((outcome) => (outcome.kind === 'graded' ? [outcome.report[which]] : [])))];
  };
  const codes = (all: string[]) => markup`<td>${all.map((hash) => markup`<code>${hash}</code> `)}</td>`;
  const row = (lab: Lab) => markup`<tr>
<th scope="row">${lab.title} <small>section ${lab.section} of the paper</small></th>
${codes(hashes(lab, 'labHash'))}${codes(hashes(lab, 'runtimeHash'))}</tr>`;
  return markup`<section class="versions"><h2 id="versions">Versions</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="versions"><table>
<thead><tr><th scope="col">Lab</th><th scope="col">Hash of the lab</th><th scope="col">Hash of the runtime</th></tr></thead>
<tbody>${labs.map(row)}</tbody></table></div>
${walls !== undefined && markup`<p>Students’ code ran in ${walls}.</p>`}</section>`;
}
