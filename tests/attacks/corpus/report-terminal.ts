/**
 * report-terminal: puts characters into the words of a failure that move the cursor and turn the reading direction.
 */
export function start(): any {
  return {};
}

export function step(): any {
  return [{ kind: '\u001b[2J\u001b[32mpass', text: '\u202e\r::error::', count: 0 }];
}
