/**
 * loop-classes: the same chain by classes.
 */
export function start(): any {
  return {};
}

export function step(): any {
  let Base: any = class {};
  for (let depth = 0; depth < 20_000; depth += 1) Base = class extends Base {};
  for (let name = 0; ; name += 1) Base[`x${name}`];
}
