/**
 * Frames of the logging channel: how numbered messages share one stream of bytes that can be cut anywhere.
 * A frame is a header of 9 bytes (mark, version and kind, length, number), the payload, and a CRC-32 over both; all numbers are big-endian.
 * The reader trusts nothing: where no whole frame begins it moves on by one byte, so that it finds the next frame after any cut.
 *
 * The third byte holds the format's version in its high half, 1, and the frame's kind in its low half. A frame of another version is
 * no frame to this reader, so that machines of two versions never take each other's entries for something else.
 *
 * A batch is several entries in one frame: the payload is each entry after its length, two bytes. The checksum guards against cuts and
 * damage, not against forgery: bytes inside an entry that are themselves a whole frame can be taken for one if the frame around them is damaged.
 */
import { BytePool } from '../emulator/byte-pool.ts';
import { crc32 } from './crc32.ts';

/**
 * An `entry` frame carries log entry `seq`, and a `batch` two or more of them, `seq` being the first one's number.
 * An `acknowledge` frame says that every entry up to `seq` is held.
 */
export type Frame =
  | { kind: 'entry'; seq: number; payload: Uint8Array }
  | { kind: 'batch'; seq: number; entries: Uint8Array[] }
  | { kind: 'acknowledge'; seq: number };

const MARK_HIGH = 0xf7;
const MARK_LOW = 0x1c;
const VERSION = 1;
const kindBytes = { entry: (VERSION << 4) | 1, acknowledge: (VERSION << 4) | 2, batch: (VERSION << 4) | 3 };
const HEADER_BYTES = 9;
const CHECKSUM_BYTES = 4;
/** Bytes of an entry's length in a batch. */
const LENGTH_BYTES = 2;
/** Memory that frames share. */
const pool = new BytePool(32768);
const NOTHING = new Uint8Array(0);
/** The most that the length in a header can say. */
const PAYLOAD_BYTES_MAX = 0xffff;

/** The frame as bytes. `seq` must fit 32 bits and the payload's length 16. */
export function encodeFrame(frame: Frame): Uint8Array {
  const payloadBytes = payloadBytesOf(frame);
  const end = HEADER_BYTES + payloadBytes;
  const bytes = pool.take(end + CHECKSUM_BYTES);
  bytes[0] = MARK_HIGH;
  bytes[1] = MARK_LOW;
  bytes[2] = kindBytes[frame.kind];
  writeUint16(bytes, 3, payloadBytes);
  writeUint32(bytes, 5, frame.seq);
  if (frame.kind === 'entry') bytes.set(frame.payload, HEADER_BYTES);
  if (frame.kind === 'batch') writeEntries(bytes, HEADER_BYTES, frame.entries);
  writeUint32(bytes, end, crc32(bytes, 0, end));
  return bytes;
}

function payloadBytesOf(frame: Frame): number {
  if (frame.kind === 'entry') return frame.payload.length;
  return frame.kind === 'batch' ? batchBytes(frame.entries) : 0;
}

function writeEntries(bytes: Uint8Array, start: number, entries: Uint8Array[]): void {
  let at = start;
  for (const entry of entries) {
    writeUint16(bytes, at, entry.length);
    bytes.set(entry, at + LENGTH_BYTES);
    at += LENGTH_BYTES + entry.length;
  }
}

/** Length of a batch's payload, in bytes. */
function batchBytes(entries: Uint8Array[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += LENGTH_BYTES + entry.length;
  return bytes;
}

/**
 * Packs consecutive entries, the first of them number `firstSeq`, into as few frames as their order allows: batches of at most
 * `batchEntriesMax` entries, and plain entry frames for those that end up alone.
 */
export function packEntries(firstSeq: number, entries: Uint8Array[], batchEntriesMax: number): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; at < entries.length;) {
    const end = endOfBatch(entries, at, batchEntriesMax);
    const seq = firstSeq + at;
    frames.push(end - at > 1 ? { kind: 'batch', seq, entries: entries.slice(at, end) } : { kind: 'entry', seq, payload: entries[at]! });
    at = end;
  }
  return frames;
}

/** The index after the entry at `at` and those that fit the same frame. */
function endOfBatch(entries: Uint8Array[], at: number, batchEntriesMax: number): number {
  const endMax = Math.min(entries.length, at + batchEntriesMax);
  let bytes = 0;
  let end = at;
  while (end < endMax && (bytes += LENGTH_BYTES + entries[end]!.length) <= PAYLOAD_BYTES_MAX) end += 1;
  return Math.max(end, at + 1);
}

