/**
 * What a driver's buffer asks of the block device: a header for the device to read, data either way, and last a byte for the status that
 * the device writes. Virtio 1.2, section 5.2.6.
 */
import type { Ram } from '../../ram.ts';
import type { Part } from '../virtio/parts.ts';
import { byteCountOf, readParts, sliceParts } from '../virtio/parts.ts';
import type { Buffer } from '../virtio/virtqueue.ts';

/** Values of the header's type. */
export const TYPE = { read: 0, write: 1, flush: 4, identify: 8 } as const;

/** Values of the status byte. */
export const STATUS = { ok: 0, error: 1, unsupported: 2 } as const;

const HEADER_BYTES = 16;

/** A request as plain data. Invariant: all parts are inside RAM. */
export interface Request {
  /** Index of the buffer's first descriptor. */
  readonly head: number;
  /** Undefined if the header is not whole. */
  readonly type: number | undefined;
  readonly sector: number;
  /** Behind the header, for the device to read. */
  readonly toDevice: readonly Part[];
  /** Before the status, for the device to write. */
  readonly toDriver: readonly Part[];
  /** Offset in RAM of the status byte. */
  readonly status: number;
}

/** The request in a buffer; undefined if the device can write no status, so that there is no way to answer it. */
export function readRequest(ram: Ram, { head, readable, writable }: Buffer): Request | undefined {
  const [readableBytes, writableBytes] = [byteCountOf(readable), byteCountOf(writable)];
  if (writableBytes === 0) return undefined;
  const isWhole = readableBytes >= HEADER_BYTES;
  const header = new DataView(isWhole ? readParts(ram, sliceParts(readable, 0, HEADER_BYTES)).buffer : new ArrayBuffer(HEADER_BYTES));
  return {
    head,
    type: isWhole ? header.getUint32(0, true) : undefined,
    // Beyond 2^53 the number is rounded, and beyond any capacity too.
    sector: header.getUint32(8, true) + 2 ** 32 * header.getUint32(12, true),
    toDevice: isWhole ? sliceParts(readable, HEADER_BYTES, readableBytes - HEADER_BYTES) : [],
    toDriver: sliceParts(writable, 0, writableBytes - 1),
    status: sliceParts(writable, writableBytes - 1, 1)[0]!.offset,
  };
}
