/**
 * A recorded run as a file: the machine's setup, with its program and its disk, so that the file replays alone; the log; hashes of the
 * machine's state on the way and at the end, so that a replay knows whether it is the same run. Written as a stream while the machine runs:
 * what was written before a crash is a recording still.
 *
 * Order of the chunks (recording-format.ts): `setup`, JSON; `segment` and `disk`, the contents in pieces, those of zeros left out; `boot`, that
 * all of this is there; then `entries` and `mark` as the run goes; `end`. Integers in these are LEB128, as in the log's own encoding.
 */
import { decodeRecorded, encodeRecorded, MalformedEntry } from '../ft/log-codec.ts';
import type { LogEntry, Position, Recorded } from '../ft/log-entry.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import {
  checkHeader,
  encodeChunk,
  encodeHeader,
  readChunks,
  RecordingError,
  type Chunk,
  type ChunkKind,
  type Trouble,
} from './recording-format.ts';
import { checkSetup, type SetupJson } from './recording-setup.ts';
import type { MachineSetup } from './setup.ts';

export { RECORDING_VERSION, RecordingError, type Trouble } from './recording-format.ts';

/** The state hash at a position, after so many entries of the log; others at the same position may follow. */
export interface Mark {
  at: Position;
  entries: number;
  hash: string;
}

/** A mark as the writer takes it: it has counted the entries. */
export type NewMark = Omit<Mark, 'entries'>;

/** How a recorded run ended, in a word or two for people: `power-off`, `left`. */
export interface RecordingEnd extends Mark {
  reason: string;
}

export interface Recording {
  setup: MachineSetup;
  entries: LogEntry[];
  /** In the order of their positions; the end's is not among them. */
  marks: Mark[];
  /** How far the recording reaches: the run was at this position, or further. */
  endPosition: Position;
  /** Absent where the run did not come to write it. */
  end: RecordingEnd | undefined;
  /** Why reading ended before the end of the file, if it did: everything above is what stood before that. */
  trouble: Trouble | undefined;
}

/** Bytes of content in one chunk. */
const PIECE_BYTES = 2 ** 20;

const HASH_BYTES = 8;

/** Turns a run into the bytes of its recording, in the order of the calls. Each returns what is to be appended to the file. */
export class RecordingWriter {
  #chunks = 0;
  #pending = new ByteWriter();