/** How much a frame can claim to hold, so that a damaged length never makes the reader wait for what is not coming. */
interface FrameBounds {
  entryBytesMax: number;
  batchEntriesMax: number;
}

/**
 * Takes every whole frame from the front of `stream`.
 * Returns the frames and the rest, which may be the beginning of a frame still to come. What claims an entry of more than
 * `entryBytesMax` bytes or a batch of more than `batchEntriesMax` entries is no frame; with 1 or none, no batch is one.
 */
export function takeFrames(stream: Uint8Array, entryBytesMax: number, batchEntriesMax = 1): { frames: Frame[]; rest: Uint8Array } {
  const frames: Frame[] = [];
  const bounds = { entryBytesMax, batchEntriesMax };
  let at = 0;
  while (at < stream.length) {
    const found = frameAt(stream, at, bounds);
    if (found === 'incomplete') break;
    if (found === 'no frame') {
      at += 1;
      continue;
    }
    frames.push(found.frame);
    at += found.bytes;
  }
  return { frames, rest: at === stream.length ? NOTHING : stream.slice(at) };
}

function frameAt(stream: Uint8Array, at: number, bounds: FrameBounds): { frame: Frame; bytes: number } | 'incomplete' | 'no frame' {
  const length = stream.length - at;
  if (stream[at] !== MARK_HIGH) return 'no frame';
  if (length > 1 && stream[at + 1] !== MARK_LOW) return 'no frame';
  if (length < HEADER_BYTES) return 'incomplete';
  const kind = stream[at + 2]!;
  const payloadBytes = readUint16(stream, at + 3);
  if (payloadBytes > payloadBytesMax(kind, bounds)) return 'no frame';
  const bytes = HEADER_BYTES + payloadBytes + CHECKSUM_BYTES;
  if (length < bytes) return 'incomplete';
  const end = at + bytes - CHECKSUM_BYTES;
  if (readUint32(stream, end) !== crc32(stream, at, end)) return 'no frame';
  const frame = frameOf(stream, at, end, bounds);
  return frame === undefined ? 'no frame' : { frame, bytes };
}

/** The longest payload of a frame with this third byte; none at all, not even an empty one, where there is no such frame. */
function payloadBytesMax(kind: number, { entryBytesMax, batchEntriesMax }: FrameBounds): number {
  if (kind === kindBytes.entry) return entryBytesMax;
  if (kind === kindBytes.acknowledge) return 0;
  return kind === kindBytes.batch && batchEntriesMax > 1 ? batchEntriesMax * (LENGTH_BYTES + entryBytesMax) : -1;
}

/** What a frame from `at` up to its checksum at `end` says; undefined where a right checksum stands under no batch. */
function frameOf(stream: Uint8Array, at: number, end: number, bounds: FrameBounds): Frame | undefined {
  const seq = readUint32(stream, at + 5);
  const start = at + HEADER_BYTES;
  switch (stream[at + 2]) {
    case kindBytes.acknowledge:
      return { kind: 'acknowledge', seq };
    case kindBytes.entry:
      return { kind: 'entry', seq, payload: stream.slice(start, end) };
    default: {
      const entries = splitEntries(stream.subarray(start, end), bounds);
      return entries && { kind: 'batch', seq, entries };
    }
  }
}

/** A batch's entries, or undefined where their lengths are not those of a batch: the checksum of such a payload can be right all the same. */
function splitEntries(payload: Uint8Array, { entryBytesMax, batchEntriesMax }: FrameBounds): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < payload.length;) {
    const start = at + LENGTH_BYTES;
    if (start > payload.length || entries.length === batchEntriesMax) return undefined;
    const entryBytes = readUint16(payload, at);
    at = start + entryBytes;
    if (entryBytes > entryBytesMax || at > payload.length) return undefined;
    entries.push(payload.slice(start, at));
  }
  return entries.length > 1 ? entries : undefined;
}

function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  writeUint16(bytes, at, value >>> 16);
  writeUint16(bytes, at + 2, value & 0xffff);
}

function readUint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return ((readUint16(bytes, at) << 16) | readUint16(bytes, at + 2)) >>> 0;
}
