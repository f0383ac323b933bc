/**
 * hidden-state: counts outside of its state, where a copy of the part counts anew.
 */
let count = 0;

export function start(): any {
  count = 0;
  return {};
}

export function step(_: any, input: any): any {
  count += 1;
  return [{ kind: 'say', text: input.text, count }];
}
