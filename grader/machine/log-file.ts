/**
 * Writes a recording to a file while its machine runs. What was written survives a crash of the command, however it comes: each chunk goes to
 * the operating system whole, at most a moment after its events.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import type { Machine } from '../../labs-runtime/emulator/machine.ts';
import type { Recorded } from '../../labs-runtime/ft/log-entry.ts';
import { encodeHeader } from '../../labs-runtime/monitor/recording-format.ts';
import { RecordingWriter } from '../../labs-runtime/monitor/recording.ts';
import type { MachineSetup } from '../../labs-runtime/monitor/setup.ts';
import { printable } from '../terminal.ts';
import { accessFile, CannotRun, readStart } from './files.ts';

/** Entries are written when there are so many bytes of them, or after so much time, or when the guest waits. */
const FLUSH_BYTES = 65536;
const FLUSH_MS = 50;

/** Attempts between two hashes of the machine's state in the file. */
const MARK_ATTEMPTS = 2 ** 26;

export interface LogFileOptions {
  path: string;
  setup: MachineSetup;
  machine: Machine;
  /** Name and version of this program. */
  writtenBy: string;
  /** Milliseconds of a clock that never goes back. */
  now: () => number;
}

export class LogFile {
  readonly #options: LogFileOptions;
  readonly #writer = new RecordingWriter();
  readonly #file: number;
  #entries = 0;
  #flushedMs: number;
  #nextMark = MARK_ATTEMPTS;

  /** Begins the file. Throws CannotRun where it cannot be written, or is there already and something else than a recording. */
  constructor(options: LogFileOptions) {
    const { path, setup, writtenBy, now } = options;
    this.#options = options;
    checkPlace(path);
    this.#file = accessFile(path, () => openSync(path, 'w'));
    this.#flushedMs = now();
    this.#write(this.#writer.begin(setup, writtenBy));
  }

  /** How many entries the log has. */
  get entries(): number {
    return this.#entries;
  }

  append(recorded: Recorded): void {
    this.#entries++;
    this.#writer.append(recorded);
  }

  /** To be called between two slices of the run. Throws CannotRun where the file cannot be written any more. */
  note(isWaiting: boolean): void {
    const { machine, now } = this.#options;
    if (machine.position >= this.#nextMark) {
      this.#nextMark = machine.position + MARK_ATTEMPTS;
      this.#write(this.#writer.mark({ at: machine.position, hash: machine.stateHash() }));
    } else if (isWaiting || this.#writer.pendingBytes >= FLUSH_BYTES || now() - this.#flushedMs >= FLUSH_MS) {
      this.#write(this.#writer.flush(machine.position));
    }
  }

  /** Ends the file, with the machine's state. */
  end(reason: string): void {
    const { machine } = this.#options;
    this.#write(this.#writer.end({ at: machine.position, hash: machine.stateHash(), reason }));
    closeSync(this.#file);
  }

  #write(chunks: Uint8Array[]): void {
    this.#flushedMs = this.#options.now();
    if (chunks.length === 0) return;
    const bytes = Buffer.concat(chunks);
    accessFile(this.#options.path, () => {
      for (let written = 0; written < bytes.length;) written += writeSync(this.#file, bytes, written);
    });
  }
}

/** A file that is something else is not overwritten: it was named by mistake. */
function checkPlace(path: string): void {
  const magic = encodeHeader('').subarray(0, 8);
  const start = readStart(path, magic.length);
  if (start === undefined || start.length === 0 || Buffer.compare(start, magic) === 0) return;
  throw new CannotRun(`${printable(path)}: it is there already, and is no recording: name another file after --record.`);
}
