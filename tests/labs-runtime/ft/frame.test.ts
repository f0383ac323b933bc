import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../labs-runtime/ft/crc32.ts';
import { encodeFrame, packEntries, takeFrames } from '../../../labs-runtime/ft/frame.ts';
import type { Frame } from '../../../labs-runtime/ft/frame.ts';

const entryBytesMax = 32;
const batchEntriesMax = 4;
const entry = fc.uint8Array({ maxLength: entryBytesMax });
const frame = fc.oneof(
  fc.record({ kind: fc.constant('entry' as const), seq: fc.nat(), payload: entry }),
  fc.record({ kind: fc.constant('batch' as const), seq: fc.nat(), entries: fc.array(entry, { minLength: 2, maxLength: batchEntriesMax }) }),
  fc.record({ kind: fc.constant('acknowledge' as const), seq: fc.nat() }),
);
const join = (pieces: Uint8Array[]) => Uint8Array.from(pieces.flatMap((piece) => [...piece]));
const take = (stream: Uint8Array) => takeFrames(stream, entryBytesMax, batchEntriesMax);
/** Gives the frame the checksum that its other bytes call for. */
const sign = (bytes: Uint8Array) =>
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(bytes.length - 4, crc32(bytes.subarray(0, bytes.length - 4)));

test('CRC-32 of the check string is the published value', () => {
  expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

describe('frames', () => {
  test('come out of a stream cut anywhere as they went in', () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.infiniteStream(fc.integer({ min: 1, max: 40 })), (frames, sizes) => {
        let stream = join(frames.map(encodeFrame));
        let rest = new Uint8Array(0);
        const taken: Frame[] = [];
        while (stream.length > 0) {
          const size = sizes.next().value as number;
          const result = take(join([rest, stream.slice(0, size)]));
          taken.push(...result.frames);
          rest = new Uint8Array(result.rest);
          stream = stream.slice(size);
        }
        expect(taken).toEqual(frames);
        expect(rest.length).toBe(0);
      }),
    );
  });

  test('that are cut are dropped, and the next whole one is found', () => {
    fc.assert(
      fc.property(frame, fc.nat({ max: 160 }), fc.array(frame, { minLength: 24, maxLength: 24 }), (cut, keep, frames) => {
        const whole = encodeFrame(cut);
        const stream = join([whole.slice(0, Math.min(keep, whole.length - 1)), ...frames.map(encodeFrame)]);
        // By chance the next frame begins with the very bytes that were cut off: then nothing was cut.
        fc.pre(!whole.every((byte, index) => byte === stream[index]));
        const taken = take(stream).frames;
        // What is left waiting can be no more than one frame of the greatest size; all before it must be out.
        expect(frames.slice(0, taken.length)).toEqual(taken);
        expect(taken.length).toBeGreaterThanOrEqual(12);
      }),
    );
  });

  test('of another version are no frames, whatever their checksum says', () => {
    for (let version = 0; version < 16; version++) {
      const bytes = encodeFrame({ kind: 'entry', seq: 7, payload: Uint8Array.of(1, 2, 3) });
      expect(bytes).toHaveLength(9 + 3 + 4);
      bytes[2] = (version << 4) | (bytes[2]! & 0x0f);
      sign(bytes);
      expect(take(bytes).frames).toHaveLength(version === 1 ? 1 : 0);
    }
  });

  test('with any one bit flipped are dropped, and no entry comes out that did not go in', () => {
    const damaged: Frame[] = [
      { kind: 'entry', seq: 5, payload: Uint8Array.of(0xf7, 0x1c, 1) },
      { kind: 'batch', seq: 5, entries: [Uint8Array.of(1, 2), new Uint8Array(0), Uint8Array.of(3)] },
      { kind: 'acknowledge', seq: 5 },
    ];
    const others = Array.from({ length: 24 }, (_, index): Frame => ({ kind: 'entry', seq: 100 + index, payload: Uint8Array.of(index) }));
    for (const whole of damaged.map(encodeFrame)) {
      for (let bit = 0; bit < 8 * whole.length; bit++) {
        const bytes = whole.slice();
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const taken = take(join([bytes, ...others.map(encodeFrame)])).frames;
        expect(taken.length).toBeGreaterThan(10);
        expect(taken).toEqual(others.slice(others.length - taken.length));
      }
    }
  });

  test('have these bytes', () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, bytes.length - 4)).toString('hex');
    expect(hex(encodeFrame({ kind: 'entry', seq: 258, payload: Uint8Array.of(7, 8) }))).toBe('f71c11' + '0002' + '00000102' + '0708');
    expect(hex(encodeFrame({ kind: 'acknowledge', seq: 3 }))).toBe('f71c12' + '0000' + '00000003');
    const entries = [Uint8Array.of(7, 8), Uint8Array.of(9)];
    expect(hex(encodeFrame({ kind: 'batch', seq: 4, entries }))).toBe('f71c13' + '0007' + '00000004' + '00020708' + '000109');
  });

  test('never claim more than the longest entry, and an acknowledgement claims nothing', () => {
    const long = encodeFrame({ kind: 'entry', seq: 1, payload: new Uint8Array(entryBytesMax + 1) });
    expect(take(long).frames).toEqual([]);
    expect(takeFrames(long, entryBytesMax + 1).frames).toHaveLength(1);
    expect(take(long.subarray(0, 9)).rest).toHaveLength(0);
    const acknowledgement = encodeFrame({ kind: 'acknowledge', seq: 1 }).subarray(0, 9);
    expect(take(acknowledgement).rest).toHaveLength(9);
    acknowledgement[4] = 1;
    expect(take(acknowledgement).rest).toHaveLength(0);
  });
});

