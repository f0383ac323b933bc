/**
 * loop-prototypes-literal: the same chain by `__proto__` in literals.
 */
export function start(): any {
  return {};
}

export function step(): any {
  let object: any = {};
  for (let depth = 0; depth < 50_000; depth += 1) object = { __proto__: object };
  for (let name = 0; ; name += 1) object[`x${name}`];
}
