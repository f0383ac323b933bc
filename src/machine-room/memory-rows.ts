/** A piece of memory as rows of hexadecimal digits and text, with a mark on bytes that differ from what was shown before. */
import type { MachineView } from './machine-view.ts';
import { byteText, wordText } from './numbers.ts';

export interface MemoryByte {
  hex: string;
  /** A printable ASCII character, or a dot. */
  text: string;
  isChanged: boolean;
}

export interface MemoryRow {
  address: string;
  bytes: MemoryByte[];
}

type Piece = MachineView['memory'];

/** Rows of `rowBytes`. A byte that `before` does not cover counts as unchanged. */
export function memoryRows({ address, bytes }: Piece, before: Piece | undefined, rowBytes: number): MemoryRow[] {
  const rows: MemoryRow[] = [];
  for (let offset = 0; offset < bytes.length; offset += rowBytes) {
    const row = bytes.subarray(offset, offset + rowBytes);
    rows.push({
      address: wordText(address + offset),
      bytes: Array.from(row, (byte, index) => ({
        hex: byteText(byte),
        text: textOf(byte),
        isChanged: (before?.bytes[address + offset + index - before.address] ?? byte) !== byte,
      })),
    });
  }
  return rows;
}

function textOf(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}

/** Where a view of `viewBytes` may begin so that it shows `address`: whole rows, inside RAM of `ramBytes` from `ramStart`. */
export function memoryStart(address: number, ramStart: number, ramBytes: number, viewBytes: number, rowBytes: number): number {
  const last = Math.max(ramStart, ramStart + ramBytes - viewBytes);
  const bounded = Math.min(Math.max(address, ramStart), last);
  return Math.floor(bounded / rowBytes) * rowBytes;
}
