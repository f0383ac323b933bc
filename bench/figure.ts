/** One measured figure: beside it its target, if the course has one, and how it was measured. */

export interface Figure {
  what: string;
  value: number;
  unit: string;
  /** The most it may be. */
  atMost?: number;
  how: string;
}

/** A figure as one line, e.g. `lecture page   48.9 KB  (at most 60 KB: met)  files sent, ...`. */
export function figureLine({ what, value, unit, atMost, how }: Figure): string {
  const target = atMost === undefined ? '' : `  (at most ${atMost} ${unit}: ${value <= atMost ? 'met' : 'MISSED'})`;
  return `${what.padEnd(46)} ${value.toFixed(value < 10 ? 2 : 1).padStart(8)} ${unit}${target}  ${how}`;
}

/** Middle value of some measurements. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Milliseconds that `run` takes. */
export async function timeMs(run: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await run();
  return performance.now() - startedMs;
}
