/**
 * loop-compare: sorts by a function that sorts.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const sort = (): any => [3, 2, 1].sort(() => sort() ?? 1);
  for (;;) {
    try {
      sort();
    } catch {
      continue;
    }
  }
}
