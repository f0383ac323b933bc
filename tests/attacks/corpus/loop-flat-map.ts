/**
 * loop-flat-map: copies one long array again and again, as what a callback returns.
 */
export function start(): any {
  return { count: 0 };
}

export function step(state: any, input: any): any {
  const long: any = new Array(100_000).fill(1);
  for (let turn = 0; turn < 5000; turn += 1) [0].flatMap(() => long);
  state.count += 1;
  return [{ kind: 'say', text: input.text, count: state.count }];
}
