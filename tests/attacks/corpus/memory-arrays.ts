/**
 * memory-arrays: fills the memory with arrays.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const all: any[] = [];
  for (;;) all.push(new Array(1000).fill(all));
}
