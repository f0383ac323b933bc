/**
 * loop-async: loops for ever in turns that wait.
 */
export function start(): any {
  return {};
}

export function step(): any {
  (async () => {
    for (;;) await undefined;
  })();
  return [];
}
