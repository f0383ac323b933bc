/** The course's labs as data, for pages: each folder of `src/labs` that has a `lab.ts`. */
import { pointsMax, type Lab } from '../../labs-runtime/checks/lab.ts';

export { pointsMax };
export type { Lab };

/** All labs, in the order of their folders' names. */
export const labs: Lab[] = Object.values(import.meta.glob<{ lab: Lab }>('../labs/*/lab.ts', { eager: true })).map(({ lab }) => lab);