describe('batches', () => {
  const batch = (entries: Uint8Array[]) => encodeFrame({ kind: 'batch', seq: 1, entries });
  const empty = new Uint8Array(0);

  test('are no frames beyond their bounds, or to a reader who expects none', () => {
    expect(take(batch([empty, empty, empty, empty])).frames).toHaveLength(1);
    expect(take(batch([empty, empty, empty, empty, empty])).frames).toEqual([]);
    expect(take(batch([empty, new Uint8Array(entryBytesMax + 1)])).frames).toEqual([]);
    expect(take(batch([empty])).frames).toEqual([]);
    expect(take(batch([])).frames).toEqual([]);
    expect(takeFrames(batch([empty, empty]), entryBytesMax).frames).toEqual([]);
    expect(takeFrames(batch([empty, empty]), entryBytesMax, 2).frames).toHaveLength(1);
  });

  test('whose lengths lie are no frames, however right the checksum', () => {
    let [refused, accepted] = [0, 0];
    const length = fc.oneof(fc.nat({ max: 6 }), fc.constantFrom(entryBytesMax + 1, 0x7fff, 0xffff));
    const piece = fc.record({ length, body: fc.uint8Array({ maxLength: 6 }) });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.boolean(), (pieces, honest) => {
        const claimed = pieces.map(({ length, body }) => (honest ? body.length : length));
        const payload = join(pieces.flatMap(({ body }, index) => [Uint8Array.of(claimed[index]! >> 8, claimed[index]!), body]));
        const bytes = encodeFrame({ kind: 'entry', seq: 1, payload });
        bytes[2]! += 2;
        sign(bytes);
        const { frames } = take(bytes);
        if (frames.length === 0) return void (refused += 1);
        accepted += 1;
        expect(frames.map(encodeFrame)).toEqual([bytes]);
      }),
      { numRuns: 500 },
    );
    expect(Math.min(refused, accepted)).toBeGreaterThan(20);
  });

  test('give each entry bytes of its own', () => {
    const [taken] = take(batch([Uint8Array.of(1), Uint8Array.of(2, 3)])).frames;
    expect(taken).toEqual({ kind: 'batch', seq: 1, entries: [Uint8Array.of(1), Uint8Array.of(2, 3)] });
    const sizes = taken!.kind === 'batch' ? taken!.entries.map(({ buffer }) => buffer.byteLength) : [];
    expect(sizes).toEqual([1, 2]);
  });

  test('cost fewer bytes than a frame for each entry', () => {
    fc.assert(
      fc.property(fc.array(entry, { minLength: 2, maxLength: 20 }), (entries) => {
        const alone = entries.map((payload, index) => encodeFrame({ kind: 'entry', seq: 1 + index, payload }));
        expect(batch(entries).length).toBe(join(alone).length - 13 * (entries.length - 1) + 2 * entries.length);
        expect(batch(entries).length).toBeLessThan(join(alone).length);
      }),
    );
  });
});

describe('packing', () => {
  const entriesOf = (packed: Frame[]) =>
    packed.flatMap((each) => {
      if (each.kind === 'acknowledge') return [];
      const entries = each.kind === 'batch' ? each.entries : [each.payload];
      return entries.map((payload, index) => ({ seq: each.seq + index, payload }));
    });

  test('keeps entries, order and numbers, and leaves an entry that is alone in a frame of its own kind', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), fc.nat(), fc.integer({ min: 1, max: 6 }), (entries, firstSeq, max) => {
        const packed = packEntries(firstSeq, entries, max);
        expect(entriesOf(packed)).toEqual(entries.map((payload, index) => ({ seq: firstSeq + index, payload })));
        expect(packed).toHaveLength(Math.ceil(entries.length / max));
        const lastAlone = max === 1 ? entries.length : entries.length % max === 1 ? 1 : 0;
        expect(packed.filter(({ kind }) => kind === 'entry')).toHaveLength(lastAlone);
        expect(takeFrames(join(packed.map(encodeFrame)), entryBytesMax, max).frames).toEqual(packed);
      }),
    );
  });

  test('begins a new frame where the next entry would be too much for the length in the header', () => {
    const sizes = [32_765, 32_766, 1, 65_535, 65_533, 0, 65_532, 0, 0];
    const entries = sizes.map((size) => new Uint8Array(size));
    const packed = packEntries(1, entries, 9);
    expect(packed.map((each) => (each.kind === 'batch' ? each.entries.map(({ length }) => length) : each.kind))).toEqual([
      [32_765, 32_766],
      'entry',
      'entry',
      'entry',
      'entry',
      'entry',
      [0, 0],
    ]);
    expect(
      entriesOf(packed.flatMap((each) => takeFrames(encodeFrame(each), 65_535, 9).frames)).map(({ payload }) => payload.length),
    ).toEqual(sizes);
  });
});
