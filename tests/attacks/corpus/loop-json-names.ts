/**
 * loop-json-names: has JSON.stringify look for thousands of names in thousands of objects.
 */
export function start(): any {
  return { count: 0 };
}

export function step(state: any, input: any): any {
  const names = Array.from({ length: 10_000 }, (_, index) => `name ${index}`);
  JSON.stringify(new Array(8000).fill({}), names);
  state.count += 1;
  return [{ kind: 'say', text: input.text, count: state.count }];
}
