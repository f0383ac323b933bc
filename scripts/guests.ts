/**
 * `npm run guests`: compiles the guests of `labs-runtime/guests/src`, all or those named behind `--`, and writes the `<name>.image.ts` of each.
 * Needs clang and lld (Debian: `apt-get install --no-install-recommends clang lld`); running the course does not, since the images are committed.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GuestImage } from '../labs-runtime/guests/guest-image.ts';

const GUESTS_FOLDER = fileURLToPath(new URL('../labs-runtime/guests/', import.meta.url));
const SOURCE_FOLDER = join(GUESTS_FOLDER, 'src');

/** Sources that every guest is built from, beside its assembly, its own C file and the headers that this one includes. */
const SHARED_SOURCES = ['link.ld', 'runtime.h'];

/** Assembly of a guest that is not listed below. */
const USUAL_ASSEMBLY = ['start.S'];

/** Assembly of the guests that start in another way, or take their traps in another. */
const ASSEMBLY: Record<string, string[]> = {
  racer: ['start-harts.S'],
  shell: ['start.S', 'trap-frame.S'],
  traps: ['start.S', 'trap-frame.S'],
};

/** clang 14 takes no `_zicsr` in `-march`; with plain `rv32ima` it assembles CSR access all the same. */
const FLAGS = [
  '--target=riscv32-unknown-elf',
  '-march=rv32ima',
  '-mabi=ilp32',
  '-O2',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-ffreestanding',
  '-nostdlib',
  '-mno-relax',
  '-fuse-ld=lld',
  '-Wl,-T,link.ld',
  '-Wl,--oformat,binary',
];

/** Name of each guest: the C files of the source folder. */
export function guestNames(): string[] {
  return readdirSync(SOURCE_FOLDER)
    .filter((file) => file.endsWith('.c'))
    .map((file) => file.slice(0, -'.c'.length))
    .sort();
}

/** SHA-256, hex. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** The files that a guest is built from, the shared ones first. */
function sourcesOf(name: string): string[] {
  const own = `${name}.c`;
  return [...new Set([...SHARED_SOURCES, ...assemblyOf(name), ...includedBy(own), own])];
}

function assemblyOf(name: string): string[] {
  return ASSEMBLY[name] ?? USUAL_ASSEMBLY;
}

/** The headers of ours that a source includes, each behind those that it includes itself. */
function includedBy(file: string): string[] {
  const included = readFileSync(join(SOURCE_FOLDER, file), 'utf8').matchAll(/^#include "(.+)"/gm);
  return Array.from(included, (match) => match[1]!).flatMap((header) => [...includedBy(header), header]);
}

/** SHA-256, hex, of a guest's source list: one line a file with its hash, then one line with the flags. Line ends are LF for the hash. */
export function sourceListSha256(name: string): string {
  const lines = sourcesOf(name).map((file) => {
    const text = readFileSync(join(SOURCE_FOLDER, file), 'utf8').replaceAll('\r\n', '\n');
    return `${file} ${sha256(text)}`;
  });
  return sha256([...lines, FLAGS.join(' '), ''].join('\n'));
}

/** Name and version of the clang on the PATH, e.g. `clang 14.0.6`; undefined if there is none. */
export function compilerVersion(): string | undefined {
  try {
    const version = /clang version (\d+\.\d+\.\d+)/.exec(execFileSync('clang', ['--version'], { encoding: 'utf8' }));
    return version ? `clang ${version[1]}` : undefined;
  } catch {
    return undefined;
  }
}

/** Compiles one guest to a flat image. Throws what the compiler said. */
export function compileGuest(name: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-guest-'));
  try {
    const image = join(folder, `${name}.bin`);
    const sources = [...assemblyOf(name), `${name}.c`];
    execFileSync('clang', [...FLAGS, ...sources, '-o', image], { cwd: SOURCE_FOLDER, stdio: ['ignore', 'ignore', 'pipe'] });
    return new Uint8Array(readFileSync(image));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The text of a `<name>.image.ts`. */
export function imageFile(name: string, image: GuestImage): string {
  return `/**
 * The guest \`${name}\`, built from \`src/${name}.c\`. Generated: do not edit, run \`npm run guests\` after a change of the sources.
 */
import type { GuestImage } from './guest-image.ts';

export const image: GuestImage = {
  imageSha256: '${image.imageSha256}',
  sourceListSha256: '${image.sourceListSha256}',
  compiler: '${image.compiler}',
  base64: '${image.base64}',
};
`;
}

/** Builds the guests named, or all of them if none is. */
function main(names: string[]): void {
  const unknown = names.find((name) => !guestNames().includes(name));
  if (unknown !== undefined) {
    console.error(`There is no guest ${unknown}. The guests are ${guestNames().join(', ')}.`);
    process.exitCode = 1;
    return;
  }
  const compiler = compilerVersion();
  if (compiler === undefined) {
    console.error(
      'Building the guests needs clang and lld on the PATH, and there is no clang. Debian: apt-get install --no-install-recommends clang lld',
    );
    process.exitCode = 1;
    return;
  }
  for (const name of names.length > 0 ? names : guestNames()) {
    const bytes = compileGuest(name);
    const image = {
      imageSha256: sha256(bytes),
      sourceListSha256: sourceListSha256(name),
      compiler,
      base64: Buffer.from(bytes).toString('base64'),
    };
    writeFileSync(join(GUESTS_FOLDER, `${name}.image.ts`), imageFile(name, image));
    console.log(`${name}: ${bytes.length} bytes, SHA-256 ${image.imageSha256.slice(0, 12)}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
