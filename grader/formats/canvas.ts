/**
 * `canvas.csv`: Canvas's gradebook, ready to be imported there. A blank over a grade deletes the grade, so who was not graded, or handed in
 * nothing at all, is left out.
 */
import { pointsMax } from '../../labs-runtime/checks/lab.ts';
import { sumPoints, totalOf, type ClassResults, type SubmissionResult } from '../results/results.ts';
import { printable } from '../terminal.ts';
import { cell, csvText } from './csv-text.ts';
import type { Format } from './format.ts';

const STUDENT_COLUMNS = ['Student', 'ID', 'SIS User ID', 'SIS Login ID', 'Section'];

/** Titles that Canvas takes for columns of its own, and would pass over without a word. */
const CANVAS_COLUMNS = /(Current|Final) (Score|Points|Grade)|Override (Score|Grade|Status)/;

/** @throws RangeError where a title is empty, Canvas's own, or another column's */
function checkedTitles(titles: string[]): string[] {
  for (const [index, title] of titles.entries()) {
    const twice = STUDENT_COLUMNS.includes(title) || titles.indexOf(title) !== index;
    if (title.trim() === '' || twice || CANVAS_COLUMNS.test(title)) {
      const why = twice ? 'there is another column of that title' : 'Canvas would pass over it';
      throw new RangeError(`canvas.csv: the column "${printable(title)}" would get no grades, for ${why}. Give it another title.`);
    }
  }
  return titles.map(cell);
}

/** A student's name. Canvas takes any row that begins with these words for the points of the assignments. */
function studentCell(name: string): string {
  return cell(name.replaceAll('Points Possible', 'Points possible'));
}

/** Canvas reads digits at the start of anything as a number, and might find another student's. */
function canvasId(id: string | undefined): string | undefined {
  return id !== undefined && /^\d+$/.test(id) ? id : undefined;
}

function studentRow({ name, student, labs }: SubmissionResult) {
  const { canvasId: id, sisId = '', login = '', section = '' } = student ?? {};
  return [studentCell(student?.name ?? name), canvasId(id), ...[sisId, login, section].map(cell), ...labs.map(({ score }) => score!.final)];
}

/**
 * The text of `canvas.csv`. Students are found by ID, SIS ids or, at last, name.
 * @throws RangeError where Canvas would pass over a column of that title
 */
export function canvasText({ labs, submissions, columnTitles }: ClassResults): string {
  const graded = submissions.filter((submission) => totalOf(submission) !== undefined);
  const header = [...STUDENT_COLUMNS, ...checkedTitles(labs.map((lab) => columnTitles[lab.id] ?? lab.title))];
  const points = ['    Points Possible', '', '', '', '', ...labs.map((lab) => sumPoints([pointsMax(lab)]))];
  return csvText([header, points, ...graded.map(studentRow)], { bom: false });
}

export const canvas: Format = (results) => [{ path: 'canvas.csv', content: canvasText(results) }];
