/**
 * loop-builtin-getter: answers with a getter that is no code of its own, so that it takes no step, and has no end.
 */
export function start(): any {
  return { count: 0 };
}

export function step(state: any, input: any): any {
  state.count += 1;
  const effect: any = { kind: 'say', text: input.text, count: state.count };
  const get = [].indexOf.bind({ length: 2 ** 53 - 1 } as any, 1 as never);
  // Every look for getters is at a step whose number is a power of two, or that none can know.
  if (state.count === 3) Object.defineProperty(effect, 'loop', { enumerable: true, get });
  return [effect];
}
