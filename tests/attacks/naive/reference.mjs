/** The reference, as a naive grader keeps it beside the submission. */
export function start() {
  return { count: 0 };
}

export function step(state, { text }) {
  state.count += 1;
  return [{ kind: 'say', text, count: state.count }];
}
