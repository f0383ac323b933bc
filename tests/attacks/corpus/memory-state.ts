/**
 * memory-state: keeps everything it was ever told in its state, many times over.
 */
export function start(): any {
  return { all: [] };
}

export function step(state: any, input: any): any {
  for (let times = 0; times < 1_000_000; times += 1) state.all.push([input.text, input.text + times, new Array(20).fill(times)]);
  return [];
}
