/**
 * loop-shared: returns forty arrays, each of which holds the next one twice: whoever looks at all of it looks for ever.
 */
export function start(): any {
  return {};
}

export function step(): any {
  let list: any[] = [];
  for (let depth = 0; depth < 40; depth += 1) list = [list, list];
  return list;
}
