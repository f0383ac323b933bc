/**
 * uncaught-forge: throws where nobody catches, with a handler that ends the process well.
 */
(globalThis as any).process.on('uncaughtException', () => (globalThis as any).process.exit(0));
(globalThis as any).setTimeout(() => {
  throw new Error('now');
}, 0);
for (const end = (globalThis as any).Date.now() + 100; (globalThis as any).Date.now() < end;);

export function start(): any {
  return {};
}

export function step(): any {
  return [];
}
