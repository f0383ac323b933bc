/**
 * `class.html`, a report for the instructor, and `students/<file name>.html`, one for each student to hand back. Each is one file that
 * loads nothing and works without its script. What comes from students is shown as text, whatever it is.
 */
import { asStudentsSee } from '../../results/as-students-see.ts';
import type { Format } from '../format.ts';
import { classPage } from './class-page.ts';
import { studentPath } from './entry.ts';
import { studentPage } from './student-page.ts';

export const html: Format = (results, extras = {}) => {
  const handedBack = asStudentsSee(results);
  return [
    { path: 'class.html', content: classPage(results, extras) },
    ...handedBack.submissions.map((submission) => ({
      path: studentPath(submission),
      content: studentPage(submission, handedBack, extras),
    })),
  ];
};
