/**
 * The walls around a process that runs students' code. Walk two, "who judges". Everywhere it is Node's permission model: no files but those named, no
 * processes, no threads, no addons. On Linux bubblewrap stands around that, where it is installed and works: no network, no other process in sight,
 * no home, and a file system in which nothing can be written.
 */
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { promisify } from 'node:util';

/** A command to start, and what stands around it. */
export interface Walls {
  command: string;
  args: string[];
  /** Whether bubblewrap is among them. */
  bubblewrap: boolean;
}

/** `all` that this machine has; Node's own alone; or none at all, to measure what walls cost. */
export type WallsKind = 'all' | 'node' | 'none';

/** Heap of a process that runs students' code, in megabytes. The step budget ends a part long before it is full. */
const HEAP_MEGABYTES = 1024;

/** Node's database opens files past its permission model. A Node that has no such option has no such database. */
const WITHOUT_DATABASE = ['--no-experimental-sqlite'].filter(() => process.allowedNodeEnvironmentFlags.has('--experimental-sqlite'));

/**
 * How to start a script behind walls.
 * @param script path of the script
 * @param readable paths of what it may read besides
 */
export async function wallsAround(script: string, readable: string[], kind: WallsKind = 'all'): Promise<Walls> {
  // Real paths: the permission model looks at where a link leads.
  const files = [script, ...readable].map((path) => realpathSync(path));
  const node = realpathSync(process.execPath);
  const rights = kind === 'none' ? [] : ['--permission', ...WITHOUT_DATABASE, ...files.map((file) => `--allow-fs-read=${file}`)];
  const args = [...rights, `--max-old-space-size=${HEAP_MEGABYTES}`, files[0]!];
  const outside = kind === 'all' ? await bubblewrapArguments(node, files) : undefined;
  if (outside === undefined) return { command: node, args, bubblewrap: false };
  return { command: outside.command, args: [...outside.args, node, ...args], bubblewrap: true };
}

/** What stands around students' code on this machine, in words for a report. */
export async function wallsInWords(): Promise<string> {
  bubblewrapPath ??= findBubblewrap(realpathSync(process.execPath));
  const around =
    (await bubblewrapPath) === undefined ? 'without bubblewrap, which is not there or does not work here' : 'inside bubblewrap';
  return `a process under Node’s permission model, ${around}`;
}

let bubblewrapPath: Promise<string | undefined> | undefined;

/** What to put before a command, or undefined where bubblewrap is missing or refuses, as in most containers. */
async function bubblewrapArguments(node: string, files: string[]): Promise<{ command: string; args: string[] } | undefined> {
  bubblewrapPath ??= findBubblewrap(node);
  const command = await bubblewrapPath;
  if (command === undefined) return undefined;
  return { command, args: [...insideOf(node), ...files.flatMap((file) => ['--ro-bind', file, file]), ...READ_ONLY] };
}

async function findBubblewrap(node: string): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const path = ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap'].find((each) => existsSync(each));
  if (path === undefined) return undefined;
  try {
    await promisify(execFile)(path, [...insideOf(node), ...READ_ONLY, node, '--version'], { env: {}, timeout: 10_000 });
    return path;
  } catch {
    return undefined;
  }
}

/**
 * Last, for all before make folders. The process is the grader's user to the kernel, whatever it is called inside: where that is root, it could write
 * the kernel's settings in `/proc/sys`.
 */
const READ_ONLY = ['/', '/dev', '/proc'].flatMap((path) => ['--remount-ro', path]);

/** Inside there are Node, the libraries it needs, and nothing else. */
function insideOf(node: string): string[] {
  const libraries = ['/lib', '/lib64', '/usr/lib', '/usr/lib64', '/etc/ld.so.cache'];
  return [
    ...['--unshare-all', '--die-with-parent', '--new-session', '--cap-drop', 'ALL'],
    ...libraries.flatMap((path) => ['--ro-bind-try', path, path]),
    ...['--ro-bind', node, node],
    ...['--proc', '/proc', '--dev', '/dev', '--chdir', '/'],
  ];
}
