/** Console bytes on their way to the terminal, and the transcript by which the console can be as it was. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConsoleFlow, FULL_RESET, IN_FLIGHT_MAX_BYTES } from '../../../src/machine-room/console-flow.ts';
import { ConsoleTranscript } from '../../../src/machine-room/console-transcript.ts';

function flow() {
  const sent: Uint8Array[] = [];
  return { sent, flow: new ConsoleFlow((bytes) => void sent.push(bytes)) };
}

describe('the flow', () => {
  test('sends what was written since the last time in one message, and nothing if there is nothing', () => {
    const { sent, flow: console } = flow();
    console.flush();
    for (const byte of [1, 2, 3]) console.push(byte);
    console.append(Uint8Array.of(4, 5));
    console.flush();
    console.flush();
    expect(sent).toEqual([Uint8Array.of(1, 2, 3, 4, 5)]);
  });

  test('is full until enough has been drawn', () => {
    const { flow: console } = flow();
    console.append(new Uint8Array(IN_FLIGHT_MAX_BYTES - 1));
    expect(console.isFull).toBe(false);
    console.push(0);
    expect(console.isFull).toBe(true);
    console.flush();
    expect(console.isFull).toBe(true);
    console.acknowledge(1);
    expect(console.isFull).toBe(false);
  });

  test('that is replaced forgets what was not sent, and resets the terminal first', () => {
    const { sent, flow: console } = flow();
    console.push(1);
    console.replace(Uint8Array.of(7, 8));
    console.flush();
    expect(sent).toEqual([Uint8Array.of(...FULL_RESET, 7, 8)]);
  });

  test('loses and adds nothing, whatever the order of writing, sending and drawing', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('write' as const), bytes: fc.uint8Array({ maxLength: 3000 }) }),
      fc.record({ kind: fc.constant('flush' as const) }),
      fc.record({ kind: fc.constant('draw' as const), byteCount: fc.nat(5000) }),
    );
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const { sent, flow: console } = flow();
        const written: number[] = [];
        for (const each of steps) {
          if (each.kind === 'flush') console.flush();
          else if (each.kind === 'draw') console.acknowledge(each.byteCount);
          else {
            for (const byte of each.bytes) console.push(byte);
            written.push(...each.bytes);
          }
        }
        console.flush();
        expect(Buffer.concat(sent).equals(Buffer.from(written))).toBe(true);
      }),
    );
  });
});

describe('the transcript', () => {
  test('knows how much had been written at each position', () => {
    const transcript = new ConsoleTranscript();
    for (const [byte, position] of [
      [65, 10],
      [66, 10],
      [67, 12],
      [68, 5000],
    ] as const)
      transcript.append(byte, position);
    expect([0, 9, 10, 11, 12, 4999, 5000, 1e9].map((position) => transcript.countAt(position))).toEqual([0, 0, 2, 2, 3, 3, 4, 4]);
    expect(transcript.slice(1, 3)).toEqual(Uint8Array.of(66, 67));
  });

  test('that is cut goes on from there', () => {
    const transcript = new ConsoleTranscript();
    for (let index = 0; index < 5000; index++) transcript.append(index & 0xff, index);
    transcript.cut(transcript.countAt(2999));
    expect(transcript.length).toBe(3000);
    transcript.append(0x41, 3100);
    expect(transcript.slice(2999, 9999)).toEqual(Uint8Array.of(2999 & 0xff, 0x41));
    expect(transcript.countAt(3099)).toBe(3000);
  });
});
