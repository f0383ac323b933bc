/** A disk in chunks gives back what was written last to each sector, and leaves states before a write as they were. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECTOR_BYTES } from '../../../../labs-runtime/emulator/stop.ts';
import { CHUNK_BYTES, createChunks, readChunks, writeChunks } from '../../../../labs-runtime/sim/cluster/disk-chunks.ts';

const SECTORS = 20;

describe('a disk in chunks', () => {
  it.each([
    [0, 0],
    [1, 1],
    [8, 1],
    [9, 2],
    [SECTORS, 3],
  ])('has room for %i sectors in %i chunks, all zero', (sectors, count) => {
    const chunks = createChunks(sectors);
    expect(chunks.length).toBe(count);
    expect(chunks.every((chunk) => chunk.length === CHUNK_BYTES && chunk.every((byte) => byte === 0))).toBe(true);
  });

  it('reads as one array of bytes would, after any writes', () => {
    const writes = fc.array(
      fc.record({ sector: fc.nat({ max: SECTORS - 4 }), sectors: fc.integer({ min: 1, max: 4 }), fill: fc.integer({ min: 1, max: 255 }) }),
    );
    const reads = fc.record({ sector: fc.nat({ max: SECTORS - 10 }), sectors: fc.integer({ min: 0, max: 10 }) });
    fc.assert(
      fc.property(writes, reads, (made, read) => {
        const model = new Uint8Array(SECTORS * SECTOR_BYTES);
        const chunks = createChunks(SECTORS);
        for (const { sector, sectors, fill } of made) {
          const data = Uint8Array.from({ length: sectors * SECTOR_BYTES }, (_, index) => fill + index + (index >> 8));
          model.set(data, sector * SECTOR_BYTES);
          writeChunks(chunks, sector, data);
        }
        const start = read.sector * SECTOR_BYTES;
        expect(readChunks(chunks, read.sector, read.sectors * SECTOR_BYTES)).toEqual(
          model.slice(start, start + read.sectors * SECTOR_BYTES),
        );
        expect(readChunks(chunks, 0, SECTORS * SECTOR_BYTES)).toEqual(model);
      }),
    );
  });

  it('makes new chunks where it writes, and shares the rest with the state before', () => {
    const before = createChunks(SECTORS);
    const after = before.slice();
    writeChunks(after, 7, new Uint8Array(2 * SECTOR_BYTES).fill(5));
    expect(after.map((chunk, index) => chunk === before[index])).toEqual([false, false, true]);
    expect(before.flatMap((chunk) => [...chunk]).every((byte) => byte === 0)).toBe(true);
    const later = after.slice();
    writeChunks(later, 0, new Uint8Array(SECTOR_BYTES).fill(6));
    expect(readChunks(after, 0, SECTOR_BYTES)).toEqual(new Uint8Array(SECTOR_BYTES));
    expect(readChunks(later, 7, SECTOR_BYTES)).toEqual(new Uint8Array(SECTOR_BYTES).fill(5));
  });

  it('gives out copies: what is done to what was read does not reach the disk', () => {
    const chunks = createChunks(1);
    readChunks(chunks, 0, SECTOR_BYTES).fill(9);
    const data = new Uint8Array(SECTOR_BYTES).fill(3);
    writeChunks(chunks, 0, data);
    data.fill(4);
    expect(readChunks(chunks, 0, SECTOR_BYTES)).toEqual(new Uint8Array(SECTOR_BYTES).fill(3));
  });
});
