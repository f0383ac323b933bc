/**
 * loop-far-item: makes an array four thousand million items long by one assignment, and takes it apart.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const list: any[] = [];
  list[4e9] = 1;
  const [first, ...others] = list;
  void [first, others];
  return [];
}
