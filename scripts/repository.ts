/** Where this repository is, and how to run its tools: always under the Node that runs us, so that no shell or PATH is in the way. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's folder, with a slash at the end. */
export const REPOSITORY = fileURLToPath(new URL('../', import.meta.url));

/** The built site. */
export const DIST = fileURLToPath(new URL('../dist/', import.meta.url));

/** Tools by name, as files of their packages. */
const TOOLS = {
  astro: 'node_modules/astro/bin/astro.mjs',
  eslint: 'node_modules/eslint/bin/eslint.js',
  prettier: 'node_modules/prettier/bin/prettier.cjs',
  'svelte-check': 'node_modules/svelte-check/bin/svelte-check',
  tsc: 'node_modules/typescript/bin/tsc',
  vitest: 'node_modules/vitest/vitest.mjs',
} as const;

export type Tool = keyof typeof TOOLS;

export interface ToolResult {
  /** Exit status; 1 where a signal ended it. */
  status: number;
  /** Standard output and error, in the order they came; empty if shown as it ran. */
  output: string;
}

/**
 * Runs a tool in the repository's folder.
 * @param options.show passes its output straight to the terminal instead of returning it
 */
export function runTool(tool: Tool, args: string[], options: { show?: boolean; env?: Record<string, string> } = {}): Promise<ToolResult> {
  const { show = false, env = {} } = options;
  // What is shown later on a terminal may have colours; what ends up in a file may not.
  const colour: Record<string, string> = show ? {} : process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' };
  const child = spawn(process.execPath, [REPOSITORY + TOOLS[tool], ...args], {
    cwd: REPOSITORY,
    env: { ...process.env, ASTRO_TELEMETRY_DISABLED: '1', ...colour, ...env },
    stdio: show ? 'inherit' : ['ignore', 'pipe', 'pipe'],
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ status: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
