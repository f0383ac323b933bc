/** `grades.csv`, for people and their spreadsheets: a row for each submission, and for each student of whom nothing came. */
import type { Lab } from '../../labs-runtime/checks/lab.ts';
import { totalOf, type Student, type SubmissionResult } from '../results/results.ts';
import { cell, csvText, type Rows } from './csv-text.ts';
import type { Format } from './format.ts';
import { sectionsOf, type Section } from './sections.ts';

type Row = Rows[number];

function header(labs: Lab[]): string[] {
  const ofLab = ({ id, checks }: Lab) => [
    ...['verdict', 'points', 'deducted', 'final', 'lateness'].map((column) => `${id} ${column}`),
    ...checks.map((check) => `${id} ${check.id}`),
  ];
  return ['submission', 'name', 'student id', 'email', 'submitted at', 'total', 'total max', ...labs.flatMap(ofLab)];
}

function studentCells({ id, name = '', email = '' }: Student): Row {
  return [name, id, email].map(cell);
}

/** What was not graded has a verdict and no points: an average over the column leaves it out. */
function sectionCells({ outcome, score, rows }: Section): Row {
  const verdict = outcome.kind === 'graded' ? outcome.report.verdict : outcome.kind;
  const points = [score?.points, score?.deducted, score?.final, cell(score?.lateness ?? '')];
  return [verdict, ...points, ...rows.map((row) => row.verdict)];
}

function submissionRow(submission: SubmissionResult, labs: Lab[]): Row {
  const { name, student = { id: '' }, submittedAt = '' } = submission;
  const total = totalOf(submission);
  const sections = sectionsOf(submission, labs);
  return [cell(name), ...studentCells(student), cell(submittedAt), total?.final, total?.pointsMax, ...sections.flatMap(sectionCells)];
}

/** Of this student there is no submission that could have points: what that comes to is the instructor's to say. */
function absentRow(student: Student, labs: Lab[]): Row {
  const ofLab = ({ checks }: Lab): Row => ['missing', undefined, undefined, undefined, '', ...checks.map(() => 'missing')];
  return ['', ...studentCells(student), '', undefined, undefined, ...labs.flatMap(ofLab)];
}

export const csv: Format = ({ submissions, absent, labs }) => {
  const rows = [...submissions.map((submission) => submissionRow(submission, labs)), ...absent.map((student) => absentRow(student, labs))];
  return [{ path: 'grades.csv', content: csvText([header(labs), ...rows], { bom: true }) }];
};
