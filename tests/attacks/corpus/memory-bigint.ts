/**
 * memory-bigint: squares a number until it fills the memory.
 */
export function start(): any {
  return {};
}

export function step(): any {
  let number = 3n;
  for (;;) number *= number;
}
