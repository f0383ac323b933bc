/**
 * memory-buffers: fills it with buffers, by a constructor that was bound.
 */
export function start(): any {
  return {};
}

export function step(): any {
  const Bound: any = (ArrayBuffer as any).bind(null, 1e9);
  const all: any[] = [];
  for (;;) all.push(new Uint8Array(new Bound()).fill(1));
}
