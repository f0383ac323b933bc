/**
 * loop-array-iterator: gives an array another iterator, and spreads it where arrays go by their length.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const list: any = [];
  list[Symbol.iterator] = () => ({ next: () => ({ done: false, value: 1 }) });
  new Set(list);
  return [];
}
