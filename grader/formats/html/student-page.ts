/** `students/<file name>.html`: one student's results to hand back. It knows nothing of anybody else. */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import type { ClassResults, SubmissionResult } from '../../results/results.ts';
import { totalOf } from '../../results/results.ts';
import type { Extras } from '../format.ts';
import { sectionsOf, sectionWords, type Section } from '../sections.ts';
import { nameOf } from './entry.ts';
import { failures, verdictSign, type FailuresOptions } from './failures.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { moment, page } from './page.ts';

export function studentPage(
  submission: SubmissionResult,
  results: Pick<ClassResults, 'labs' | 'gradedAt' | 'version'>,
  { sources, courseUrl }: Extras,
): string {
  const { name, submittedAt } = submission;
  const { labs, gradedAt, version } = results;
  const total = totalOf(submission);
  const shown = nameOf(submission);
  const body = markup`<header class="head"><p class="kind">${labs.length === 1 ? labs[0]!.title : 'Results'}</p><h1><bdi>${shown}</bdi></h1>
<p>${name !== shown && markup`<bdi dir="ltr">${name}</bdi>, `}
${submittedAt !== undefined && `handed in ${moment(submittedAt)}, `}graded ${moment(gradedAt)}</p></header>
<p class="score">${total === undefined ? 'Not graded' : [markup`<strong>${total.final}</strong>`, ` of ${total.pointsMax} points`]}</p>
${sectionsOf(submission, labs).map((section) => ofLab(section, labs, { files: sources?.(name, section.lab.id), courseUrl }))}
<footer><p>Graded by lockstep ${version}.</p>${hashes(submission)}</footer>`;
  return page({ title: `${shown}: ${labs.map((lab) => lab.title).join(', ')}`, width: 'narrow', body });
}

function ofLab(section: Section, labs: Lab[], known: Pick<FailuresOptions, 'files' | 'courseUrl'>): Markup {
  const { lab, outcome, score, rows } = section;
  const many = labs.length > 1;
  const options = { ...known, drawn: true, heading: many ? 'h4' : 'h3' } as const;
  if (outcome.kind !== 'graded')
    return markup`<section class="lab">${many && markup`<h2>${lab.title}</h2>`}${failures(section, options)}</section>`;
  const list = rows.map(
    ({ check, verdict, points }) =>
      markup`<li>${verdictSign(verdict)}<span class="title">${check.title}</span>
<span class="number">${points ?? '–'} / ${check.points}</span></li>`,
  );
  const what = many ? markup`<h3 class="what">What failed</h3>` : markup`<h2 class="what">What failed</h2>`;
  return markup`<section class="lab">${many && markup`<h2>${lab.title}</h2>`}
${(many || score?.lateness !== undefined) && markup`<p class="said">${sectionWords(section)}</p>`}
<ul class="list">${list}</ul>
${outcome.report.verdict === 'fail' && what}${failures(section, options)}</section>`;
}

function hashes({ labs }: SubmissionResult): Content {
  return labs.map(
    ({ lab, outcome }) =>
      outcome.kind === 'graded' &&
      markup`<p class="hashes">${lab}: lab <code>${outcome.report.labHash}</code>, runtime <code>${outcome.report.runtimeHash}</code></p>`,
  );
}
