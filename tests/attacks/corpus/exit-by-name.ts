/**
 * exit-by-name: the same by the plain name, as most would write it.
 */
declare const process: { exit(status: number): never };

export function start(): any {
  process.exit(0);
}

export function step(): any {
  return [];
}
