/** Lists of a class, as Canvas exports them and as people keep them, and whose each submission is by them. */
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { matchStudents } from '../../../grader/intake/match-students.ts';
import { parseRoster, readRoster } from '../../../grader/intake/roster.ts';
import type { Submission } from '../../../grader/intake/submission.ts';
import type { Student } from '../../../grader/results/results.ts';
import { Folder, allLabs } from './fixtures.ts';

const read = (text: string) => parseRoster(text, 'roster.csv', allLabs);

describe('a list', () => {
  const gradebook = [
    'Student,ID,SIS User ID,SIS Login ID,Section,Notes,"The logging channel (11)",Output rule (12),Essay (14),Current Score,Final Grade',
    ',,,,,,Manual Posting,,,,',
    '    Points Possible,,,,,,100,100,10,(read only),(read only)',
    '"Doe, Jane",4711,S-1,jdoe,"Lab A and Lab B",,95,,,,',
    '"Roe, John",4712,,jroe,Lab A,,,,,,',
    '"Student, Test",4713,,f00,Lab A,,,,,,',
  ].join('\r\n');

  test('that Canvas exports, with what it calls the labs', () => {
    expect(read(`\ufeff${gradebook}\r\n`)).toEqual({
      students: [
        { id: 'S-1', name: 'Doe, Jane', canvasId: '4711', sisId: 'S-1', login: 'jdoe', section: 'Lab A and Lab B' },
        { id: 'jroe', name: 'Roe, John', canvasId: '4712', login: 'jroe', section: 'Lab A' },
      ],
      columnTitles: { 'logging-channel': 'The logging channel (11)', 'output-rule': 'Output rule (12)' },
    });
  });

  test('that Canvas exports with names in two columns', () => {
    const { students } = read('LastName,FirstName,ID,SIS Login ID,Section\nDoe,Jane,1,jdoe,A\n');
    expect(students).toEqual([{ id: 'jdoe', name: 'Doe, Jane', canvasId: '1', login: 'jdoe', section: 'A' }]);
  });

  test('of any order, case and separator, with and without a byte order mark', () => {
    const jane = { id: '7', name: 'Jane Doe', email: 'jane@example.edu', login: 'jdoe', section: '2' };
    expect(read('id,name,email,login,section\n7,Jane Doe,jane@example.edu,jdoe,2').students).toEqual([jane]);
    expect(read('\ufeffE-Mail;Section;"ID";NAME;Login\r\njane@example.edu;2;7;"Jane Doe";jdoe\r\n\r\n').students).toEqual([jane]);
    expect(read('Login\tName\tId\tSection\tEmail\njdoe\tJane Doe\t7\t2\tjane@example.edu').students).toEqual([jane]);
    expect(read('id;name\n7;Doe, Jane').students).toEqual([{ id: '7', name: 'Doe, Jane' }]);
    expect(read('"identifier","github_username","name"\n"a@x.edu","ann",""').students).toEqual([{ id: 'a@x.edu', login: 'ann' }]);
    expect(read('First name,Surname,ID number,Email address\nJane,Doe,7,jane@example.edu').students).toEqual([
      { id: '7', name: 'Doe, Jane', email: 'jane@example.edu' },
    ]);
    expect(read('id\n007\n 8 ').students).toEqual([{ id: '007' }, { id: '8' }]);
  });

  test('that is none says what is wrong and what to do', () => {
    expect(() => read('')).toThrow('roster.csv: no column of it says whose a row is. It is empty. Name some of them id, name,');
    expect(() => read('id,name\n')).toThrow('roster.csv: it has a header and nobody below it.');
    expect(() => read('a,b\n1,2')).toThrow('It has "a" and "b".');
    expect(() => read('id,name\n1,A\n1,B')).toThrow('roster.csv: two rows have the id 1. Keep the one that is right.');
    expect(() => read('id,name\n1,"A\n')).toThrow(/roster\.csv: it is no CSV/);
    expect(() => read('id,Failover,failover (3)\n1,,')).toThrow('it has two columns for failover: "Failover" and "failover (3)".');
  });

  test('in a file: UTF-8, and there', async () => {
    const folder = new Folder();
    writeFileSync(folder.at('roster.csv'), Buffer.from('id,name\n1,M\xfcller', 'latin1'));
    await expect(readRoster(folder.at('roster.csv'), allLabs)).rejects.toThrow(/not UTF-8 text\. Save it again as CSV in UTF-8/);
    await expect(readRoster(folder.path, allLabs)).rejects.toThrow(/: it is a folder, and should be a file\.$/);
    await expect(readRoster(folder.at('none.csv'), allLabs)).rejects.toThrow(/no such file/);
    writeFileSync(folder.at('roster.csv'), 'id,name\n1,Müller');
    expect((await readRoster(folder.at('roster.csv'), allLabs)).students).toEqual([{ id: '1', name: 'Müller' }]);
    folder.remove();
  });
});

