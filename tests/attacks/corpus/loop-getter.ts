/**
 * loop-getter: loops in a getter of what it returns, which runs where the grader looks.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const effect: any = {
    get kind() {
      for (;;);
    },
  };
  if (effect.kind) return [effect];
  return [];
}
