/** Finds whose each submission is, by a class's list. Nobody is guessed: what could be two students', or nobody's, is said. */
import type { Student } from '../results/results.ts';
import { printable } from '../terminal.ts';
import { inWords, stem } from './lab-file-names.ts';
import type { Roster } from './roster.ts';
import type { Submission } from './submission.ts';

export interface Matched {
  /** With `student` from the list where it was found; the others keep what their layout tells. */
  submissions: Submission[];
  /** Students of whom nothing came, in the order of the list. */
  absent: Student[];
  problems: string[];
}

/** Keys that say by themselves what they are, in the order in which they are believed. */
const KEYS = ['canvasId', 'sisId', 'login', 'email'] as const;

/** Matches by Canvas's id, SIS id, login, e-mail, id, and at last by name. */
export function matchStudents(submissions: Submission[], { students }: Roster): Matched {
  const lookUp = new LookUp(students);
  const found = submissions.map((submission) => lookUp.find(submission.student ?? { id: stem(submission.name) }));
  const owners = new Map<Student, Submission[]>();
  const came = new Set<Student>();
  for (const [index, { hits }] of found.entries()) {
    for (const student of hits) came.add(student);
    if (hits.length === 1) owners.set(hits[0]!, [...(owners.get(hits[0]!) ?? []), submissions[index]!]);
  }
  const problems = found.flatMap(({ hits, doubt }, index) => problemOf(submissions[index]!, hits, doubt));
  for (const [student, owned] of owners) {
    const names = owned.map(({ name }) => printable(name));
    if (names.length > 1)
      problems.push(`${shownStudent(student)}: ${inWords(names, 'and')} are of this student. Keep the one that counts.`);
  }
  return {
    submissions: submissions.map((submission, index) => {
      const [student, another] = found[index]!.hits;
      return student && !another && owners.get(student)!.length === 1 ? { ...submission, student } : submission;
    }),
    absent: students.filter((student) => !came.has(student)),
    problems,
  };
}

function shownStudent({ id, name }: Student): string {
  return name === undefined ? printable(id) : `${printable(name)} (${printable(id)})`;
}

function problemOf({ name }: Submission, hits: Student[], doubt: Student | undefined): string[] {
  if (hits.length === 1) return [];
  if (hits.length > 1) return [`${printable(name)}: it could be of ${inWords(hits.map(shownStudent), 'or')}. Say whose in its name.`];
  const why = doubt ? `the id is that of ${shownStudent(doubt)}, the name is not` : 'the list of the class has nobody like that';
  return [`${printable(name)}: ${why}.`];
}

/** Who could be meant; `doubt` is one whose id fits and whose name does not. */
interface Hits {
  hits: Student[];
  doubt?: Student;
}

/** A list of students by all that they are known by. */
class LookUp {
  readonly #byKey = new Map<string, Set<Student>>();

  constructor(students: Student[]) {
    for (const student of students) {
      for (const key of KEYS) this.#add(key, student[key], student);
      for (const key of [...KEYS, 'id'] as const) this.#add('any', student[key], student);
      for (const name of namesOf(student.name ?? '')) this.#add('name', name, student);
    }
  }

  #add(key: string, value: string | undefined, student: Student): void {
    if (value === undefined) return;
    const place = `${key} ${value.toLowerCase()}`;
    this.#byKey.set(place, (this.#byKey.get(place) ?? new Set()).add(student));
  }

  #all(key: string, value: string | undefined): Student[] {
    return value === undefined ? [] : [...(this.#byKey.get(`${key} ${value.toLowerCase()}`) ?? [])];
  }

  find(student: Student): Hits {
    for (const key of KEYS) {
      const hits = this.#all(key, student[key]);
      if (hits.length > 0) return { hits };
    }
    const byId = this.#all('any', student.id);
    const byName = [...new Set(namesOf(student.name ?? student.id).flatMap((name) => this.#all('name', name)))];
    if (byId.length === 0) return { hits: byName };
    // An id alone says nothing of whose numbers it is from: a name beside it has to agree.
    if (student.name === undefined || byId.every((hit) => hit.name === undefined)) return { hits: byId };
    const agreeing = byId.filter((hit) => byName.includes(hit));
    return agreeing.length > 0 ? { hits: agreeing } : { hits: [], doubt: byId[0] };
  }
}

/**
 * What a name is compared by: small letters without accents, blanks and signs, from each word on round to the one before, since one list
 * has `Doe, Jane` and the other `Jane Doe`, and Canvas's files `doejane`.
 */
function namesOf(name: string): string[] {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return [...new Set(words.map((_, index) => [...words.slice(index), ...words.slice(0, index)].join('')))];
}
