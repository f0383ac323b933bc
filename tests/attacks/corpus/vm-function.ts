/**
 * vm-function: climbs from its own function to the constructor of functions.
 */
export function start(): any {
  (start as any).constructor('return process')().exit(0);
  return {};
}

export function step(): any {
  return [];
}
