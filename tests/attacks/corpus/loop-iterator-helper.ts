/**
 * loop-iterator-helper: drops four thousand million items of an iterator.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const endless: any = { next: () => ({ done: false, value: 1 }) };
  Object.setPrototypeOf(endless, Object.getPrototypeOf(Object.getPrototypeOf([].values())));
  endless.drop(4e9).next();
  return [];
}
