/**
 * loop-regular-expression: matches a regular expression that tries everything.
 */
export function start(): any {
  return {};
}

export function step(): any {
  'a'.repeat(40).match('(a+)+$b' as any);
  return [];
}
