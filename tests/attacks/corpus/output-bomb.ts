/**
 * output-bomb: prints for ever.
 */
export function start(): any {
  return {};
}

export function step(): any {
  for (;;) console.log('x'.repeat(60_000));
}
