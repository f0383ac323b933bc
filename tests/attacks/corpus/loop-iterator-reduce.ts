/**
 * loop-iterator-reduce: runs a builtin over an iterator, and no code of its own.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const list: any[] = [];
  list.push(...new Array(9000).fill(1));
  for (;;) (list.values() as any).reduce(Math.max, 0);
}
