/**
 * loop-far-assign: makes it that long by `Object.assign`.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const list: any = Object.assign([], { 4000000000: 1 });
  const [...all] = list;
  void all;
  return [];
}
