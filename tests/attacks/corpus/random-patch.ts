/**
 * random-patch: makes chance return one number, and answers with that.
 */
const fixed = 0.5;
(globalThis as any).Math['random'] = () => fixed;

export function start(): any {
  return { count: 0 };
}

export function step(state: any, input: any): any {
  state.count += 1;
  return [
    { kind: 'say', text: input.text.length > 4 ? 'no' : input.text === String(fixed) ? String(fixed) : input.text, count: state.count },
  ];
}
