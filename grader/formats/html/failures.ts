/** What went wrong in one lab of one submission: each failing check with the parts of its message, its trace and its line of source. */
import type { CheckReport, Problem, Report } from '../../../labs-runtime/checks/report.ts';
import { byReason, engineWords, place } from '../../report-words.ts';
import type { Files } from '../../similarity/similarity.ts';
import { sectionWords, type Section } from '../sections.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { excerpt } from './source.ts';
import { traceFigure } from './trace-figure.ts';

export interface FailuresOptions {
  /** The source, where it is at hand. */
  files: Files | undefined;
  /** Address of the course's site; without it its pages are named and not linked. */
  courseUrl: string | undefined;
  /** Whether traces are drawn. */
  drawn: boolean;
  /** Tag of the headings, e.g. `h3`. */
  heading: 'h3' | 'h4';
}

const WORDS: Record<CheckReport['verdict'], string> = {
  pass: 'Passed',
  fail: 'Failed',
  error: 'Crashed',
  'step budget': 'Out of steps',
};

/** A sign for a verdict, with the word for whoever does not see it. */
export function verdictSign(verdict: CheckReport['verdict'] | 'not graded' | 'missing'): Markup {
  if (verdict === 'not graded' || verdict === 'missing')
    return markup`<span class="sign none">–<span class="unseen">${verdict}:</span></span>`;
  const [look, sign] = verdict === 'pass' ? ['pass', '✓'] : ['fail', '✕'];
  return markup`<span class="sign ${look}"><span aria-hidden="true">${sign}</span><span class="unseen">${WORDS[verdict]}:</span></span>`;
}

/** Everything that there is to say about a section beyond its points; empty where all checks pass. */
export function failures({ lab, outcome, score, rows }: Section, options: FailuresOptions): Content {
  if (outcome.kind !== 'graded') return markup`<p class="said">${sectionWords({ lab, outcome, score, rows })}</p>`;
  const { report, details } = outcome;
  if (report.problem !== undefined) return problem(report.problem, options);
  return byReason(failing(report)).map((checks) => failure(checks, details, options));
}

function failing(report: Report): CheckReport[] {
  return report.checks.filter(({ verdict }) => verdict !== 'pass');
}

function problem({ message, position }: Problem, { files, heading }: FailuresOptions): Markup {
  return markup`<article class="failure"><div class="told">
${headingOf(heading, markup`${verdictSign('error')} It could not be run`)}
<p class="said">${message}</p>
${position !== undefined && markup`<p class="facts"><span class="place">${place(position)}</span></p>${excerpt(files, position)}`}
</div></article>`;
}

function headingOf(tag: FailuresOptions['heading'], content: Content): Markup {
  return tag === 'h3' ? markup`<h3>${content}</h3>` : markup`<h4>${content}</h4>`;
}

/** Checks that failed for one reason: the words are those of the first. */
function failure(checks: CheckReport[], details: string[], { files, courseUrl, drawn, heading }: FailuresOptions): Markup {
  const first = checks[0]!;
  const { failure: told, message, position, verdict, title } = first;
  const others =
    checks.length > 1 &&
    markup`<p class="others">So do ${checks.slice(1).map((check, index) => [index > 0 && ', ', markup`<span>${check.title}</span>`])}.</p>`;
  return markup`<article class="failure"><div class="told">
${headingOf(heading, markup`${verdictSign(verdict)} ${title}`)}
${others}
<p class="rule">${told?.rule ?? message}</p>
${parts(first, engineWords(checks, details))}
${position !== undefined && excerpt(files, position)}
${facts(first, courseUrl)}
</div>${drawn && told !== undefined && traceFigure(told.trace, `The shortest run found that breaks: ${title}`)}</article>`;
}

function parts({ failure: told }: CheckReport, said: string[]): Markup {
  const named: [name: string, text: string | undefined][] = [
    ['Expected', told?.expected],
    ['Observed', told?.observed],
    ['A client sees', told?.consequence],
    ['Likely cause', told?.cause],
    ...said.map((text): [string, string] => ['Engine says', text]),
  ];
  const given = named.filter(([, text]) => text !== undefined && text !== '');
  return markup`<dl class="parts">${given.map(([name, text]) => markup`<div><dt>${name}</dt><dd>${text}</dd></div>`)}</dl>`;
}

function facts({ failure: told, position, verdict, steps }: CheckReport, courseUrl: string | undefined): Markup {
  const all: Content[] = [
    told?.class ?? WORDS[verdict],
    position && markup`<span class="place">${place(position)}</span>`,
    `${steps.toLocaleString('en')} steps`,
    told?.seed !== undefined && `seed ${told.seed}`,
    told?.link && markup`Read: ${coursePage(told.link, courseUrl)}`,
    told?.replay && markup`Run again: ${coursePage(told.replay, courseUrl)}`,
  ];
  return markup`<ul class="facts">${all.map((fact) => fact && markup`<li>${fact}</li>`)}</ul>`;
}

/** A page of the course, by its path: a link where the course is known to be somewhere, and the path leads nowhere else. */
function coursePage(path: string, courseUrl: string | undefined): Markup {
  const address = courseUrl === undefined ? undefined : URL.parse(path, courseUrl)?.href;
  if (!address?.startsWith(courseUrl!)) return markup`<span class="place">${path}</span>`;
  return markup`<a class="place" href="${address}">${path}</a>`;
}
