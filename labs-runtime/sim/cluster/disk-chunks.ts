/** A disk's content as an array of chunks of 4096 bytes that nobody writes to: a write makes new ones, so that states share what did not change. */
import { SECTOR_BYTES } from '../../emulator/stop.ts';

export const CHUNK_BYTES = 4096;
const SECTORS_PER_CHUNK = CHUNK_BYTES / SECTOR_BYTES;

const EMPTY = new Uint8Array(CHUNK_BYTES);

/** A disk of so many sectors, all zero. */
export function createChunks(sectors: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(sectors / SECTORS_PER_CHUNK) }, () => EMPTY);
}

/** Copy of so many bytes from the start of a sector. */
export function readChunks(chunks: readonly Uint8Array[], sector: number, byteCount: number): Uint8Array {
  const data = new Uint8Array(byteCount);
  for (let done = 0; done < byteCount; done += SECTOR_BYTES) {
    const { chunk, offset } = placeOf(sector + done / SECTOR_BYTES);
    data.set(chunks[chunk]!.subarray(offset, offset + SECTOR_BYTES), done);
  }
  return data;
}

/** Puts bytes, whole sectors, where they belong: `chunks` gets new arrays there. */
export function writeChunks(chunks: Uint8Array[], sector: number, data: Uint8Array): void {
  for (let done = 0; done < data.length; done += SECTOR_BYTES) {
    const { chunk, offset } = placeOf(sector + done / SECTOR_BYTES);
    const copy = chunks[chunk]!.slice();
    copy.set(data.subarray(done, done + SECTOR_BYTES), offset);
    chunks[chunk] = copy;
  }
}

function placeOf(sector: number): { chunk: number; offset: number } {
  return { chunk: Math.floor(sector / SECTORS_PER_CHUNK), offset: (sector % SECTORS_PER_CHUNK) * SECTOR_BYTES };
}
