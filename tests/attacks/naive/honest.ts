/** A right part, which a naive grader passes as ours does. */
interface State {
  count: number;
}

export function start(): State {
  return { count: 0 };
}

export function step(state: State, input: { text: string }): object[] {
  state.count += 1;
  return [{ kind: 'say', text: input.text, count: state.count }];
}