const jane: Student = { id: 'S-1', name: 'Doe, Jane Ann', canvasId: '4711', sisId: 'S-1', login: 'jdoe', email: 'jane@example.edu' };
const john: Student = { id: 'S-2', name: 'Roe, John', canvasId: '4712', sisId: 'S-2', login: 'jroe', email: 'john@example.edu' };
const juan: Student = { id: 'S-3', name: 'Müller-Roe, Juán', canvasId: '4713', sisId: 'S-3', login: 'jmr', email: 'juan@example.edu' };
const roster = { students: [jane, john, juan], columnTitles: {} };

function submission(name: string, student?: Student): Submission {
  return { name, ...(student && { student }), read: async () => undefined };
}

/** What comes of one submission of a student of whom a layout tells this. */
function match(student: Student, students = roster.students) {
  const { submissions, problems } = matchStudents([submission('work', student)], { students, columnTitles: {} });
  return problems[0] ?? submissions[0]!.student;
}

describe('whose a submission is', () => {
  test.each<[string, Student, Student]>([
    ['Canvas’s id, whatever else', { id: '4711', canvasId: '4711', name: 'roejohn' }, jane],
    ['the SIS id', { id: 'x', sisId: 's-2' }, john],
    ['the login', { id: 'JROE', login: 'JROE' }, john],
    ['the e-mail', { id: 'x', email: 'Juan@Example.edu' }, juan],
    ['an id of any kind', { id: 'jdoe' }, jane],
    ['an address in a name', { id: 'john@example.edu' }, john],
    ['the name as a list has it', { id: 'x_1', name: 'Doe, Jane Ann' }, jane],
    ['the name as one says it', { id: 'x_1', name: 'Jane Ann Doe' }, jane],
    ['the name without blanks and commas', { id: 'x', name: 'doejaneann' }, jane],
    ['the name in the name of a file', { id: 'juan.muller-roe' }, juan],
    ['an id and a name that agree', { id: 'S-2', name: 'John Roe' }, john],
  ])('%s', (_, told, student) => {
    expect(match(told)).toBe(student);
  });

  test('what could be two students’ is nobody’s, and says so', () => {
    const twins = [john, { ...juan, name: 'John Roe' }];
    expect(match({ id: 'x', name: 'John Roe' }, twins)).toBe(
      'work: it could be of Roe, John (S-2) or John Roe (S-3). Say whose in its name.',
    );
    expect(match({ id: 'x', name: 'roejohn' }, twins)).toMatch(/could be of/);
  });

  test('an id whose name is another’s is nobody’s, and says so', () => {
    expect(match({ id: '4711', name: 'roejohn' })).toBe('work: the id is that of Doe, Jane Ann (S-1), the name is not.');
  });

  test('who is on no list keeps what is known, and says so', () => {
    const stranger = { id: '9', name: 'Max Mo' };
    const { submissions, absent, problems } = matchStudents([submission('max\n.ts', stranger)], roster);
    expect(submissions[0]!.student).toBe(stranger);
    expect(problems).toEqual(['max\\x0a.ts: the list of the class has nobody like that.']);
    expect(absent).toEqual([jane, john, juan]);
  });

  test('two submissions of one student are neither’s, and the student is not absent', () => {
    const { submissions, absent, problems } = matchStudents(
      [submission('a', { id: 'jdoe' }), submission('jdoe.ts'), submission('jroe')],
      roster,
    );
    expect(submissions.map(({ student }) => student)).toEqual([{ id: 'jdoe' }, undefined, john]);
    expect(problems).toEqual(['Doe, Jane Ann (S-1): a and jdoe.ts are of this student. Keep the one that counts.']);
    expect(absent).toEqual([juan]);
  });

  test('whoever is matched fits, nobody is matched twice, and everybody is matched, absent or in a problem', () => {
    const key = fc.constantFrom('1', '2', '3', 'a', 'b', 'ann lee', 'lee ann', 'Lee, Ann', 'bo');
    const told = fc.record({ id: key, name: fc.option(key, { nil: undefined }), login: fc.option(key, { nil: undefined }) });
    const list = fc.uniqueArray(fc.record({ id: key, name: key, login: key }), { selector: ({ id }) => id, maxLength: 5 });
    fc.assert(
      fc.property(list, fc.array(told, { maxLength: 5 }), (students, all) => {
        const before = all.map((student, index) => submission(String(index), student));
        const { submissions, absent, problems } = matchStudents(before, { students, columnTitles: {} });
        const matched = submissions.map(({ student }) => student!).filter((student) => students.includes(student as (typeof students)[0]));
        expect(new Set(matched).size).toBe(matched.length);
        for (const student of absent) expect(matched).not.toContain(student);
        expect(submissions.length - matched.length > 0).toBe(problems.length > 0);
        for (const student of students) {
          expect(matched.includes(student) || absent.includes(student) || problems.some((problem) => problem.includes(student.id))).toBe(
            true,
          );
        }
      }),
    );
  });
});
