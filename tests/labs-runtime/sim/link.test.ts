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
