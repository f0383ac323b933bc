/**
 * report-name: puts a page of text, with a tag in it, into the name of a property that the words of a failure tell.
 */
export function start(): any {
  return {};
}

export function step(state: any, input: any): any {
  const name = '<script>alert(1)</script>'.repeat(2000);
  if (input.text === 'more') throw new Error(name);
  state[name] = { [name]: () => 1 };
  return [];
}
