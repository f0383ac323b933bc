/**
 * Gradescope's export of an assignment's submissions: folders `submission_<id>` beside `submission_metadata.yml`, which says for each
 * whose it is (`:submitters`: `:name`, `:sid`, `:email`) and when it came (`:created_at`). Its keys are Ruby symbols and keep their colon.
 * Gradescope documents what its autograders are given (https://gradescope-autograders.readthedocs.io/en/latest/submission_metadata/), not
 * this file: the keys are those that exports hold, and one that is missing leaves out only what it would have told.
 */
import type { Lab } from '../../../labs-runtime/checks/lab.ts';
import type { Student } from '../../results/results.ts';
import { printable } from '../../terminal.ts';
import { cannotGrade } from '../cannot-grade.ts';
import type { Submission } from '../submission.ts';
import { Budget, type Entry, type FileEntry } from '../tree.ts';
import { handedInSubmission, type Taken } from './taken.ts';

const METADATA = 'submission_metadata.yml';

/** It holds what autograders said of every attempt, too. */
const METADATA_BYTES_MAX = 64 * 1024 * 1024;

/** Whether a folder with these entries is an export. */
export function isGradescopes(entries: Entry[]): boolean {
  return entries.some(({ kind, name }) => kind === 'file' && name === METADATA);
}

/** Takes the folders that the metadata names. @throws CannotGrade where the metadata cannot be read */
export async function takeGradescope(entries: Entry[], labs: Lab[]): Promise<Taken> {
  const metadata = entries.find(({ name }) => name === METADATA) as FileEntry;
  const records = await recordsIn(metadata);
  const problems: string[] = [];
  const taken = new Set<Entry>([metadata]);
  const submissions: Submission[] = [];
  for (const [name, record] of records) {
    const entry = entries.find((each) => each.name === name);
    if (entry?.kind !== 'folder') problems.push(`${printable(name)}: ${METADATA} names it, but there is no such folder.`);
    else submissions.push(...recordSubmissions(entry, record, labs));
    if (entry) taken.add(entry);
  }
  return { submissions, rest: entries.filter((entry) => !taken.has(entry)), problems };
}

type Mapping = Record<string, unknown>;

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function recordsIn(metadata: FileEntry): Promise<[string, Mapping][]> {
  const bytes = await metadata.read(METADATA_BYTES_MAX, new Budget());
  // Loaded only here, since it would make every start of the command slower.
  const { parse } = await import('yaml');
  try {
    const records: unknown = parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), { logLevel: 'error' });
    if (!isMapping(records)) throw new Error('it is no list of submissions');
    return Object.entries(records).map(([name, record]) => [name, isMapping(record) ? record : {}]);
  } catch (error) {
    const why = (error as Error).message.split('\n')[0]!;
    throw cannotGrade(metadata.shown, `Gradescope's list of submissions cannot be read (${why}). Export the submissions again.`);
  }
}

/** What a group handed in is a submission of each of its members. */
function recordSubmissions(folder: Entry & { kind: 'folder' }, record: Mapping, labs: Lab[]): Submission[] {
  const submitters = Array.isArray(record[':submitters']) ? record[':submitters'].filter(isMapping).map(studentOf) : [];
  const students = submitters.filter((student) => student !== undefined);
  const submittedAt = isoTime(record[':created_at']);
  const about = submittedAt === undefined ? {} : { submittedAt };
  const one = (name: string, student?: Student) =>
    handedInSubmission({ name, folder: async () => folder, uploads: true }, labs, { ...about, ...(student && { student }) });
  if (students.length < 2) return [one(folder.name, students[0])];
  return students.map((student) => one(`${folder.name} of ${student.name ?? student.id}`, student));
}

function studentOf(submitter: Mapping): Student | undefined {
  const [sid, email, name] = [':sid', ':email', ':name'].map((key) => {
    const value = submitter[key];
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() || undefined : undefined;
  });
  const id = sid ?? email ?? name;
  return id === undefined ? undefined : { id, ...(name && { name }), ...(email && { email }) };
}

/** Ruby's `2026-03-01 22:59:58.123456000 Z` or `… -08:00` as ISO 8601. */
function isoTime(value: unknown): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(\.\d{1,3})?\d* ?(Z|[+-]\d\d:?\d\d)$/.exec(String(value));
  if (parts === null) return undefined;
  const [, date, time, fraction = '', zone] = parts;
  return Number.isNaN(Date.parse(`${date}T${time}${fraction}${zone}`)) ? undefined : `${date}T${time}${fraction}${zone}`;
}
