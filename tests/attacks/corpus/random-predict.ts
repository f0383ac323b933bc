/**
 * random-predict: asks for the same chance ahead of the grader, and remembers what comes.
 */
const drawn: string[] = [];
const draw = (globalThis as any).Math['random'];
(globalThis as any).Math['random'] = () => {
  const value = draw();
  drawn.push(String(value));
  return value;
};

export function start(): any {
  return { count: 0 };
}

export function step(state: any, input: any): any {
  state.count += 1;
  return [{ kind: 'say', text: input.text.startsWith('0.') ? drawn.at(-1) : input.text, count: state.count }];
}