  /** What a file begins with. `writtenBy` names the program, e.g. `lockstep 0.1.0`. */
  begin(setup: MachineSetup, writtenBy: string): Uint8Array[] {
    const { program, disk, ...plain } = setup;
    const segments = program.segments.map(({ offset, bytes }) => ({ offset, byteCount: bytes.length }));
    const json: SetupJson = { ...plain, entry: program.entry, registers: program.registers ?? [], segments, diskBytes: disk.length };
    return [
      encodeHeader(writtenBy),
      this.#chunk('setup', new TextEncoder().encode(JSON.stringify(json))),
      ...program.segments.flatMap(({ bytes }, index) => this.#content('segment', index, bytes)),
      ...this.#content('disk', 0, disk),
      this.#chunk('boot', new Uint8Array(0)),
    ];
  }

  /** Takes an entry of the log; it is in the file with the next `flush`. */
  append(recorded: Recorded): void {
    const encoded = encodeRecorded(recorded);
    this.#pending.integer(encoded.length);
    this.#pending.bytes(encoded);
  }

  /** Bytes of entries that wait for a `flush`. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** The entries taken since the last time; the machine is at `position`, after all of them. */
  flush(position: Position): Uint8Array[] {
    const entries = this.#pending.take();
    if (entries.length === 0) return [];
    const payload = new ByteWriter();
    payload.integer(position);
    payload.bytes(entries);
    return [this.#chunk('entries', payload.take())];
  }

  /** The machine's state hash on the way, at `position`. */
  mark({ at, hash }: NewMark): Uint8Array[] {
    return [...this.flush(at), this.#chunk('mark', markBytes(at, hash))];
  }

  /** The last bytes of a recording. */
  end({ at, hash, reason }: Omit<RecordingEnd, 'entries'>): Uint8Array[] {
    const payload = new ByteWriter();
    payload.bytes(markBytes(at, hash));
    payload.bytes(new TextEncoder().encode(reason));
    return [...this.flush(at), this.#chunk('end', payload.take())];
  }

  #content(kind: ChunkKind, index: number, bytes: Uint8Array): Uint8Array[] {
    const chunks: Uint8Array[] = [];
    for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
      const piece = bytes.subarray(offset, offset + PIECE_BYTES);
      if (piece.every((byte) => byte === 0)) continue;
      const payload = new ByteWriter();
      payload.integer(index);
      payload.integer(offset);
      payload.bytes(piece);
      chunks.push(this.#chunk(kind, payload.take()));
    }
    return chunks;
  }

  #chunk(kind: ChunkKind, payload: Uint8Array): Uint8Array {
    return encodeChunk(kind, this.#chunks++, payload);
  }
}

function markBytes(at: Position, hash: string): Uint8Array {
  const writer = new ByteWriter();
  writer.integer(at);
  for (let index = 0; index < HASH_BYTES; index++) writer.byte(Number.parseInt(hash.slice(2 * index, 2 * index + 2), 16));
  return writer.take();
}

/**
 * Reads a file as far as it is whole and right. Throws a RecordingError where nothing of it can be replayed: it is no recording, it has
 * another version, or it ends before the machine's program and disk are there.
 */
export function readRecording(file: Uint8Array): Recording {
  const { chunks, trouble } = readChunks(file, checkHeader(file));
  const boot = chunks.findIndex(({ kind }) => kind === 'boot');
  if (boot < 0) throw new RecordingError(`The recording ${troubleText(trouble, file.length)}, before its program is whole: record again.`);
  const recording: Recording = {
    setup: readSetup(chunks.slice(0, boot)),
    entries: [],
    marks: [],
    endPosition: 0,
    end: undefined,
    trouble,
  };
  for (const chunk of chunks.slice(boot + 1)) readRunChunk(recording, chunk);
  return recording;
}

/** A trouble in words: `is cut off at byte 812 (in its chunk 3)`. */
export function troubleText(trouble: Trouble | undefined, fileBytes: number): string {
  if (trouble === undefined) return `ends at byte ${fileBytes}`;
  const end = trouble.kind === 'cut off' ? `is cut off at byte ${fileBytes}` : `is damaged between byte ${trouble.at} and its end`;
  return `${end} (chunk ${trouble.chunk} begins at byte ${trouble.at})`;
}

function readSetup(chunks: Chunk[]): MachineSetup {
  const [first, ...contents] = chunks;
  if (first?.kind !== 'setup') throw damaged(first ?? { at: 0 }, 'it does not begin with a machine’s setup');
  const { segments: layout, diskBytes, entry, registers, ...plain } = checkSetup(parseJson(first));
  const segments = layout.map(({ offset, byteCount }) => ({ offset, bytes: new Uint8Array(byteCount) }));
  const disk = new Uint8Array(diskBytes);
  for (const chunk of contents) {
    const reader = new ByteReader(chunk.payload);
    const index = reader.integer();
    const offset = reader.integer();
    const piece = reader.rest();
    const content = chunk.kind === 'disk' ? disk : chunk.kind === 'segment' ? segments[index]?.bytes : undefined;
    if (content === undefined || offset + piece.length > content.length) throw damaged(chunk, 'its content lies outside of its place');
    content.set(piece, offset);
  }
  return { ...plain, program: { entry, registers, segments }, disk };
}

function parseJson(chunk: Chunk): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(chunk.payload));
  } catch {
    throw damaged(chunk, 'the machine’s setup is no JSON');
  }
}

function readRunChunk(recording: Recording, chunk: Chunk): void {
  const reader = new ByteReader(chunk.payload);
  const position = reader.integer();
  if (recording.end !== undefined || position < recording.endPosition) throw damaged(chunk, 'it comes out of order');
  recording.endPosition = position;
  if (chunk.kind === 'entries') readEntries(recording.entries, reader, chunk);
  else if (chunk.kind === 'mark') recording.marks.push(readMark(recording, reader));
  else if (chunk.kind === 'end') recording.end = { ...readMark(recording, reader), reason: new TextDecoder().decode(reader.rest()) };
  else throw damaged(chunk, `there is a second ${chunk.kind}`);
}

function readEntries(entries: LogEntry[], reader: ByteReader, chunk: Chunk): void {
  while (!reader.isAtEnd) {
    const encoded = reader.bytes(reader.integer());
    try {
      entries.push({ seq: entries.length + 1, ...decodeRecorded(encoded) });
    } catch (error) {
      if (!(error instanceof MalformedEntry)) throw error;
      throw damaged(chunk, `entry ${entries.length + 1} cannot be read: ${error.message}`);
    }
  }
}

function readMark({ endPosition, entries }: Recording, reader: ByteReader): Mark {
  const hash = Array.from(reader.bytes(HASH_BYTES), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { at: endPosition, entries: entries.length, hash };
}

/** For what the checksums let pass: a file that something else than this program wrote. */
function damaged({ at }: { at: number }, explanation: string): RecordingError {
  return new RecordingError(`The recording makes no sense at byte ${at}: ${explanation}. Record again.`);
}
