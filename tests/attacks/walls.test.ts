/**
 * What stands when the compartment does not: code with all rights of the child process, behind the same walls. Each attempt succeeds without walls, or
 * proves nothing; Node's permission model and bubblewrap are looked at one by one, and what the first does not stop is written here and in
 * `docs/security.md`.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Recorder, RecorderDied } from '../../grader/grading/recorder.ts';
import { loadRuntime } from '../../grader/grading/runtime.ts';
import type { Walls } from '../../grader/grading/walls.ts';
import { wallsAround } from '../../grader/grading/walls.ts';
import { echo, echoChecks, echoSolution } from '../grader/hosts.ts';
import { canaryServer, descendants, processesWith } from './canaries.ts';
import type { CanaryServer } from './canaries.ts';

const script = fileURLToPath(new URL('walls/attempts.mjs', import.meta.url));
const solution = fileURLToPath(new URL('../src/labs/failover/solutions/table.ts', import.meta.url));
const SECRET = 'w0rd';

/** What Node's permission model does not stop. With bubblewrap nothing is left of it. */
const BY_BUBBLEWRAP_ALONE = [
  'make a socket in the file system',
  'call a server',
  'call a server of the web',
  'send a datagram',
  'call a socket of the file system',
  'ask for an address',
  'signal the grader',
];

/** What bubblewrap alone does not stop: it does no harm there, for whatever comes of it is behind the same wall. */
const BY_PERMISSIONS_ALONE = ['start a process', 'become another process', 'start a thread', 'open the inspector', 'start WASI'];

/** What neither has to stop, for a child gets nothing. */
const BY_NOTHING_TO_FIND = ['find anything in its environment', 'find anything in its arguments', 'write to an inherited file'];

const attempts = [
  'read a file of the system',
  'read a file of the course',
  'read a file of the grader’s user',
  'list a folder',
  'read the grader’s environment',
  'read the grader’s memory map',
  'read by the binding below the module',
  'read through a link of its own',
  'read as a module',
  'write a file',
  'write a file by a database',
  'write a file by a report of the process',
  'write a file by a snapshot of the heap',
  'write files by the cache of compiled modules',
  'write a file by tracing',
  'write a file wherever that can be',
  'write a setting of the kernel',
  'remove a file',
  'start a process by the binding below the module',
  'allow itself more',
  'start with other options',
  ...BY_BUBBLEWRAP_ALONE,
  ...BY_PERMISSIONS_ALONE,
  ...BY_NOTHING_TO_FIND,
];

/** Settings of the kernel are root's. */
const isRoot = process.getuid?.() === 0;
const tried = attempts.filter((attempt) => isRoot || attempt !== 'write a setting of the kernel');

const everything = await wallsAround(script, []);
const ofNode = await wallsAround(script, [], 'node');
const none: Walls = { command: process.execPath, args: [script], bubblewrap: false };
/** Bubblewrap without Node's permission model in it. */
const ofBubblewrap: Walls = { ...everything, args: everything.args.filter((arg) => arg !== '--permission' && !arg.startsWith('--allow-')) };

let server: CanaryServer;
beforeAll(async () => void (server = await canaryServer()));
afterAll(() => server.close());

/** Makes an attempt behind walls, and says whether it got there. */
async function succeeds(attempt: string, { command, args }: Walls, isControl = false): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-walls-'));
  writeFileSync(join(folder, 'secret.mjs'), 'export default "secret";');
  writeFileSync(join(folder, 'victim'), '');
  const socket = join(folder, 'listening');
  const neighbour = createServer((connection) => connection.on('error', () => undefined).end());
  await new Promise<void>((resolve) => neighbour.listen(socket, resolve));
  const callsBefore = server.calls();
  const paths = {
    folder,
    socket,
    home: join(folder, 'victim'),
    victim: join(folder, 'victim'),
    secret: join(folder, 'secret.mjs'),
    solution,
  };
  const at = { ...paths, parent: process.pid, port: server.port, node: process.execPath };
  const output = await run(command, isControl ? [...args, SECRET] : args, JSON.stringify({ attempt, at }), isControl);
  const arrived = server.calls() > callsBefore;
  neighbour.close();
  rmSync(folder, { recursive: true, force: true });
  rmSync('/tmp/lockstep-written', { force: true });
  // A datagram leaves into nowhere, and its sender hears nothing of it.
  if (attempt === 'send a datagram') return arrived;
  return output.includes('"done"');
}

