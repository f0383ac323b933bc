/**
 * A disk that can be full: a file system in memory, of a given size, at one folder. Only its own shell sees it, so that nobody has to be root, and
 * nothing is left of it when the shell ends, however that comes. It takes bubblewrap.
 */
import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { REPOSITORY } from '../../scripts/repository.ts';
import { BUBBLEWRAP, type Ended } from './autograder/bare-machine.ts';

function disk(folder: string, kib: number): string[] {
  return ['--dev-bind', '/', '/', '--die-with-parent', '--size', String(kib * 1024), '--tmpfs', folder];
}

/** Whether there can be such disks here. */
export const hasSmallDisks = BUBBLEWRAP !== undefined && spawnSync(BUBBLEWRAP, [...disk('/tmp', 64), 'true']).status === 0;

export class SmallDisk {
  readonly #folder: string;
  readonly #kib: number;
  readonly #shell: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: Interface;

  /** @param folder where its folder `disk` is made, and commands run */
  constructor(folder: string, kib: number) {
    this.#folder = folder;
    this.#kib = kib;
    mkdirSync(join(folder, 'disk'));
    const args = [...disk(join(folder, 'disk'), kib), 'sh'];
    this.#shell = spawn(BUBBLEWRAP!, args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH } });
    this.#lines = createInterface(this.#shell.stdout);
  }

  /** Runs a program in the folder, and lets its output go beside the disk. */
  async run(command: string, ...args: string[]): Promise<Ended> {
    const words = [command, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const status = once(this.#lines, 'line');
    this.#shell.stdin.write(`${words} > out.txt 2> error.txt < /dev/null; echo $?\n`);
    const [line] = (await status) as [string];
    const [out, error] = ['out.txt', 'error.txt'].map((name) => readFileSync(join(this.#folder, name), 'utf8')) as [string, string];
    return { status: Number(line), out, error };
  }

  /** The command. */
  lockstep(...args: string[]): Promise<Ended> {
    return this.run(process.execPath, join(REPOSITORY, 'grader/bin.js'), ...args);
  }

  /** Puts something else on the disk, so that so much room is left. */
  async leave(kib: number): Promise<void> {
    await this.run('sh', '-c', `head -c ${(this.#kib - kib) * 1024} /dev/zero > disk/something-else`);
  }

  /** Takes it away again. */
  async makeRoom(): Promise<void> {
    await this.run('rm', 'disk/something-else');
  }

  /** Copies a folder of the disk to where everybody sees it, as it is now. */
  async show(name: string, as: string): Promise<string> {
    await this.run('cp', '-r', join('disk', name), as);
    return join(this.#folder, as);
  }

  async end(): Promise<void> {
    const ended = once(this.#shell, 'close');
    this.#shell.stdin.end();
    await ended;
  }
}
