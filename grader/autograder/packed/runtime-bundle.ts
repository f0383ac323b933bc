/** In a packed grader this stands for `scripts/runtime-bundle.ts`: the runtime was built when the grader was packed, and lies beside it. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { RuntimeFile } from '../../../scripts/runtime-bundle.ts';
import { sha256 } from '../../sha256.ts';

/** The runtime as a file that can be imported; its hash is that of its bytes, so that a report names what ran. */
export async function runtimeFile(): Promise<RuntimeFile> {
  const path = fileURLToPath(new URL('runtime.mjs', import.meta.url));
  const code = await readFile(path, 'utf8');
  return { code, hash: sha256(code), path };
}
