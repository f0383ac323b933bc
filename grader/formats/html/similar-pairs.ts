/** Pairs of submissions that look alike, with what matches side by side. For instructors: it stands on the class's page and on no other. */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import { place } from '../../report-words.ts';
import type { Files, MatchingRegion, Passage, SimilarPair, Similarity } from '../../similarity/similarity.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { counted } from './page.ts';
import { passage } from './source.ts';

/** The source of a submission, by its name; undefined where it is not at hand. */
export type SourceOf = (submission: string) => Files | undefined;

export function similarPairs(lab: Lab, { submissions, pairs, pairsLeftOut, unread }: Similarity, sourceOf: SourceOf): Markup {
  return markup`<section class="similar"><h2>Similar submissions: ${lab.title}</h2>
<p>A reason to look, and no more: it changes no score, and short parts can be alike because the task is.
${counted(submissions, 'submission')} were compared by the form of their code, whatever its names, order, comments and formatting;
what stands in the starter does not count.</p>
${pairs.length === 0 ? markup`<p>No two are alike.</p>` : markup`<ol>${pairs.map((each) => pair(each, sourceOf))}</ol>`}
${pairsLeftOut > 0 && markup`<p>Left out: ${counted(pairsLeftOut, 'more pair')}, no more alike than these.</p>`}
${unread.length > 0 && markup`<p>Not compared, since a file nests too deep: ${list(unread)}.</p>`}</section>`;
}

function list(names: string[]): Content {
  return names.map((name, index) => [index > 0 && ', ', markup`<bdi dir="ltr">${name}</bdi>`]);
}

function pair({ left, right, similarity, longest, regions }: SimilarPair, sourceOf: SourceOf): Markup {
  return markup`<li><details><summary><span class="percent">${Math.floor(similarity * 100)} %</span>
<span class="names"><bdi dir="ltr">${left}</bdi> and <bdi dir="ltr">${right}</bdi></span>
<span class="aside">${counted(regions.length, 'region')}, the longest of ${longest} tokens</span></summary>
${regions.map((each) => region(each, { left, right }, sourceOf))}</details></li>`;
}

function region({ left, right, tokens }: MatchingRegion, names: { left: string; right: string }, sourceOf: SourceOf): Markup {
  const side = (name: string, part: Passage) => {
    const files = sourceOf(name);
    const text = files !== undefined && Object.hasOwn(files, part.file) ? files[part.file] : undefined;
    const title = `${name}, ${place({ file: part.file, line: part.fromLine, column: 1 })}`;
    const lines = { from: part.fromLine, to: part.toLine, title };
    return markup`<div>
<h3><bdi dir="ltr">${name}</bdi> <span class="place">${part.file}, lines ${part.fromLine} to ${part.toLine}</span></h3>
${text !== undefined && passage(text, lines)}</div>`;
  };
  return markup`<div class="region"><p>${tokens} tokens match</p>
<div class="sides">${side(names.left, left)}${side(names.right, right)}</div></div>`;
}
