/**
 * The list of a class: Canvas's gradebook as it exports it, or a CSV with a header of columns like id, name, email, login and section, in
 * any order.
 */
import { parse } from 'csv-parse/sync';
import { readFile, stat } from 'node:fs/promises';
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import type { Student } from '../results/results.ts';
import { printable } from '../terminal.ts';
import { access, cannotGrade } from './cannot-grade.ts';
import { inWords } from './lab-file-names.ts';
import { columnsOf, isCanvasHeader, labColumns, type Column } from './roster-columns.ts';

export interface Roster {
  /** In the order of the list. */
  students: Student[];
  /** What the list calls a lab, by the lab's id: `Logging channel (12345)`. Canvas finds its column by it. */
  columnTitles: Record<string, string>;
}

const BYTES_MAX = 16 * 1024 * 1024;

/** Reads the list at `path`. @throws CannotGrade where it is none, or two of its students have one id */
export async function readRoster(path: string, labs: Lab[]): Promise<Roster> {
  const bytes = await access(path, async () => {
    const { size } = await stat(path);
    if (size > BYTES_MAX) throw cannotGrade(path, `it has ${size} bytes, which is no list of a class.`);
    return readFile(path);
  });
  return parseRoster(decoded(bytes, path), path, labs);
}

function decoded(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw cannotGrade(path, 'the list of the class is not UTF-8 text. Save it again as CSV in UTF-8.');
  }
}

/** The list in a CSV's text. `path` is its name in messages. @throws CannotGrade */
export function parseRoster(text: string, path: string, labs: Lab[]): Roster {
  const [header = [], ...rows] = rowsOf(text, path);
  const columns = columnsOf(header);
  if (!columns.some((column) => column !== undefined && column !== 'section')) {
    const found =
      header.length > 0
        ? `It has ${inWords(
            header.map((title) => `"${printable(title)}"`),
            'and',
          )}.`
        : 'It is empty.';
    throw cannotGrade(path, `no column of it says whose a row is. ${found} Name some of them id, name, email, login, section.`);
  }
  const students = rows
    .flatMap((row) => studentIn(row, columns) ?? [])
    .filter((student) => !isCanvasHeader(header) || !isTestStudent(student));
  if (students.length === 0) throw cannotGrade(path, 'it has a header and nobody below it. Save the list of the class again.');
  assertDistinct(students, path);
  return { students, columnTitles: columnTitles(header, path, labs) };
}

function rowsOf(text: string, path: string): string[][] {
  const [firstLine = ''] = text.replace(/^\ufeff/, '').split(/\r?\n|\r/, 1);
  const count = (delimiter: string) => firstLine.replace(/"[^"]*"/g, '').split(delimiter).length;
  const delimiter = [',', ';', '\t'].toSorted((one, other) => count(other) - count(one))[0]!;
  try {
    return parse(text, { bom: true, delimiter, relax_column_count: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw cannotGrade(path, `it is no CSV (${(error as Error).message}). Save it again as CSV.`);
  }
}

/** The student in a row; undefined in rows of something else: Canvas has one for the points of each column, and one for what is hidden. */
function studentIn(row: string[], columns: (Column | undefined)[]): Student | undefined {
  const value = (column: Column) => row[columns.indexOf(column)]?.trim() || undefined;
  const parts = [value('lastName'), value('firstName')].filter((part) => part !== undefined);
  const { name = parts.length > 0 ? parts.join(', ') : undefined, ...keys } = {
    name: value('name'),
    email: value('email'),
    login: value('login'),
    sisId: value('sisId'),
    canvasId: value('canvasId'),
  };
  const id = value('id') ?? keys.sisId ?? keys.login ?? keys.canvasId ?? keys.email ?? name;
  if (id === undefined || row[0]?.includes('Points Possible')) return undefined;
  const known = Object.entries({ ...keys, name, section: value('section') }).filter(([, each]) => each !== undefined);
  return { id, ...(Object.fromEntries(known) as Partial<Student>) };
}

/** Whom Canvas makes up for an instructor who looks at a course as a student does. */
function isTestStudent({ name, sisId }: Student): boolean {
  return name === 'Student, Test' && sisId === undefined;
}

function assertDistinct(students: Student[], path: string): void {
  const seen = new Set<string>();
  for (const { id } of students) {
    if (seen.has(id)) throw cannotGrade(path, `two rows have the id ${printable(id)}. Keep the one that is right.`);
    seen.add(id);
  }
}

function columnTitles(header: string[], path: string, labs: Lab[]): Record<string, string> {
  const titles: Record<string, string> = {};
  for (const lab of labs) {
    const [title, another] = labColumns(header, lab);
    if (another !== undefined)
      throw cannotGrade(path, `it has two columns for ${lab.id}: "${printable(title!)}" and "${printable(another)}".`);
    if (title !== undefined) titles[lab.id] = title;
  }
  return titles;
}
