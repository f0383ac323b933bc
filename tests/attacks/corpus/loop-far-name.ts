/**
 * loop-far-name: makes it that long by a text in place of a number.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const list: any = [];
  list[String(4e9)] = 1;
  const [...all] = list;
  void all;
  return [];
}
