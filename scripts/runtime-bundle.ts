/**
 * Builds the runtime of the checks into one ES module, which the page's workers, the command and its children all load.
 * A build is kept in node_modules/.cache/lockstep beside a list of what went into it, and made again when any of that has changed.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, version } from 'esbuild';
import type { BuildOptions } from 'esbuild';

/** The runtime's text, and its SHA-256 in hex, which every report carries. */
export interface Runtime {
  code: string;
  hash: string;
}

/** The runtime as a file. */
export interface RuntimeFile extends Runtime {
  path: string;
}

/** What a kept build was made of. */
interface BuildRecord {
  /** Digest of this script's options and of esbuild's version. */
  recipe: string;
  /** Path of every input, relative to the repository, with the digest of its bytes. */
  inputs: Record<string, string>;
  hash: string;
}

const repository = new URL('../', import.meta.url);
const cache = new URL('node_modules/.cache/lockstep/', repository);

const options = {
  entryPoints: ['labs-runtime/checks/runtime.ts'],
  bundle: true,
  format: 'esm',
  target: 'es2022',
  platform: 'browser',
  charset: 'utf8',
  legalComments: 'none',
  minifySyntax: true,
  minifyWhitespace: true,
  alias: { '@vitest/utils/timers': './labs-runtime/checks/inert-timers.ts' },
} satisfies BuildOptions;

/** The runtime, built now or kept from before. */
export async function buildRuntime(): Promise<Runtime> {
  return runtimeFile();
}

/** The runtime as a file that can be imported. */
export async function runtimeFile(): Promise<RuntimeFile> {
  const recipe = digest(JSON.stringify({ options, version }));
  const kept = await readRecord();
  if (kept !== undefined && kept.recipe === recipe && (await areUnchanged(kept.inputs))) {
    const path = pathOf(kept.hash);
    const code = await readFile(path, 'utf8').catch(() => undefined);
    if (code !== undefined && digest(code) === kept.hash) return { code, hash: kept.hash, path };
  }
  return buildFresh(recipe);
}

async function buildFresh(recipe: string): Promise<RuntimeFile> {
  const absWorkingDir = fileURLToPath(repository);
  const result = await build({ ...options, absWorkingDir, write: false, metafile: true, logLevel: 'silent' });
  const code = result.outputFiles[0]!.text;
  const hash = digest(code);
  const names = Object.keys(result.metafile.inputs).filter((name) => !name.includes(':'));
  const inputs = Object.fromEntries(await Promise.all(names.sort().map(async (name) => [name, await digestFile(name)] as const)));
  await mkdir(cache, { recursive: true });
  await replaceFile(pathOf(hash), code);
  await replaceFile(fileURLToPath(new URL('runtime.json', cache)), JSON.stringify({ recipe, inputs, hash } satisfies BuildRecord));
  return { code, hash, path: pathOf(hash) };
}

function pathOf(hash: string): string {
  return fileURLToPath(new URL(`runtime-${hash.slice(0, 16)}.mjs`, cache));
}

async function readRecord(): Promise<BuildRecord | undefined> {
  try {
    return JSON.parse(await readFile(new URL('runtime.json', cache), 'utf8')) as BuildRecord;
  } catch {
    return undefined;
  }
}

async function areUnchanged(inputs: Record<string, string>): Promise<boolean> {
  const same = await Promise.all(Object.entries(inputs).map(async ([name, before]) => (await digestFile(name)) === before));
  return same.every(Boolean);
}

async function digestFile(name: string): Promise<string> {
  try {
    return digest(await readFile(new URL(name, repository)));
  } catch {
    return 'missing';
  }
}

function digest(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Writes beside and renames, so that another process never reads half a file. */
async function replaceFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${process.pid}`;
  await writeFile(beside, text);
  await rename(beside, path);
}
