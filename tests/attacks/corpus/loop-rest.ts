/**
 * loop-rest: gathers the rest of a long set again and again where a function takes its arguments.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const list = new Set(Array.from({ length: 9000 }, (_, index) => index));
  const rest = ([, ...others]: any) => others;
  for (;;) rest(list);
}
