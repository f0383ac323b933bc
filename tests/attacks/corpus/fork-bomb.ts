/**
 * fork-bomb: starts processes that stay. (Five that sleep stand for as many as the machine bears.)
 */
const node = (name: string): any => (globalThis as any).process.getBuiltinModule(`node:${name}`);

export function start(): any {
  for (let count = 0; count < 5; count += 1)
    node('child_process')
      .spawn((globalThis as any).process.execPath, ['-e', '/* @MARK@ */ setTimeout(() => {}, 20000)'], { detached: true, stdio: 'ignore' })
      .unref();
  return {};
}

export function step(): any {
  return [];
}
