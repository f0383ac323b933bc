/**
 * postmessage-forge: posts a report of its own from the worker that it runs in. A naive page believes the first message.
 */
const node = (name: string): any => (globalThis as any).process.getBuiltinModule(`node:${name}`);

export function start(): any {
  node('worker_threads').parentPort.postMessage({ score: 3, max: 3 });
  return {};
}

export function step(): any {
  return [];
}
