/**
 * results-overwrite: writes full marks where the grader keeps its results, and ends the process before the grader writes its own.
 * A naive grader reads the file.
 */
const node = (name: string): any => (globalThis as any).process.getBuiltinModule(`node:${name}`);

export function start(): any {
  node('fs').writeFileSync('@FOLDER@/results.json', JSON.stringify({ score: 3, max: 3 }));
  (globalThis as any).process.exit();
  return {};
}

export function step(): any {
  return [];
}
