/**
 * loop-length: makes it that long by a loop whose variable is the length.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const list: any = [];
  for (list.length of [4e9]) void list;
  const [...all] = list;
  void all;
  return [];
}
