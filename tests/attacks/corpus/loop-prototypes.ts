/**
 * loop-prototypes: looks for what is not there along a chain of prototypes.
 */
export function start(): any {
  return {};
}

export function step(): any {
  let object: any = {};
  for (let depth = 0; depth < 50_000; depth += 1) object = Object.create(object);
  for (let name = 0; ; name += 1) object[`x${name}`];
}
