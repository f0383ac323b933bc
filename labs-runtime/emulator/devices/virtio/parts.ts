/**
 * The parts of RAM that a chain of descriptors describes, read and written as if they were one run of bytes: how a driver cuts a message
 * into descriptors is no business of a device's. Virtio 1.2, section 2.7.4.
 */
import type { Ram } from '../../ram.ts';

/** `length` bytes of RAM from `offset`, all of them inside. */
export interface Part {
  readonly offset: number;
  readonly length: number;
}

export function byteCountOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** The parts of `length` bytes that begin `start` bytes after the first. Precondition: there are as many. */
export function sliceParts(parts: readonly Part[], start: number, length: number): Part[] {
  const slice: Part[] = [];
  let skip = start;
  let rest = length;
  for (const part of parts) {
    const taken = Math.min(Math.max(part.length - skip, 0), rest);
    if (taken > 0) slice.push({ offset: part.offset + skip, length: taken });
    skip = Math.max(skip - part.length, 0);
    rest -= taken;
  }
  return slice;
}

/** Copies the bytes of all parts. */
export function readParts(ram: Ram, parts: readonly Part[]): Uint8Array {
  const bytes = new Uint8Array(byteCountOf(parts));
  let at = 0;
  for (const { offset, length } of parts) {
    bytes.set(ram.unsignedBytes.subarray(offset, offset + length), at);
    at += length;
  }
  return bytes;
}

/** Fills the parts from their first byte. Precondition: the bytes fit. */
export function writeParts(ram: Ram, parts: readonly Part[], bytes: Uint8Array): void {
  let at = 0;
  for (const { offset, length } of parts) {
    ram.storeBytes(offset, bytes.subarray(at, at + length));
    at += length;
  }
}
