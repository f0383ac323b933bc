/**
 * memory-derived: fills it with buffers, by a class that was given another parent.
 */
export function start(): any {
  return {};
}

export function step(): any {
  class Parent {}
  class Child extends Parent {}
  (Child as any).__proto__ = Uint8Array;
  const all: any[] = [];
  for (;;) all.push(Uint8Array.prototype.fill.call(new (Child as any)(1e9), 1));
}
