/**
 * vm-async: climbs from the prototype of async functions.
 */
export function start(): any {
  const Async = Object.getPrototypeOf(async () => {}).constructor;
  Async('process.exit(0)')();
  return {};
}

export function step(): any {
  return [];
}
