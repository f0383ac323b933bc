import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteStream } from '../../../labs-runtime/sim/link.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('a byte stream', () => {
  test('carries bytes in order, in pieces of the size asked for', () => {
    const stream = new ByteStream();
    stream.send(bytes(1, 2, 3));
    stream.send(bytes(4));
    expect([stream.carry(2), stream.carry(9), stream.carry(1)]).toEqual([bytes(1, 2), bytes(3, 4), bytes()]);
  });

  test('carries what was sent, however it is cut', () => {
    const acts = fc.array(fc.oneof(fc.uint8Array({ maxLength: 5 }), fc.nat({ max: 8 })), { maxLength: 40 });
    fc.assert(
      fc.property(acts, (list) => {
        const stream = new ByteStream();
        const sent: number[] = [];
        const carried: number[] = [];
        for (const act of list) {
          if (typeof act === 'number') {
            const piece = stream.carry(act);
            expect(piece.length).toBe(Math.min(act, sent.length - carried.length));
            carried.push(...piece);
          } else {
            stream.send(act);
            sent.push(...act);
          }
          expect(stream.bytesInFlight).toBe(sent.length - carried.length);
        }
        expect([...carried, ...stream.carry(Infinity)]).toEqual(sent);
      }),
    );
  });

  test('delivers nothing while it is broken, and loses what is sent then', () => {
    const stream = new ByteStream();
    stream.break(0);
    stream.send(bytes(1));
    expect(stream.carry(9)).toEqual(bytes());
    stream.heal();
    expect(stream.carry(9)).toEqual(bytes());
  });

  test('after a break the first bytes in flight come late, before new ones, and the others never', () => {
    const stream = new ByteStream();
    stream.send(bytes(1, 2, 3, 4));
    stream.break(2);
    stream.heal();
    stream.send(bytes(9));
    expect(stream.carry(99)).toEqual(bytes(1, 2, 9));
  });
});
