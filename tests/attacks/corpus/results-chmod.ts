/**
 * results-chmod: writes full marks and makes the file read-only. A naive grader cannot write over it, and goes on.
 */
const node = (name: string): any => (globalThis as any).process.getBuiltinModule(`node:${name}`);

node('fs').writeFileSync('@FOLDER@/results.json', JSON.stringify({ score: 3, max: 3 }));
node('fs').chmodSync('@FOLDER@/results.json', 0o444);

export function start(): any {
  return {};
}

export function step(): any {
  return [];
}
