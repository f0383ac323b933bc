/**
 * A process that runs students' code behind walls (`walls.ts`), one submission after the other, since a warm one takes half the time. Walk two, "who
 * judges". What comes back is bytes that nobody has looked at yet. Between two submissions stands the compartment in which each is evaluated anew;
 * `audit.ts` notices one that got out of it.
 */
import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { realpathSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Prepared } from '../../labs-runtime/checks/host.ts';
import type { Walls, WallsKind } from './walls.ts';
import { wallsAround } from './walls.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

export type Recording = Uint8Array | 'out of memory';

/** The process ended before it was done: trouble of the machine's, or a way to end it that nobody knows of. Worth another try. */
export class RecorderDied extends Error {}

/** Bounds on a process. The step budget ends a part long before these do. */
const TRANSCRIPT_BYTES_MAX = 256 * 1024 * 1024;
const STANDARD_ERROR_BYTES_MAX = 16 * 1024;
const TIMEOUT_MS = 300_000;

/** Submissions that one process runs, unless another number is asked for. */
const SUBMISSIONS_MAX = 64;

export interface RecorderOptions {
  runtimePath: string;
  /** How many submissions one process runs at most. */
  submissionsMax?: number;
  walls?: WallsKind;
  /** Until a process counts as hung. No verdict comes from this clock. */
  timeoutMs?: number;
}

/** Runs prepared submissions, one at a time. */
export class Recorder {
  readonly #runtimePath: string;
  readonly #submissionsMax: number;
  readonly #kind: WallsKind;
  readonly #timeoutMs: number;
  #walls: Promise<Walls> | undefined;
  #session: Session | undefined;
  /** Counts the processes, so that what one has run can be told. */
  generation = 0;

  constructor({ runtimePath, submissionsMax = SUBMISSIONS_MAX, walls = 'all', timeoutMs = TIMEOUT_MS }: RecorderOptions) {
    this.#timeoutMs = timeoutMs;
    this.#kind = walls;
    this.#runtimePath = realpathSync(runtimePath);
    this.#submissionsMax = submissionsMax;
  }

  /** Runs a submission, or some of its checks. @throws RecorderDied */
  async record(prepared: Prepared, only?: string[]): Promise<Recording> {
    if (this.#session?.isOver === true) await this.retire();
    if (this.#session === undefined) {
      this.generation += 1;
      this.#session = new Session(await this.walls(), this.#timeoutMs);
    }
    const job = { runtimeUrl: pathToFileURL(this.#runtimePath).href, prepared, only };
    const recording = await this.#session.ask(Buffer.from(JSON.stringify(job), 'utf8'));
    if (recording === 'out of memory' || this.#session.jobs >= this.#submissionsMax) await this.retire();
    return recording;
  }

  /** What stands around the process. */
  walls(): Promise<Walls> {
    const script = fileURLToPath(new URL('recording-child.mjs', import.meta.url));
    this.#walls ??= wallsAround(script, [this.#runtimePath], this.#kind);
    return this.#walls;
  }

  /** Ends the process; the next submission gets another. */
  async retire(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.end();
  }
}

/** One process, from its start to its end. */
class Session {
  readonly #child: Child;
  readonly #ended: Promise<void>;
  readonly #timeoutMs: number;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  #complaints = '';
  jobs = 0;
  isOver = false;
  #isAsked = false;
  /** Called when something has happened: bytes have come, or the process has ended. */
  #notify = () => {};

  constructor({ command, args }: Walls, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#child = spawn(command, args, { env: {}, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#complaints = (this.#complaints + chunk.toString('utf8')).slice(0, STANDARD_ERROR_BYTES_MAX);
    });
    // A process that dies early closes the pipe; what it died of is told by its end.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => {
      const over = () => {
        this.isOver = true;
        this.#notify();
        resolve();
      };
      this.#child.on('error', (error) => {
        this.#complaints += error.message;
        over();
      });
      this.#child.on('close', over);
    });
  }

  async ask(job: Buffer): Promise<Recording> {
    this.jobs += 1;
    this.#isAsked = true;
    const length = Buffer.alloc(4);
    length.writeUInt32LE(job.length);
    this.#child.stdin.write(Buffer.concat([length, job]));
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), this.#timeoutMs);
    try {
      return await this.#answer();
    } finally {
      clearTimeout(timer);
      this.#isAsked = false;
    }
  }

  async #answer(): Promise<Recording> {
    for (;;) {
      const answer = this.#takeFrame();
      if (answer !== undefined) return answer;
      if (this.isOver) return this.#whatItDiedOf();
      await new Promise<void>((resolve) => (this.#notify = resolve));
    }
  }

  #takeFrame(): Uint8Array | undefined {
    if (this.#receivedBytes < 4) return undefined;
    if (this.#received[0]!.length < 4) this.#received = [Buffer.concat(this.#received)];
    const end = 4 + this.#received[0]!.readUInt32LE(0);
    if (end > TRANSCRIPT_BYTES_MAX) this.#child.kill('SIGKILL');
    if (this.#receivedBytes < end) return undefined;
    // More than was asked for: whatever it is, nothing of this process counts from here on.
    if (this.#receivedBytes > end) this.#child.kill('SIGKILL');
    const frame = Buffer.concat(this.#received).subarray(4, end);
    this.#received = [];
    this.#receivedBytes = 0;
    return frame;
  }

  #take(chunk: Buffer): void {
    this.#receivedBytes += chunk.length;
    if (!this.#isAsked || this.#receivedBytes > TRANSCRIPT_BYTES_MAX) this.#child.kill('SIGKILL');
    else this.#received.push(chunk);
    this.#notify();
  }

  #whatItDiedOf(): Recording {
    const complaints = this.#complaints.trim();
    if (/heap out of memory|Allocation failed/.test(complaints)) return 'out of memory';
    const { signalCode, exitCode } = this.#child;
    throw new RecorderDied(`The process that ran the submission ended early (${signalCode ?? `status ${exitCode}`}). ${complaints}`.trim());
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
