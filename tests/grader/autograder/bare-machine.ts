/**
 * A machine as a platform gives it: the programs of a plain Linux, one folder of its own, no network and nothing of this process's
 * environment. That takes bubblewrap; where it does not work, the folder stands in a temporary one and the network stays.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { REPOSITORY } from '../../../scripts/repository.ts';
import type { Ended } from '../command-process.ts';

export type { Ended };

/** Runs a program to its end. Nothing is added to `env`. */
export function run(command: string, args: string[], env: Record<string, string>, cwd: string): Promise<Ended> {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status: status ?? signal, out, error }));
  });
}

/** The command, as from a shell in `cwd`. */
export function lockstep(cwd: string, ...args: string[]): Promise<Ended> {
  return run(process.execPath, [join(REPOSITORY, 'grader/bin.js'), ...args], { PATH: process.env.PATH! }, cwd);
}

/** The program that makes rooms of their own for others, where it is installed. */
export const BUBBLEWRAP = ['/usr/bin/bwrap', '/usr/local/bin/bwrap'].find((path) => existsSync(path));

const WALLS = [
  ...['--unshare-all', '--die-with-parent', '--new-session', '--clearenv'],
  ...['/usr', '/bin', '/lib', '/lib64', '/etc/ld.so.cache'].flatMap((path) => ['--ro-bind-try', path, path]),
  ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
  // No image of theirs has it.
  ...['--ro-bind', '/dev/null', BUBBLEWRAP ?? ''],
];

/** Whether what runs inside is cut off from everything else. */
export const isolated = BUBBLEWRAP !== undefined && spawnSync(BUBBLEWRAP, [...WALLS, 'true']).status === 0;

export class BareMachine {
  /** Its folder, as programs inside see it. */
  readonly inside: string;
  readonly #outside = mkdtempSync(join(tmpdir(), 'lockstep-bare-'));
  readonly #tools: string[];

  /**
   * @param folder where its folder stands, e.g. `/autograder`
   * @param tools folders with programs that are installed on it besides, at the same path there
   */
  constructor(folder: string, tools: string[] = []) {
    this.inside = isolated ? folder : this.#outside;
    this.#tools = tools;
  }

  /** The path of something in its folder, as this process sees it. */
  at(...path: string[]): string {
    return join(this.#outside, ...path);
  }

  /** Writes files by their paths in its folder. */
  write(files: Record<string, string | Uint8Array>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(this.at(path)), { recursive: true });
      writeFileSync(this.at(path), content);
    }
  }

  /** Empties folders in its folder. */
  clear(...folders: string[]): void {
    for (const folder of folders) {
      rmSync(this.at(folder), { recursive: true, force: true });
      mkdirSync(this.at(folder), { recursive: true });
    }
  }

  /** Runs a program of its own in its folder, with `PATH` and `env` for an environment. */
  run(command: string, args: string[] = [], env: Record<string, string> = {}): Promise<Ended> {
    const all = { PATH: [...this.#tools, '/usr/bin', '/bin'].join(':'), ...env };
    if (!isolated) return run(command, args, all, this.#outside);
    const settings = Object.entries(all).flatMap(([name, value]) => ['--setenv', name, value]);
    const tools = this.#tools.flatMap((tool) => ['--ro-bind', tool, tool]);
    const place = [...tools, '--bind', this.#outside, this.inside, '--chdir', this.inside];
    return run(BUBBLEWRAP!, [...WALLS, ...place, ...settings, command, ...args], {}, this.#outside);
  }

  remove(): void {
    rmSync(this.#outside, { recursive: true });
  }
}
