/**
 * vm-generator: climbs from the prototype of generators, whose constructor is another one.
 */
export function start(): any {
  const Generator = Object.getPrototypeOf(function* () {}).constructor;
  Generator('process.exit(0)')().next();
  return {};
}

export function step(): any {
  return [];
}
