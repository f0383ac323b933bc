/** The table of a class. It can be read as it is; where the page's script runs it can be sorted and filtered. */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import { stem } from '../../intake/lab-file-names.ts';
import { sumPoints, type Outcome, type Student } from '../../results/results.ts';
import type { Section } from '../sections.ts';
import { nameOf, studentPath, type Entry, type Standing } from './entry.ts';
import { markup, type Content, type Markup } from './markup.ts';
import { moment } from './page.ts';

const STANDINGS: [standing: Standing | 'late', words: string][] = [
  ['all points', 'All points'],
  ['failing', 'Something fails'],
  ['not graded', 'Not graded'],
  ['missing', 'Missing'],
  ['late', 'Points taken off'],
];

export function submissionsTable(entries: Entry[], absent: Student[], labs: Lab[]): Markup {
  const many = labs.length > 1;
  const ofLabs = many && labs.map(({ title }) => markup`<th scope="col" class="number aside">${title}</th>`);
  return markup`<section><h2 id="submissions">Submissions</h2>
${filter(labs)}
<div class="scroll" tabindex="0" role="region" aria-labelledby="submissions"><table class="submissions">
<thead><tr><th scope="col">Name</th><th scope="col" class="number">Points</th>${ofLabs}
<th scope="col" class="aside">Handed in</th><th scope="col">Failing checks</th></tr></thead>
<tbody>
${entries.map((entry) => row(entry, labs))}${absent.map((student) => absentRow(student, labs))}
</tbody></table></div></section>`;
}

/** Hidden until the script takes it up. */
function filter(labs: Lab[]): Markup {
  const checks = labs.flatMap(({ id, title, checks }) =>
    checks.map((check) => ({ value: `${id}/${check.id}`, lab: title, title: check.title })),
  );
  const choice = (value: string, words: Content) => markup`<option value="${value}">${words}</option>`;
  const standings = STANDINGS.map(([standing, words]) => choice(standing, words));
  const failing = checks.map(({ value, lab, title }) => choice(value, [labs.length > 1 && `${lab}: `, title]));
  return markup`<div class="filter" role="search" aria-label="Submissions" hidden>
<label><span>Find</span> <input type="search" id="find" autocomplete="off" spellcheck="false"></label>
<label><span>Show</span> <select id="standing">${choice('', 'all')}${standings}</select></label>
<label><span>Failing</span> <select id="check">${choice('', 'any check or none')}${failing}</select></label>
<output id="shown" aria-live="polite"></output></div>`;
}

function row(entry: Entry, labs: Lab[]): Markup {
  const { submission, sections, total, standing, failing } = entry;
  const { name, student, submittedAt } = submission;
  const isLate = sections.some(({ score }) => score !== undefined && score.deducted > 0);
  const checks = failing.map(({ section, row: { check } }) => `${section.lab.id}/${check.id}`);
  const shown = nameOf(submission);
  const id = student?.id === stem(name) ? undefined : student?.id;
  const aside = [name, id].filter((text) => text !== undefined && text !== shown);
  const small = aside.map((text, index) => [index > 0 && ' · ', markup`<bdi dir="ltr">${text}</bdi>`]);
  return markup`<tr data-standing="${standing}"${isLate && markup` data-late`} data-failing="${checks.join(' ')}">
<th scope="row"><a href="${studentPath(submission)}"><bdi>${shown}</bdi></a>${small.length > 0 && markup` <small>${small}</small>`}</th>
<td class="number" data-sort="${standing !== 'missing' && total?.final}">${pointsCell(entry)}</td>
${labs.length > 1 && sections.map(labCell)}
<td class="aside" data-sort="${submittedAt}">${submittedAt !== undefined && moment(submittedAt)}</td>
<td data-sort="${failing.length}">${failingCell(entry, labs)}</td></tr>
`;
}

function pointsCell({ total, standing, sections }: Entry): Content {
  if (total === undefined || standing === 'missing') return markup`<span class="state">${standing}</span>`;
  const deducted = sumPoints(sections.map(({ score }) => score?.deducted ?? 0));
  return markup`<span class="total">${total.final}</span> <span class="max">/ ${total.pointsMax}</span>
${deducted > 0 && markup`<small class="late">−${deducted} late</small>`}`;
}

function labCell({ outcome, score }: Section): Markup {
  if (outcome.kind !== 'graded') return markup`<td class="number aside" data-sort=""><span class="state">${outcome.kind}</span></td>`;
  return markup`<td class="number aside" data-sort="${score!.final}">${score!.final} <span class="max">/ ${score!.pointsMax}</span></td>`;
}

/** The checks by id, with what kept a submission from being run in their place. */
function failingCell({ anchor, sections, failing }: Entry, labs: Lab[]): Content {
  const told = sections.map((section) => {
    const { lab, outcome } = section;
    const ids = failing.filter((each) => each.section === section).map(({ row }) => row.check.id);
    // Of a single lab the points say already that it is missing.
    const words = outcome.kind === 'missing' && labs.length === 1 ? '' : inWords(outcome, ids, lab);
    return words !== '' && markup`<span class="ids">${labs.length > 1 && `${lab.title}: `}${words}</span>`;
  });
  const isToldBelow = hasMoreToTell(sections);
  return isToldBelow ? markup`<a href="#${anchor}">${told}</a>` : told;
}

function inWords(outcome: Outcome, ids: string[], { checks }: Lab): string {
  if (outcome.kind !== 'graded') return outcome.kind;
  if (outcome.report.problem !== undefined) return 'could not be run';
  return ids.length === checks.length ? `all ${ids.length} checks` : ids.join(', ');
}

/** Whether there is a block below the table for these sections. */
export function hasMoreToTell(sections: Section[]): boolean {
  return sections.some(({ outcome }) => outcome.kind === 'not graded' || (outcome.kind === 'graded' && outcome.report.verdict === 'fail'));
}

function absentRow({ id, name }: Student, labs: Lab[]): Markup {
  const small = name !== undefined && name !== id && markup` <small><bdi dir="ltr">${id}</bdi></small>`;
  return markup`<tr data-standing="missing" data-failing=""><th scope="row"><bdi>${name ?? id}</bdi>${small}</th>
<td class="number" data-sort=""><span class="state">missing</span></td>
${labs.length > 1 && labs.map(() => markup`<td class="number aside" data-sort=""></td>`)}
<td class="aside" data-sort=""></td><td data-sort="0"></td></tr>
`;
}
