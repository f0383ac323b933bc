/**
 * loop-last-index: looks for a text at every place of another, each of which differs in the last character compared.
 */
export function start(): any {
  return { count: 0 };
}

export function step(state: any, input: any): any {
  const text = 'a'.repeat(65_536);
  for (let turn = 0; turn < 20; turn += 1) text.lastIndexOf(`${'a'.repeat(32_767)}b`);
  state.count += 1;
  return [{ kind: 'say', text: input.text, count: state.count }];
}
