/**
 * proto-dunder: the same through `__proto__`, where the name of the prototype is watched.
 */
const anything: any = {};
anything.__proto__.skip = true;

export function start(): any {
  return {};
}

export function step(): any {
  return [];
}
