/**
 * The labs' files as text, each loaded when asked for: what the editor shows, what IntelliSense knows, what the pipeline compiles.
 * Paths are those of the repository, from its root, so that imports between the files resolve as they do there.
 */

type Loader = () => Promise<unknown>;

const checks = import.meta.glob('../labs/*/checks.ts', { query: '?raw', import: 'default' }) as Record<string, Loader>;
const apis = import.meta.glob(['../labs/*/api.ts', '../../labs-runtime/ft/*-api.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
}) as Record<string, string>;

/** A file's text under its path from the repository's root. */
export interface SourceFile {
  path: string;
  text: string;
}

function fromRoot(path: string): string {
  return path.replace(/^(\.\.\/)+labs\//, 'src/labs/').replace(/^(\.\.\/)+labs-runtime\//, 'labs-runtime/');
}

/** The types a student's file may import, with what they stand on. A few kilobytes, always loaded. */
export function apiSources(): SourceFile[] {
  return Object.entries(apis).map(([path, text]) => ({ path: fromRoot(path), text }));
}

/** Text of a lab's `checks.ts`. */
export async function checksSource(labId: string): Promise<string> {
  const load = checks[`../labs/${labId}/checks.ts`];
  if (!load) throw new Error(`there is no src/labs/${labId}/checks.ts`);
  return (await load()) as string;
}

/** The runtime's sources, for reading `checks.ts` with IntelliSense. Loaded when that file is opened. */
export async function runtimeSources(): Promise<SourceFile[]> {
  const { sources } = await import('./runtime-sources.ts');
  return Object.entries(sources).map(([path, text]) => ({ path: fromRoot(path), text }));
}

/** Where a student's file stands for the editor and for IntelliSense. */
export function studentPath(labId: string, file: string): string {
  return `src/labs/${labId}/starter/${file}`;
}

export function checksPath(labId: string): string {
  return `src/labs/${labId}/checks.ts`;
}
