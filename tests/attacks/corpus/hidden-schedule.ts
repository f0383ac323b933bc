/**
 * hidden-schedule: counts outside of its state, but for the steps that are repeated at fixed places.
 */
let count = 0;

function isRepeated(step: number): boolean {
  return step % 16 === 0 || (step & (step - 1)) === 0;
}

export function start(): any {
  count = 0;
  return { steps: 0, count: 0 };
}

export function step(state: any, input: any): any {
  state.steps += 1;
  if (isRepeated(state.steps)) count = state.count;
  count += 1;
  state.count = isRepeated(state.steps + 1) ? count : 0;
  return [{ kind: 'say', text: input.text, count }];
}
