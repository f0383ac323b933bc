/**
 * Packs the grader for a machine that has Node and nothing else of ours: one program of grader and intake, the runtime as it is everywhere,
 * the process for students' code, the chosen labs, and esbuild as WebAssembly, which runs on every system. Nothing of it is downloaded when
 * it grades.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { canonicalJson } from '../../labs-runtime/checks/canonical-json.ts';
import { loadRuntime } from '../grading/runtime.ts';
import { PACKED_LABS, type PackedLabs } from './packed/packed-labs.ts';

export interface PackedFile {
  /** Relative, with `/` between folders. */
  path: string;
  content: Uint8Array;
  executable?: boolean;
}

/** A file from a text. */
export function textFile(path: string, text: string, executable = false): PackedFile {
  return { path, content: Buffer.from(text, 'utf8'), executable };
}

const HERE = dirname(fileURLToPath(import.meta.url));

/** The parts of esbuild-wasm that its `lib/main.js` needs in Node. */
const ESBUILD_FILES = ['LICENSE.md', 'package.json', 'bin/esbuild', 'esbuild.wasm', 'lib/main.js', 'wasm_exec.js', 'wasm_exec_node.js'];

/**
 * The files of a packed grader, whose program is `grader.mjs`. The same arguments give the same bytes.
 * @param main name of the program's source in `packed/`
 */
export async function packGrader(main: string, packed: PackedLabs): Promise<PackedFile[]> {
  const runtime = await readFile((await loadRuntime()).path);
  return [
    textFile('grader.mjs', await bundleProgram(join(HERE, 'packed', main))),
    textFile(PACKED_LABS, canonicalJson(packed)),
    { path: 'recording-child.mjs', content: await readFile(join(HERE, '../grading/recording-child.mjs')) },
    { path: 'runtime.mjs', content: runtime },
    ...(await esbuildFiles()),
  ];
}

async function esbuildFiles(): Promise<PackedFile[]> {
  const folder = dirname(dirname(fileURLToPath(import.meta.resolve('esbuild-wasm'))));
  return Promise.all(ESBUILD_FILES.map(async (path) => ({ path: `esbuild-wasm/${path}`, content: await readFile(join(folder, path)) })));
}

async function bundleProgram(entry: string): Promise<string> {
  const result = await build({
    entryPoints: [entry],
    absWorkingDir: join(HERE, '../..'),
    outfile: 'grader.mjs',
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    charset: 'utf8',
    logLevel: 'silent',
    // Packages of the older kind ask for Node's modules by `require`.
    banner: { js: "import { createRequire } from 'node:module';\nconst require = createRequire(import.meta.url);" },
    plugins: [packedPlaces],
  });
  return result.outputFiles[0]!.text;
}

/** What a packed grader finds beside itself and not in a repository. */
const packedPlaces: Plugin = {
  name: 'packed-places',
  setup({ onResolve }) {
    // esbuild refuses to be bundled, and a folder called node_modules would be left out of a student's repository.
    onResolve({ filter: /^esbuild$/ }, () => ({ path: './esbuild-wasm/lib/main.js', external: true }));
    onResolve({ filter: /\/scripts\/runtime-bundle\.ts$/ }, () => ({ path: join(HERE, 'packed/runtime-bundle.ts') }));
    // Reads the labs of the repository as soon as it is loaded; no packed program asks for them.
    onResolve({ filter: /\/labs\.ts$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path), sideEffects: false }));
  },
};
