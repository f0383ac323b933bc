/** Numbers of things in the words of a cluster. */

/** `1 output`, or `12 outputs`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
