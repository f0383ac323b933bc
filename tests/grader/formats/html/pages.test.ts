/** What stands on the pages of a small class in which everything happens once. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Extras } from '../../../../grader/formats/format.ts';
import { html } from '../../../../grader/formats/html/html.ts';
import type { SubmissionResult } from '../../../../grader/results/results.ts';
import type { CheckReport, TraceEvent } from '../../../../labs-runtime/checks/report.ts';
import { smallClass } from '../small-class.ts';
import { parsed, type Found } from './parsed.ts';

const source = Array.from({ length: 20 }, (_, index) => `const line${index + 1} = ${index + 1};`).join('\n');
const region = {
  left: { file: 'channel.ts', fromLine: 2, toLine: 4 },
  right: { file: 'channel.ts', fromLine: 12, toLine: 14 },
  tokens: 15,
};
const extras: Extras = {
  sources: () => ({ 'channel.ts': source }),
  similarity: new Map([
    [
      'small-channel',
      {
        submissions: 6,
        pairs: [{ left: 'student-01', right: 'student-02', similarity: 0.876, longest: 15, regions: [region] }],
        pairsLeftOut: 0,
        unread: [],
      },
    ],
  ]),
};

function page(path: string, results = smallClass, shown = extras): Found[] {
  return parsed(html(results, shown).find((file) => file.path === path)!.content).elements;
}

/** The words of all elements of a class, blanks aside. */
function texts(elements: Found[], className: string): string[] {
  const its = elements.filter(({ attributes }) => attributes['class']?.split(' ').includes(className));
  return its.map(({ text }) => words(text));
}

