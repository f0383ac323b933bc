import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32 } from '../../../labs-runtime/ft/crc32.ts';
import { encodeFrame, takeFrames } from '../../../labs-runtime/ft/frame.ts';
import type { Frame } from '../../../labs-runtime/ft/frame.ts';

const payloadBytesMax = 32;
const frame = fc.oneof(
  fc.record({ kind: fc.constant('entry' as const), seq: fc.nat(), payload: fc.uint8Array({ maxLength: payloadBytesMax }) }),
  fc.record({ kind: fc.constant('acknowledge' as const), seq: fc.nat() }),
);
const join = (pieces: Uint8Array[]) => Uint8Array.from(pieces.flatMap((piece) => [...piece]));
/** Gives the frame the checksum that its other bytes call for. */
const sign = (bytes: Uint8Array) => new DataView(bytes.buffer).setUint32(bytes.length - 4, crc32(bytes.subarray(0, bytes.length - 4)));

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
          const result = takeFrames(join([rest, stream.slice(0, size)]), payloadBytesMax);
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
      fc.property(frame, fc.nat({ max: 40 }), fc.array(frame, { minLength: 12, maxLength: 12 }), (cut, keep, frames) => {
        const whole = encodeFrame(cut);
        const stream = join([whole.slice(0, Math.min(keep, whole.length - 1)), ...frames.map(encodeFrame)]);
        // By chance the next frame begins with the very bytes that were cut off: then nothing was cut.
        fc.pre(!whole.every((byte, index) => byte === stream[index]));
        const taken = takeFrames(stream, payloadBytesMax).frames;
        // What is left waiting can be no more than one frame of the greatest size; all before it must be out.
        expect(frames.slice(0, taken.length)).toEqual(taken);
        expect(taken.length).toBeGreaterThanOrEqual(8);
      }),
    );
  });

  test('of another version are no frames, whatever their checksum says', () => {
    for (let version = 0; version < 16; version++) {
      const bytes = encodeFrame({ kind: 'entry', seq: 7, payload: Uint8Array.of(1, 2, 3) });
      expect(bytes).toHaveLength(9 + 3 + 4);
      bytes[2] = (version << 4) | (bytes[2]! & 0x0f);
      sign(bytes);
      expect(takeFrames(bytes, payloadBytesMax).frames).toHaveLength(version === 1 ? 1 : 0);
    }
  });

  test('never claim more than the largest payload', () => {
    const long = encodeFrame({ kind: 'entry', seq: 1, payload: new Uint8Array(payloadBytesMax + 1) });
    expect(takeFrames(long, payloadBytesMax).frames).toEqual([]);
    expect(takeFrames(long, payloadBytesMax + 1).frames).toHaveLength(1);
  });
});
