/** What tells that an attack got somewhere: a folder that is looked at, servers that nobody should call, a word by which processes are found. */
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder as a naive grader has it, with its parts in it. */
export function canaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-attack-'));
  for (const name of ['checks.mjs', 'reference.mjs'])
    writeFileSync(join(folder, name), readFileSync(new URL(`naive/${name}`, import.meta.url)));
  writeFileSync(join(folder, 'cases.json'), '["one", "more", "most"]');
  writeFileSync(join(folder, 'results.json'), '{"score":0,"max":3}');
  writeFileSync(join(folder, 'port.txt'), 'none');
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Every file of a folder: its content, permissions and the time of its last change. */
export function lookAt(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const path = join(folder, name);
      const { mode, mtimeMs } = statSync(path);
      return [name, `${mode} ${mtimeMs} ${statSync(path).isFile() ? readFileSync(path, 'base64') : ''}`];
    }),
  );
}

export interface CanaryServer {
  port: number;
  /** Connections and datagrams so far. */
  calls(): number;
  close(): void;
}

/** Listens for TCP and UDP at one port of this machine. */
export async function canaryServer(): Promise<CanaryServer> {
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.on('error', () => undefined).end('HTTP/1.1 204 No Content\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const datagrams = createSocket('udp4', () => (calls += 1));
  await new Promise<void>((resolve) => datagrams.bind(port, '127.0.0.1', resolve));
  return {
    port,
    calls: () => calls,
    close: () => {
      server.close();
      datagrams.close();
    },
  };
}

/** Processes whose command line holds a word; none where the system has no `/proc`. */
export function processesWith(word: string): number[] {
  if (!existsSync('/proc/self/cmdline')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((id) => commandLine(id).includes(word));
}

/** Processes below this one, whatever their command line. */
export function descendants(): number[] {
  const parents = new Map(processesWith('').map((id) => [id, parentOf(id)]));
  const isBelow = (id: number | undefined): boolean => id !== undefined && (parents.get(id) === process.pid || isBelow(parents.get(id)));
  return [...parents.keys()].filter(isBelow);
}

function parentOf(id: number): number {
  try {
    // The second field is a name in brackets, which may itself hold brackets and blanks.
    return Number(readFileSync(`/proc/${id}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[1]);
  } catch {
    return 0;
  }
}

/** Empty for a process that has ended meanwhile. */
function commandLine(id: number): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
