/**
 * loop-spreadable: hands `concat` an object that says it is an array of two thousand million items.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const list: any = { length: 2e9, [Symbol.isConcatSpreadable]: true };
  for (;;) [].concat(list);
}
