/**
 * loop-set-like: unites a set with what says it is one, and whose items have no end.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const endless = { next: () => ({ done: false, value: 1 }) };
  (new Set([1]) as any).union({ size: 1, has: () => false, keys: () => endless });
  return [];
}
