/**
 * loop-delegate: hands an endless iterator to what takes one, from a generator that only delegates.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const list: any[] = [];
  list[4e9] = 1;
  const all = (function* (): any {
    yield* list;
  })();
  const [...items] = all;
  void items;
  return [];
}
