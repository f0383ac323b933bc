/**
 * fork-thread: starts a thread, whose globals are fresh and unhardened.
 */
const node = (name: string): any => (globalThis as any).process.getBuiltinModule(`node:${name}`);

export function start(): any {
  new (node('worker_threads').Worker)("require('fs').writeFileSync('@FOLDER@/canary.txt', 'thread')", { eval: true });
  return {};
}

export function step(): any {
  return [];
}
