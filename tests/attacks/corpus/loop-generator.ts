/**
 * loop-generator: takes items from a generator without an end.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const all = (function* (): any {
    for (;;) yield 1;
  })();
  for (const one of all) void one;
  return [];
}
