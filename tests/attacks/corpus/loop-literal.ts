/**
 * loop-literal: the same as a literal.
 */
export function start(): any {
  return {};
}

export function step(): any {
  /(a+)+$/.test(`${'a'.repeat(40)}b`);
  return [];
}
