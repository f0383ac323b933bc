/**
 * Starts the child that runs a part: no files but the runtime, no processes, no threads, no environment, and bounds on what it may
 * take. Walk two, "who judges". What comes back is bytes that nobody has looked at yet.
 */
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Prepared } from '../labs-runtime/checks/host.ts';
import { CannotGrade } from './submissions.ts';

// Real paths: the permission model looks at where a link leads.
const childFile = realpathSync(fileURLToPath(new URL('child.mjs', import.meta.url)));

/** Bounds on a child. The step budget ends a part long before these do. */
const limits = {
  heapMegabytes: 1024,
  transcriptBytesMax: 256 * 1024 * 1024,
  standardErrorBytesMax: 16 * 1024,
  /** Milliseconds until a child counts as hung. No verdict comes from this clock, only "could not grade". */
  timeoutMs: 300_000,
};

/** What a child is to do. */
export interface ChildJob {
  runtimePath: string;
  prepared: Prepared;
  /** Titles of the checks to run; all of them if absent. */
  only?: string[];
}

/**
 * Runs a prepared submission in a child. Returns the transcript, or that the part took the child's memory.
 * Throws `CannotGrade` where the child did not come to its end for any other reason.
 */
export function recordInChild({ runtimePath: linkedPath, prepared, only }: ChildJob): Promise<Uint8Array | 'out of memory'> {
  const runtimePath = realpathSync(linkedPath);
  const child = spawn(process.execPath, childArguments(runtimePath), {
    env: {},
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: limits.timeoutMs,
    killSignal: 'SIGKILL',
  });
  const transcript = collect(child.stdout, limits.transcriptBytesMax, () => child.kill('SIGKILL'));
  const complaints = collect(child.stderr, limits.standardErrorBytesMax, () => undefined);
  // A child that dies early closes the pipe; what it died of is told by its exit.
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify({ runtimeUrl: pathToFileURL(runtimePath).href, prepared, only }));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      if (status === 0) return resolve(transcript());
      const words = Buffer.from(complaints()).toString('utf8').trim();
      if (/heap out of memory|Allocation failed/.test(words)) return resolve('out of memory');
      reject(new CannotGrade(`The process that ran the submission ended early (${signal ?? `status ${status}`}). ${words}`));
    });
  });
}

function childArguments(runtimePath: string): string[] {
  return [
    '--permission',
    `--allow-fs-read=${childFile}`,
    `--allow-fs-read=${runtimePath}`,
    `--max-old-space-size=${limits.heapMegabytes}`,
    childFile,
  ];
}

/** Gathers a stream up to a bound; past it, keeps what it has and calls `onTooMuch`. */
function collect(stream: NodeJS.ReadableStream, bytesMax: number, onTooMuch: () => void): () => Uint8Array {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks);
}
