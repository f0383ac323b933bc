/**
 * All orders in which two cores can take three steps each, load, add and store, on one word: the figure of the chapter on many cores. A model
 * of its own, since this course's machine has one core: each step happens at one moment, and stores are seen at once.
 */
export type Core = 'a' | 'b';

export interface Interleaving {
  /** Which core takes each of the six steps. */
  order: readonly Core[];
  /** What the word is in the end, from 0. */
  result: number;
}

const STEPS = 3;

/** Every interleaving, in the order of words over the letters a and b. */
export function interleavings(): Interleaving[] {
  return orders(STEPS, STEPS).map((order) => ({ order, result: resultOf(order) }));
}

function orders(a: number, b: number): Core[][] {
  if (a === 0 && b === 0) return [[]];
  const first = a > 0 ? orders(a - 1, b).map((rest): Core[] => ['a', ...rest]) : [];
  const second = b > 0 ? orders(a, b - 1).map((rest): Core[] => ['b', ...rest]) : [];
  return [...first, ...second];
}

function resultOf(order: readonly Core[]): number {
  let word = 0;
  const cores = { a: { taken: 0, register: 0 }, b: { taken: 0, register: 0 } };
  for (const name of order) {
    const core = cores[name];
    if (core.taken === 0) core.register = word;
    else if (core.taken === 1) core.register++;
    else word = core.register;
    core.taken++;
  }
  return word;
}
