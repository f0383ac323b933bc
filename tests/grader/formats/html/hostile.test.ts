/** Attack 32, report-inject: whatever a student writes, anywhere, is text on the pages and nothing else. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Extras, OutputFile } from '../../../../grader/formats/format.ts';
import { html } from '../../../../grader/formats/html/html.ts';
import { visible } from '../../../../grader/formats/html/markup.ts';
import type { ClassResults } from '../../../../grader/results/results.ts';
import type { Similarity } from '../../../../grader/similarity/similarity.ts';
import { LANES, type TraceEvent } from '../../../../labs-runtime/checks/report.ts';
import { arbitraryClass, hostileText } from '../class-arbitrary.ts';
import { parsed, type Found } from './parsed.ts';

/** What pages are made of. A template that wants another tag or attribute says so here. */
const TAGS = [
  ...['html', 'head', 'meta', 'title', 'style', 'body', 'header', 'main', 'footer', 'section', 'article', 'div', 'span', 'p', 'script'],
  ...['h1', 'h2', 'h3', 'h4', 'a', 'bdi', 'small', 'strong', 'em', 'code', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'figure', 'figcaption'],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td', 'label', 'input', 'select', 'option', 'output', 'details', 'summary'],
  ...['svg', 'desc', 'g', 'path', 'rect', 'circle', 'line', 'text'],
];
const ATTRIBUTES: Record<string, RegExp> = {
  href: /^(#submission-\d+|students\/[a-z0-9._~-]+\.html|https:\/\/example\.edu\/course\/.*)$/,
  id: /^(submission-\d+|submissions|versions|find|standing|check|shown)$/,
  class: /^[a-z- ]+$/,
  style: /^(width:[\d.]+%|font-variant-numeric:tabular-nums)$/,
  'data-standing': /^(all points|failing|not graded|missing)$/,
  'data-failing': /^[a-z0-9/ -]*$/,
  'data-sort': /^[\d.TZ:-]*$/,
};

const trace: fc.Arbitrary<TraceEvent[]> = fc.array(
  fc.record(
    {
      event: fc.nat(99),
      atMs: fc.nat(999),
      lane: fc.constantFrom(...LANES),
      to: fc.constantFrom(...LANES),
      what: hostileText,
      tone: fc.constantFrom('fault', 'broken'),
    },
    { requiredKeys: ['event', 'atMs', 'lane', 'what'] },
  ),
  { maxLength: 4 },
);

/** A class in which traces are drawn and every hash, link and file is hostile too. */
function withTraces(results: ClassResults, trace: TraceEvent[], text: string): ClassResults {
  const copy = structuredClone(results);
  for (const { outcome } of copy.submissions.flatMap(({ labs }) => labs)) {
    if (outcome.kind !== 'graded') continue;
    Object.assign(outcome.report, { labHash: text, runtimeHash: text });
    for (const { failure } of outcome.report.checks) if (failure) Object.assign(failure, { trace, link: text, replay: text, seed: 1 });
  }
  return copy;
}

function similar({ submissions, labs }: ClassResults, file: string): Extras['similarity'] {
  const [left, right] = submissions.map(({ name }) => name);
  if (left === undefined || right === undefined) return undefined;
  const region = { left: { file, fromLine: 1, toLine: 2 }, right: { file, fromLine: 1, toLine: 200 }, tokens: 20 };
  const similarity: Similarity = {
    submissions: 2,
    pairs: [{ left, right, similarity: 0.5, longest: 20, regions: [region] }],
    pairsLeftOut: 1,
    unread: [left],
  };
  return new Map(labs.map(({ id }) => [id, similarity]));
}

const reports = fc.tuple(arbitraryClass, trace, hostileText, hostileText).map(([results, trace, file, source]) => {
  const all = withTraces(results, trace, source);
  for (const { outcome } of all.submissions.flatMap(({ labs }) => labs)) {
    if (outcome.kind !== 'graded') continue;
    for (const check of outcome.report.checks) {
      if (check.position) check.position = { file, line: 1, column: 1 };
      if (check.failure) check.failure.link = file;
    }
  }
  const extras: Extras = {
    similarity: similar(all, file),
    sources: () => ({ [file]: `${source}\n${source}` }),
    courseUrl: 'https://example.edu/course/',
  };
  return { results: all, pages: html(all, extras) };
});

/** What of a page was not foreseen, each in words. */
function unforeseen({ content }: OutputFile): string[] {
  const { elements, others, errors } = parsed(content);
  const odd = elements.flatMap(({ tag, attributes }) => [
    ...(TAGS.includes(tag) ? [] : [`<${tag}>`]),
    ...Object.entries(attributes).flatMap(([name, value]) => {
      const isKnown = KNOWN.has(name) && (ATTRIBUTES[name] ?? /^/).test(value);
      return isKnown ? [] : [`${name}="${value}"`];
    }),
  ]);
  return [...odd, ...others, ...errors];
}

/** Names of attributes in the templates. Values that are free text stand in labels of regions only. */
const KNOWN = new Set([
  ...Object.keys(ATTRIBUTES),
  ...[
    'lang',
    'dir',
    'charset',
    'http-equiv',
    'content',
    'name',
    'tabindex',
    'role',
    'scope',
    'hidden',
    'type',
    'autocomplete',
    'spellcheck',
  ],
  ...['value', 'data-late', 'data-row', 'aria-label', 'aria-labelledby', 'aria-hidden', 'aria-live', 'xmlns', 'viewBox', 'width', 'height'],
  ...[
    'x',
    'y',
    'x1',
    'x2',
    'y1',
    'y2',
    'cx',
    'cy',
    'r',
    'd',
    'fill',
    'stroke',
    'stroke-width',
    'stroke-linejoin',
    'stroke-linecap',
    'opacity',
  ],
  ...['stroke-dasharray', 'paint-order', 'font-family', 'font-size', 'font-weight', 'text-anchor'],
]);

const bySelector = (elements: Found[], tag: string) => elements.filter((element) => element.tag === tag);

describe('what a student wrote', () => {
  test('becomes no element, no attribute and no comment, and breaks no page', () => {
    fc.assert(
      fc.property(reports, ({ pages }) => {
        for (const page of pages) expect(unforeseen(page)).toEqual([]);
      }),
    );
  });

  test('would be seen if it did', () => {
    const page = html({ labs: [], submissions: [], absent: [], columnTitles: {}, hiddenLabs: [], gradedAt: '', version: '' })[0]!;
    const withIt = (text: string) => unforeseen({ ...page, content: page.content.replace('<main>', `<main>${text}`) });
    expect(withIt('')).toEqual([]);
    expect(withIt('<img src=x onerror=alert(1)>')).toEqual(['<img>', 'src="x"', 'onerror="alert(1)"']);
    expect(withIt('<a href="javascript:alert(1)">')).toContain('href="javascript:alert(1)"');
    expect(withIt('<!-- -->')).toEqual(['#comment']);
    expect(withIt('</p')).not.toEqual([]);
  });

  test('stands on the pages as it is, with what acts or hides shown', () => {
    fc.assert(
      fc.property(reports, ({ results, pages }) => {
        const names = bySelector(parsed(pages[0]!.content).elements, 'bdi').map(({ text }) => text);
        for (const { name, student } of results.submissions) expect(names).toContain(visible(student?.name ?? name));
        for (const [index, { name, student }] of results.submissions.entries()) {
          const [heading] = bySelector(parsed(pages[index + 1]!.content).elements, 'h1');
          expect(heading!.text).toBe(visible(student?.name ?? name));
        }
      }),
    );
  });
});

describe('a page', () => {
  test('may load nothing, and run the one script that is ours', () => {
    fc.assert(
      fc.property(reports, ({ pages }) => {
        const script = readFileSync(new URL('../../../../grader/formats/html/sort-and-filter.js', import.meta.url), 'utf8');
        for (const [index, { content }] of pages.entries()) {
          const { elements } = parsed(content);
          const policy = elements.find(({ attributes }) => attributes['http-equiv'] === 'Content-Security-Policy')!.attributes['content']!;
          const scripts = bySelector(elements, 'script').map(({ text }) => text);
          expect(scripts).toEqual(index === 0 ? [script] : []);
          const hashes = scripts.map((text) => ` script-src 'sha256-${createHash('sha256').update(text).digest('base64')}';`);
          expect(policy).toBe(`default-src 'none'; style-src 'unsafe-inline';${hashes.join('')} base-uri 'none'; form-action 'none'`);
          for (const { text } of bySelector(elements, 'style')) expect(text).not.toMatch(/url\(|@import/);
        }
      }),
      { numRuns: 20 },
    );
  });
});
