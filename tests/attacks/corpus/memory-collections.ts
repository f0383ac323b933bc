/**
 * memory-collections: fills the memory with maps of maps.
 */
export function start(): any {
  return {};
}

export function step(): any {
  let map: any = new Map();
  for (let key = 0; ; key += 1) map = new Map([[key, map], ...new Array(50).fill(0).map((_, index): any => [index, new Map()])]);
}