function run(command: string, args: string[], input: string, isControl: boolean): Promise<string> {
  // As the recorder does it; the control gets what it is to find.
  const child = spawn(command, args, {
    env: isControl ? { SECRET } : {},
    stdio: ['pipe', 'pipe', 'ignore', ...(isControl ? ['pipe' as const] : [])],
  });
  let output = '';
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')));
  child.stdin!.on('error', () => undefined);
  child.stdin!.end(input);
  return new Promise((resolve) => child.on('close', () => resolve(output)));
}

describe.runIf(process.platform === 'linux')('code that has broken out of its compartment', () => {
  test.each(tried)('can, without walls: %s', async (attempt) => {
    expect(await succeeds(attempt, none, true)).toBe(true);
  });

  test.each(tried)('cannot, or can, behind Node’s permission model alone: %s', async (attempt) => {
    expect(await succeeds(attempt, ofNode)).toBe(BY_BUBBLEWRAP_ALONE.includes(attempt));
  });

  describe.runIf(everything.bubblewrap)('with bubblewrap', () => {
    test.each(tried)('cannot, or can, behind it alone: %s', async (attempt) => {
      expect(await succeeds(attempt, ofBubblewrap)).toBe(BY_PERMISSIONS_ALONE.includes(attempt));
    });

    test.each(tried)('cannot, behind both: %s', async (attempt) => {
      expect(await succeeds(attempt, everything)).toBe(false);
    });
  });
});

/** A recorder whose child has been taken over. */
class Taken extends Recorder {
  answer = '';
  override async walls(): Promise<Walls> {
    const walls = await wallsAround(fileURLToPath(new URL('walls/broken-child.mjs', import.meta.url)), []);
    return { ...walls, args: [...walls.args, this.answer] };
  }
}

describe('a child that has been taken over answers', () => {
  async function prepared() {
    const { module, path, hash } = await loadRuntime();
    const files = { 'echo.ts': echoSolution };
    const preparation = await module.prepare(esbuild, { lab: echo, checksSource: echoChecks, files, runtimeHash: hash });
    return { module, path, job: preparation.prepared! };
  }

  /** Points of what a child answers, or why there are none. */
  async function outcomeOf(answer: string, timeoutMs?: number): Promise<number | string> {
    const { module, path, job } = await prepared();
    const taken = new Taken({ runtimePath: path, ...(timeoutMs !== undefined && { timeoutMs }) });
    taken.answer = answer;
    try {
      const recording = await taken.record(job);
      if (recording === 'out of memory') return recording;
      return (await module.judge(job, recording)).report.points;
    } catch (error) {
      if (!(error instanceof RecorderDied)) throw error;
      expect(error.message.length).toBeLessThan(20_000);
      return 'died';
    } finally {
      await taken.retire();
    }
  }

  test.each([
    ['a frame of nonsense', 0],
    ['two frames', 0],
    ['a frame, and bytes when nobody asks', 0],
    ['a length without an end', 'died'],
    ['a length, and too little', 'died'],
    ['as many bytes as it may', 0],
    ['complaints without an end', 'died'],
    ['memory until there is none', 'out of memory'],
    ['its end', 'died'],
  ])('%s, and gets %s', async (answer, outcome) => {
    expect(await outcomeOf(answer)).toBe(outcome);
  });

  test('nothing, and is ended by the clock, which gives no verdict', async () => {
    expect(await outcomeOf('nothing', 300)).toBe('died');
  });

  test('with what ends it, and the next submission gets another process', async () => {
    const { module, path, job } = await prepared();
    const taken = new Taken({ runtimePath: path });
    for (const [index, answer] of ['two frames', 'a frame, and bytes when nobody asks', 'a frame of nonsense'].entries()) {
      taken.answer = answer;
      await taken.retire();
      const { points } = (await module.judge(job, (await taken.record(job)) as Uint8Array)).report;
      expect([points, taken.generation]).toEqual([0, index + 1]);
    }
    await taken.retire();
    expect(
      (await module.judge(job, (await new Recorder({ runtimePath: path, submissionsMax: 1 }).record(job)) as Uint8Array)).report.points,
    ).toBe(6);
  });

  test('and leaves no process', () => {
    const taken = processesWith('broken-child.mjs');
    expect(descendants().filter((id) => taken.includes(id))).toEqual([]);
  });
});
