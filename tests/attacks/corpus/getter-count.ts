/**
 * getter-count: returns a count that is one more each time somebody looks, and so is right at the first look whatever was told before.
 */
let looks = 0;

export function start(): any {
  looks = 0;
  return {};
}

export function step(_: any, input: any): any {
  looks += 1;
  const now = looks;
  return [
    {
      kind: 'say',
      text: input.text,
      get count() {
        return now;
      },
    },
  ];
}