function words(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The checks that a submission fails. */
function failing({ labs }: SubmissionResult): CheckReport[] {
  const reports = labs.flatMap(({ outcome }) => (outcome.kind === 'graded' ? [outcome.report] : []));
  return reports.flatMap(({ checks }) => checks.filter(({ verdict }) => verdict !== 'pass'));
}

describe('the page of a class', () => {
  const elements = page('class.html');

  test('counts what was not graded and what is missing apart from zeros', () => {
    expect(texts(elements, 'tiles')).toEqual(['submissions6all points1not graded1missing1mean20.8median19.2']);
    expect(elements.find(({ tag }) => tag === 'desc')!.text).toBe(
      'from 0 to below 4: 1; from 4 to below 8: 0; from 8 to below 12: 0; from 12 to below 16: 1; from 16 to below 20: 1; ' +
        'from 20 to below 24: 0; from 24 to below 28: 0; from 28 to below 32: 0; from 32 to below 36: 1; from 36 to below 40: 0; all 40 points: 1.',
    );
    const standings = elements.filter(({ tag }) => tag === 'tr').flatMap(({ attributes }) => attributes['data-standing'] ?? []);
    expect(standings).toEqual(['failing', 'all points', 'failing', 'failing', 'not graded', 'failing', 'missing']);
  });

  test('begins with the checks that fail most, lab by lab', () => {
    expect(texts(elements, 'checks')).toEqual([
      expect.stringMatching(/^Checks that fail most Small channel Of 6 graded submissions\.an entry arrives once4 of 6/),
      expect.stringMatching(/^Checks that fail most Small failover Of 4 graded submissions\./),
    ]);
  });

  test('says in the table what was taken off, and what kept a submission from being run', () => {
    const rows = elements.filter(({ tag, attributes }) => tag === 'tr' && attributes['data-standing']).map(({ text }) => words(text));
    expect(rows[2]).toContain('19.2 / 40 −3.3 late');
    expect(rows[3]).toContain('Small channel: could not be run');
    expect(rows[4]).toContain('not graded');
    expect(rows[6]).toBe('Student, Sixth s06 missing');
  });

  test('opens no block by itself, and has one for each submission of which there is something to tell', () => {
    const blocks = elements.filter(({ tag }) => tag === 'details');
    expect(blocks.map(({ attributes }) => attributes)).toEqual([
      ...[1, 3, 4, 5, 6].map((number) => ({ class: 'block', id: `submission-${number}` })),
      {},
    ]);
    const links = elements.flatMap(({ attributes }) => attributes['href'] ?? []).filter((href) => href.startsWith('#'));
    expect(links).toEqual([1, 3, 4, 5, 6].map((number) => `#submission-${number}`));
  });

  test('links to every page to hand back', () => {
    const paths = html(smallClass).map(({ path }) => path);
    const links = elements.flatMap(({ attributes }) => attributes['href'] ?? []).filter((href) => !href.startsWith('#'));
    expect([...new Set(links)].sort()).toEqual(paths.filter((path) => path !== 'class.html').sort());
  });

  test('shows what is similar side by side, with its lines', () => {
    expect(texts(elements, 'percent')).toEqual(['87 %']);
    const [sides] = texts(elements, 'sides');
    expect(sides).toContain('student-01 channel.ts, lines 2 to 4 2const line2 = 2; 3const line3 = 3; 4const line4 = 4;');
    expect(sides).toContain('student-02 channel.ts, lines 12 to 14 12const line12 = 12;');
  });

  test('leaves the drawings to the students’ pages where they would make it too large', () => {
    const trace = Array.from({ length: 60 }, (_, index): TraceEvent => ({
      event: index,
      atMs: index,
      lane: 'primary',
      to: 'backup',
      what: 'sends',
    }));
    const student = structuredClone(smallClass.submissions[2]!);
    for (const { failure } of failing(student)) failure!.trace = trace;
    const of = (count: number) => {
      const copies = Array.from({ length: count }, (_, index): SubmissionResult => ({ ...student, name: `s${index}` }));
      const [classFile, firstStudent] = html({ ...smallClass, submissions: copies }).map(({ content }) => content);
      const drawings = (content = '') => content.split('class="trace"').length - 1;
      const isTold = classFile!.includes('The runs are drawn on the students’ own pages');
      return { ofClass: drawings(classFile), ofStudent: drawings(firstStudent), isTold };
    };
    expect(of(2)).toEqual({ ofClass: 4, ofStudent: 2, isTold: false });
    expect(of(80)).toEqual({ ofClass: 0, ofStudent: 2, isTold: true });
  });
});

describe('a page to hand back', () => {
  test('has every part of a failure, its run, and its line of source', () => {
    const elements = page('students/student-02.html');
    const failure = texts(elements, 'failure')[0]!;
    const { expected, observed, consequence, cause, link, rule } = failing(smallClass.submissions[2]!)[0]!.failure!;
    for (const part of [rule, expected, observed, consequence, cause, link, 'safety', 'seed 7', 'channel.ts:12:3'])
      expect(failure).toContain(part);
    expect(texts(elements, 'marked')[0]).toBe('12const line12 = 12;');
    const drawings = elements.filter(({ tag, attributes }) => tag === 'svg' && attributes['role'] === 'img');
    expect(drawings.map(({ attributes }) => attributes['width'])).toEqual(['600', '326']);
    expect(drawings[0]!.text).toContain('Event 1, 0 ms, primary to backup: entry 2.');
  });

  test('links to the pages of a course that is known to be somewhere, and to nothing else', () => {
    const courseUrl = 'https://example.edu/course/';
    const linksOf = (link: string) => {
      const student = structuredClone(smallClass.submissions[2]!);
      const [first, second] = failing(student);
      second!.failure!.link = '';
      Object.assign(first!.failure!, { link, replay: 'labs/small-channel/?check=in-order&seed=7' });
      const elements = page('students/student-02.html', { ...smallClass, submissions: [student] }, { courseUrl });
      expect(texts(elements, 'failure')[0]).toContain(`Read: ${link}`);
      return elements.flatMap(({ attributes }) => attributes['href'] ?? []);
    };
    const run = 'https://example.edu/course/labs/small-channel/?check=in-order&seed=7';
    expect(linksOf('lecture/small/#numbers')).toEqual(['https://example.edu/course/lecture/small/#numbers', run]);
    for (const elsewhere of ['javascript:alert(1)', '//example.org/', '../', '/', 'https://example.educourse/', 'http://['])
      expect(linksOf(elsewhere), elsewhere).toEqual([run]);
  });

  test('can do without the source', () => {
    expect(texts(page('students/student-02.html', smallClass, {}), 'source')).toEqual([]);
  });

  test('tells once what several checks failed for', () => {
    const student = structuredClone(smallClass.submissions[2]!);
    const [first, second] = failing(student);
    const failure = { ...first!.failure!, seed: 8 };
    Object.assign(second!, { verdict: 'fail', failure, position: first!.position });
    const elements = page('students/student-02.html', { ...smallClass, submissions: [student] });
    expect(texts(elements, 'failure')).toHaveLength(1);
    expect(texts(elements, 'others')).toEqual(['So do an entry arrives once.']);
  });

  test('says that a lab was not graded, and gives no points for it', () => {
    const elements = page('students/student-04.html');
    expect(texts(elements, 'score')).toEqual(['Not graded']);
    expect(texts(elements, 'said').at(-1)).toBe('Small failover: not graded. it is UTF-16 text. Save it again as UTF-8.');
  });

  test('knows nothing of anybody else, nor of what is similar', () => {
    const markers = smallClass.submissions.map(({ name, student }) =>
      [name, student?.name, student?.email].filter((text) => text !== undefined),
    );
    const [, ...pages] = html(smallClass, extras);
    for (const [index, { content }] of pages.entries()) {
      const { text } = parsed(content).elements.find(({ tag }) => tag === 'body')!;
      const others = markers.filter((_, other) => other !== index).flat();
      expect([...others, 'Sixth', 'imilar'].filter((each) => text.includes(each))).toEqual([]);
    }
  });
});

test.each([1, 2])('headings go down a step at a time, with %i labs', (count) => {
  const submissions = smallClass.submissions.map((each) => ({ ...each, labs: each.labs.slice(0, count) }));
  for (const { content } of html({ ...smallClass, labs: smallClass.labs.slice(0, count), submissions }, extras)) {
    const levels = parsed(content).elements.flatMap(({ tag }) => /^h([1-6])$/.exec(tag)?.[1] ?? []);
    const steps = levels.map((level, index) => Number(level) - Number(levels[index - 1] ?? 0));
    expect(Math.max(...steps)).toBe(1);
    expect(levels.filter((level) => level === '1')).toHaveLength(1);
  }
});

test('the colours are those of the course', () => {
  const theme = readFileSync(new URL('../../../../src/styles/theme.css', import.meta.url), 'utf8');
  const report = readFileSync(new URL('../../../../grader/formats/html/report.css', import.meta.url), 'utf8');
  const colours = (css: string) => [...css.matchAll(/--(?:sl-color|lockstep)-[a-z0-9-]+: hsl[^;]+;/g)].map(([declaration]) => declaration);
  // Light first, then dark, in both files: a colour that changes in one has to change in the other.
  const known = colours(theme);
  const used = colours(report);
  expect(used.length).toBeGreaterThan(30);
  expect(known.filter((colour) => used.includes(colour))).toEqual(used);
});
