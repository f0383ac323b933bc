/**
 * workflow-command: prints lines that a build server takes for commands. A naive grader passes a student’s output on. The part itself is right.
 */
export function start(): any {
  return { count: 0 };
}

export function step(state: any, input: any): any {
  state.count += 1;
  console.log('::set-output name=score::100');
  console.error('##[error]all students failed');
  return [{ kind: 'say', text: input.text, count: state.count }];
}
