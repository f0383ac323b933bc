/**
 * exfiltrate-file: leaves what it sees where another can find it.
 */
const node = (name: string): any => (globalThis as any).process.getBuiltinModule(`node:${name}`);

export function start(): any {
  node('fs').writeFileSync('@FOLDER@/canary.txt', String((globalThis as any).process.cwd()));
  return {};
}

export function step(): any {
  return [];
}
