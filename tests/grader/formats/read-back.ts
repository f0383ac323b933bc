/** What other programs make of a class's files: each format read again by a parser that is not ours. */
import { parse } from 'csv-parse/sync';
import { SaxesParser } from 'saxes';
import { classroomRunners } from '../../../grader/formats/classroom.ts';
import { fileName } from '../../../grader/formats/file-name.ts';
import { formats, type FormatName } from '../../../grader/formats/formats.ts';
import { sumPoints, type ClassResults } from '../../../grader/results/results.ts';

export interface Element {
  name: string;
  attributes: Record<string, string>;
  children: Element[];
  text: string;
}

/** JSON of another program's form, of which a test says what it expects. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Json = any;

/** The root of a document. @throws Error where it is not well-formed */
export function parseXml(content: string): Element {
  const top: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [top];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes, children: [], text: '' };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => (open.at(-1)!.text += text));
  parser.on('closetag', () => open.pop());
  parser.write(content).close();
  return top.children[0]!;
}

/** All elements of that name below `element`, in their order. */
export function elements(element: Element, name: string): Element[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elements(child, name)]);
}

/** An element's own properties, by name. */
export function propertiesOf(element: Element): Record<string, string> {
  const list = element.children.find(({ name }) => name === 'properties')?.children ?? [];
  return Object.fromEntries(list.map(({ attributes }) => [attributes.name, attributes.value]));
}

/** Cells by row, without the byte order mark. */
export function parseCsv(content: string): string[][] {
  return parse(content, { bom: true });
}

/** The one file of a format. */
export function only(format: FormatName, results: ClassResults): string {
  const files = formats[format](results);
  if (files.length !== 1) throw new Error(`${format} wrote ${files.length} files`);
  return files[0]!.content;
}

/** The file of each submission, parsed, in the order of the class. */
export function perSubmission(format: 'gradescope' | 'prairielearn', results: ClassResults): Json[] {
  const files = new Map(formats[format](results).map(({ path, content }) => [path, content]));
  return results.submissions.map(({ name }) => JSON.parse(files.get(`${format}/${fileName(name)}.json`)!));
}

export function junitRoot(results: ClassResults): Element {
  return parseXml(only('junit', results));
}

export function ctrfReport(results: ClassResults): Json {
  return JSON.parse(only('ctrf', results));
}

/** The runners of each submission, with their results decoded. */
export function classroomResults(results: ClassResults): { runner: string; variable: string; results: Json }[][] {
  return results.submissions.map((submission) =>
    classroomRunners(submission, results.labs).map((each) => ({
      ...each,
      results: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(each.results, 'base64'))),
    })),
  );
}

/** A list in pieces of `size`. */
export function pieces<T>(list: T[], size: number): T[][] {
  return Array.from({ length: list.length / size }, (_, index) => list.slice(index * size, (index + 1) * size));
}

/** The sum of numbers, or undefined where one is missing. */
function total(values: (string | number | undefined)[]): number | undefined {
  return values.some((value) => value === undefined || value === '') ? undefined : sumPoints(values.map(Number));
}

/** Each submission's total as a reader of that format finds it, in the order of the class; undefined where there is none. */
export const totalsIn: Record<Exclude<FormatName, 'canvas' | 'html'> | 'classroom', (results: ClassResults) => (number | undefined)[]> = {
  json: (results) => JSON.parse(only('json', results)).submissions.map(({ total }: { total?: { final: number } }) => total?.final),
  junit: (results) => {
    const finals = elements(junitRoot(results), 'testsuite').map((suite) => propertiesOf(suite).final);
    return pieces(finals, results.labs.length).map(total);
  },
  ctrf: (results) => {
    const finals: (number | undefined)[] = ctrfReport(results).results.extra.scores.map(({ final }: { final?: number }) => final);
    return pieces(finals, results.labs.length).map(total);
  },
  gradescope: (results) => perSubmission('gradescope', results).map(({ score }) => score),
  prairielearn: (results) => perSubmission('prairielearn', results).map(({ tests }) => tests && total(tests.map(pointsOf))),
  csv: (results) => {
    const [header, ...rows] = parseCsv(only('csv', results));
    return rows.slice(0, results.submissions.length).map((row) => total([row[header!.indexOf('total')]]));
  },
  classroom: (results) => classroomResults(results).map((runners) => notified(runners.map(({ results }) => results))),
};

function pointsOf({ points }: { points: number }): number {
  return points;
}

/** What the reporter tells Classroom: the scores of all runners that have points, or nothing where none has. */
function notified(runners: { max_score: number; tests: { score: number }[] }[]): number | undefined {
  const counted = runners.filter(({ max_score }) => max_score > 0);
  return counted.length === 0 ? undefined : total(counted.flatMap(({ tests }) => tests.map(({ score }) => score)));
}

/** Canvas names no submission: the totals of its rows, which are those that have one. */
export function canvasTotals(results: ClassResults): (number | undefined)[] {
  return parseCsv(only('canvas', results))
    .slice(2)
    .map((row) => total(row.slice(5)));
}
