/**
 * loop: loops for ever.
 */
export function start(): any {
  return {};
}

export function step(): any {
  for (;;);
}
