/**
 * Frames of the logging channel: how numbered messages share one stream of bytes that can be cut anywhere.
 * A frame is a header of 9 bytes (mark, version and kind, length, number), the payload, and a CRC-32 over both; all numbers are big-endian.
 * The reader trusts nothing: where no whole frame begins it moves on by one byte, so that it finds the next frame after any cut.
 *
 * The third byte holds the format's version in its high half, 1, and the frame's kind in its low half. A frame of another version is
 * no frame to this reader, so that machines of two versions never take each other's entries for something else.
 */
import { crc32 } from './crc32.ts';

/** An `entry` frame carries log entry `seq`; an `acknowledge` frame says that every entry up to `seq` is held. */
export type Frame = { kind: 'entry'; seq: number; payload: Uint8Array } | { kind: 'acknowledge'; seq: number };

const MARK_HIGH = 0xf7;
const MARK_LOW = 0x1c;
const VERSION = 1;
const ENTRY = (VERSION << 4) | 1;
const ACKNOWLEDGE = (VERSION << 4) | 2;
const HEADER_BYTES = 9;
const CHECKSUM_BYTES = 4;

/** The frame as bytes. `seq` must fit 32 bits and the payload's length 16. */
export function encodeFrame(frame: Frame): Uint8Array {
  const payload = frame.kind === 'entry' ? frame.payload : new Uint8Array(0);
  const bytes = new Uint8Array(HEADER_BYTES + payload.length + CHECKSUM_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, MARK_HIGH);
  view.setUint8(1, MARK_LOW);
  view.setUint8(2, frame.kind === 'entry' ? ENTRY : ACKNOWLEDGE);
  view.setUint16(3, payload.length);
  view.setUint32(5, frame.seq);
  bytes.set(payload, HEADER_BYTES);
  view.setUint32(HEADER_BYTES + payload.length, crc32(bytes.subarray(0, HEADER_BYTES + payload.length)));
  return bytes;
}

/**
 * Takes every whole frame from the front of `stream`.
 * Returns the frames and the rest, which may be the beginning of a frame still to come. `payloadBytesMax` bounds how long a
 * frame can claim to be, so that a damaged length never makes the reader wait.
 */
export function takeFrames(stream: Uint8Array, payloadBytesMax: number): { frames: Frame[]; rest: Uint8Array } {
  const frames: Frame[] = [];
  let at = 0;
  while (at < stream.length) {
    const found = frameAt(stream.subarray(at), payloadBytesMax);
    if (found === 'incomplete') break;
    if (found === 'no frame') {
      at += 1;
      continue;
    }
    frames.push(found.frame);
    at += found.bytes;
  }
  return { frames, rest: stream.slice(at) };
}

function frameAt(stream: Uint8Array, payloadBytesMax: number): { frame: Frame; bytes: number } | 'incomplete' | 'no frame' {
  if (stream[0] !== MARK_HIGH) return 'no frame';
  if (stream.length > 1 && stream[1] !== MARK_LOW) return 'no frame';
  if (stream.length < HEADER_BYTES) return 'incomplete';
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const kind = view.getUint8(2);
  const payloadBytes = view.getUint16(3);
  if (kind !== ENTRY && kind !== ACKNOWLEDGE) return 'no frame';
  if (payloadBytes > payloadBytesMax) return 'no frame';
  const bytes = HEADER_BYTES + payloadBytes + CHECKSUM_BYTES;
  if (stream.length < bytes) return 'incomplete';
  if (view.getUint32(bytes - CHECKSUM_BYTES) !== crc32(stream.subarray(0, bytes - CHECKSUM_BYTES))) return 'no frame';
  const seq = view.getUint32(5);
  const payload = stream.slice(HEADER_BYTES, HEADER_BYTES + payloadBytes);
  return { frame: kind === ENTRY ? { kind: 'entry', seq, payload } : { kind: 'acknowledge', seq }, bytes };
}
