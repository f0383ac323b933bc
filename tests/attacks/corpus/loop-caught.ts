/**
 * loop-caught: loops, and goes on by catching whatever stops it.
 */
export function start(): any {
  return {};
}

export function step(): any {
  for (;;) {
    try {
      for (;;);
    } catch {
      continue;
    } finally {
      step();
    }
  }
}
