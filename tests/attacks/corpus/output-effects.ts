/**
 * output-effects: returns a list of effects that is longer than any.
 */
export function start(): any {
  return {};
}

export function step(): any {
  return new Array(3e8).fill({ kind: 'say', text: 'x'.repeat(60_000), count: 1 }).map((effect) => ({ ...effect }));
}
