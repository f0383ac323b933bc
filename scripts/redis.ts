/**
 * A Redis for tests and benchmarks: the one `REDIS_SERVER` names, else an installed one, else, on Debian and Ubuntu as root, one that is installed.
 * Each run of one has a port and a folder of its own.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aptInstall, canAptInstall } from './debian-package.ts';

const HOW_TO_GET_ONE =
  'The tests of the queue need redis-server, and none was found.\n' +
  '  Debian, Ubuntu:  sudo apt-get install redis-server\n' +
  '  Fedora:          sudo dnf install redis   (or valkey)\n' +
  '  macOS:           brew install redis\n' +
  '  Windows:         run the tests in WSL, with Ubuntu’s package\n' +
  'If you have one in another place, name it: REDIS_SERVER=/path/to/redis-server npm test';

/** Most wanted first. */
const NAMES = ['redis-server', '/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server', 'valkey-server'];

function starts(command: string): boolean {
  return spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The command that starts a Redis. @throws Error whose message says how to get one */
export function findRedis(): string {
  const named = process.env['REDIS_SERVER'];
  if (named !== undefined && named !== '') {
    if (!starts(named))
      throw new Error(`REDIS_SERVER names ${named}, which does not start. Correct it, or unset it to search the usual places.`);
    return named;
  }
  const found = NAMES.find(starts);
  if (found !== undefined) return found;
  if (canAptInstall()) aptInstall('redis-server');
  const fresh = NAMES.find(starts);
  if (fresh === undefined) throw new Error(HOW_TO_GET_ONE);
  return fresh;
}

export interface RedisServerOptions {
  /** Whether it has what it was told again after it was killed. */
  isPersistent?: boolean;
  password?: string;
}

/** A Redis of one's own, which can be killed and started again. */
export class RedisServer {
  readonly port: number;
  readonly url: string;
  readonly #command: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'lockstep-redis-'));
  readonly #options: RedisServerOptions;
  #process: ChildProcess | undefined;

  private constructor(command: string, port: number, options: RedisServerOptions) {
    this.#command = command;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
    this.#options = options;
  }

  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = new RedisServer(findRedis(), await freePort(), options);
    await server.start();
    return server;
  }

  /** Starts it, or starts it again; done when it takes connections. */
  async start(): Promise<void> {
    const { isPersistent = false, password = '' } = this.#options;
    const where = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.#folder];
    const what = ['--save', '', '--appendonly', isPersistent ? 'yes' : 'no', '--requirepass', password, '--maxmemory-policy', 'noeviction'];
    const child = spawn(this.#command, [...where, ...what], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString('utf8');
        if (output.includes('Ready to accept connections')) resolve();
      });
      child.on('error', reject);
      child.on('close', () => reject(new Error(`redis-server ended:\n${output}`)));
    });
  }

  /** Ends it as a loss of its machine would. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    this.#process = undefined;
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A port that nobody listens at. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
