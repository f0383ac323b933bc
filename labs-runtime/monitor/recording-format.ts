/**
 * The pieces of a recording's file: its header and its chunks. A recording is written while its machine runs and may end at any byte, so a
 * file is a header and then chunks that each check themselves; reading ends at the first that is not whole or not right, and says which.
 *
 * Header, the same in every version: 8 bytes of magic; the version, 2 bytes; a length, 1 byte; who wrote it, so many bytes of ASCII.
 * Chunk: kind, 1 byte; its number from 0, 4 bytes; length of its payload, 4 bytes; CRC-32 of these 9; payload; CRC-32 of the 13 and the
 * payload. Numbers are little-endian. That the head has a checksum of its own tells a chunk that is cut off from one that lies about its length.
 */
import { crc32 } from '../ft/crc32.ts';

/** Not text, and spoiled by anything that changes line ends. */
const MAGIC = Uint8Array.of(0x89, 0x4c, 0x53, 0x4c, 0x4f, 0x47, 0x0d, 0x0a);
export const RECORDING_VERSION = 1;

const VERSION_AT = 8;
const WRITER_LENGTH_AT = 10;
const WRITER_AT = 11;

const CHUNK_HEAD_BYTES = 13;
const CHECKSUM_BYTES = 4;

/** Kinds of chunks by number: the index is the first byte. */
export const CHUNK_KINDS = ['setup', 'segment', 'disk', 'boot', 'entries', 'mark', 'end'] as const;
export type ChunkKind = (typeof CHUNK_KINDS)[number];

/** A file that is no recording, or one that cannot be read; the message says what is wrong, where, and what to do. */
export class RecordingError extends Error {
  override name = 'RecordingError';
}

/** The file's first bytes. `writtenBy` is ASCII, at most 255 characters. */
export function encodeHeader(writtenBy: string): Uint8Array {
  const writer = Uint8Array.from(writtenBy.slice(0, 255), (character) => character.charCodeAt(0) & 0x7f);
  const bytes = new Uint8Array(WRITER_AT + writer.length);
  bytes.set(MAGIC);
  new DataView(bytes.buffer).setUint16(VERSION_AT, RECORDING_VERSION, true);
  bytes[WRITER_LENGTH_AT] = writer.length;
  bytes.set(writer, WRITER_AT);
  return bytes;
}

/** Length of the header. Throws a RecordingError for a file that is no recording, or one of another version. */
export function checkHeader(file: Uint8Array): number {
  if (file.length === 0) throw new RecordingError('The file is empty: it holds no recording.');
  if (!MAGIC.slice(0, file.length).every((byte, index) => file[index] === byte)) {
    throw new RecordingError('The file is no recording: make one with `lockstep run IMAGE --record FILE`.');
  }
  const length = WRITER_AT + (file[WRITER_LENGTH_AT] ?? 0);
  if (file.length < length) throw new RecordingError(`The recording is cut off at byte ${file.length}, inside its header: record again.`);
  const version = new DataView(file.buffer, file.byteOffset).getUint16(VERSION_AT, true);
  if (version !== RECORDING_VERSION) {
    const writer = String.fromCharCode(...file.subarray(WRITER_AT, length).map((code) => (code < 0x20 || code > 0x7e ? 0x3f : code)));
    throw new RecordingError(
      `The recording has format version ${version}, this program reads ${RECORDING_VERSION}: replay it with the one that wrote it ("${writer}"), or record again.`,
    );
  }
  return length;
}

/** One chunk as bytes. `number` counts the file's chunks from 0. */
export function encodeChunk(kind: ChunkKind, number: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CHUNK_HEAD_BYTES + payload.length + CHECKSUM_BYTES);
  const view = new DataView(bytes.buffer);
  bytes[0] = CHUNK_KINDS.indexOf(kind);
  view.setUint32(1, number, true);
  view.setUint32(5, payload.length, true);
  view.setUint32(9, crc32(bytes.subarray(0, 9)), true);
  bytes.set(payload, CHUNK_HEAD_BYTES);
  const end = CHUNK_HEAD_BYTES + payload.length;
  view.setUint32(end, crc32(bytes.subarray(0, end)), true);
  return bytes;
}

export interface Chunk {
  kind: ChunkKind;
  number: number;
  payload: Uint8Array;
  /** Where the chunk begins in the file. */
  at: number;
}

/** Why reading ended before the file's end. */
export interface Trouble {
  /** `cut off`: the file ends inside a chunk, as after a crash. `damaged`: a chunk that is all there is not as it was written. */
  kind: 'cut off' | 'damaged';
  /** Byte of the file where the chunk begins. */
  at: number;
  /** Number of the chunk. */
  chunk: number;
}

/** The chunks from byte `start` on, up to the end or to the first that is not right. */
export function readChunks(file: Uint8Array, start: number): { chunks: Chunk[]; trouble: Trouble | undefined } {
  const chunks: Chunk[] = [];
  let at = start;
  while (at < file.length) {
    const chunk = chunkAt(file, at, chunks.length);
    if (typeof chunk === 'string') return { chunks, trouble: { kind: chunk, at, chunk: chunks.length } };
    chunks.push(chunk);
    at += CHUNK_HEAD_BYTES + chunk.payload.length + CHECKSUM_BYTES;
  }
  return { chunks, trouble: undefined };
}

function chunkAt(file: Uint8Array, at: number, number: number): Chunk | Trouble['kind'] {
  if (at + CHUNK_HEAD_BYTES > file.length) return 'cut off';
  const view = new DataView(file.buffer, file.byteOffset + at);
  const kind = CHUNK_KINDS[view.getUint8(0)];
  const isHeadRight = view.getUint32(9, true) === crc32(file.subarray(at, at + 9));
  if (!isHeadRight || kind === undefined || view.getUint32(1, true) !== number) return 'damaged';
  const end = at + CHUNK_HEAD_BYTES + view.getUint32(5, true);
  if (end + CHECKSUM_BYTES > file.length) return 'cut off';
  if (view.getUint32(end - at, true) !== crc32(file.subarray(at, end))) return 'damaged';
  return { kind, number, payload: file.subarray(at + CHUNK_HEAD_BYTES, end), at };
}
