/**
 * tick-starve: the same with the queue before that.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const { process } = globalThis as any;
  const again = (): any => process.nextTick(again);
  again();
  return [];
}
