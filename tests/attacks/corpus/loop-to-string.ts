/**
 * loop-to-string: turns into text what turns itself into text.
 */
export function start(): any {
  return {};
}

export function step(): any {
  for (;;) {
    try {
      const text: any = { toString: () => `${text}` };
      `${text}`;
    } catch {
      continue;
    }
  }
}
