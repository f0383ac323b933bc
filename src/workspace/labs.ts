/** The course's labs as data, for pages: each folder of `src/labs` that has a `lab.ts`. */
import { inCourseOrder, pointsMax, type Lab } from '../../labs-runtime/checks/lab.ts';

export { pointsMax };
export type { Lab };

/** All labs, in the order of the course. */
export const labs: Lab[] = inCourseOrder(
  Object.values(import.meta.glob<{ lab: Lab }>('../labs/*/lab.ts', { eager: true })).map(({ lab }) => lab),
);
