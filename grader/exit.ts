/** Exit statuses of the commands that grade and list. */
export const EXIT = { pass: 0, fail: 1, notGraded: 2 } as const;
