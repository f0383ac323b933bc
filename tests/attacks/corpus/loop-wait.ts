/**
 * loop-wait: waits for billions of items, one after the other, when its call has returned.
 */
export function start(): any {
  return { count: 0 };
}

export function step(state: any, input: any): any {
  void (Array as any).fromAsync({ length: 2 ** 32 - 1 });
  state.count += 1;
  return [{ kind: 'say', text: input.text, count: state.count }];
}
