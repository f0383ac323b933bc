/** Every event survives its encoding (VMware FT, section 2.1), and nothing but an encoding is taken for one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecorded, ENTRY_BYTES_MAX, encodeRecorded, MalformedEntry } from '../../../labs-runtime/ft/log-codec.ts';
import { DISK_REQUEST_BYTES_MAX, ENTROPY_BYTES_MAX } from '../../../labs-runtime/emulator/machine.ts';
import type { LogEvent, Recorded } from '../../../labs-runtime/ft/log-entry.ts';

const events: fc.Arbitrary<LogEvent> = fc.oneof(
  fc.record({ kind: fc.constant('clock' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  fc.record(
    { kind: fc.constant('interrupt' as const), line: fc.constantFrom(3 as const, 7 as const), hart: fc.integer({ min: 1, max: 3 }) },
    { requiredKeys: ['kind', 'line'] },
  ),
  fc.record({ kind: fc.constant('console' as const), byte: fc.integer({ min: 0, max: 255 }) }),
  fc.record({ kind: fc.constant('output' as const), output: fc.maxSafeNat() }),
  fc.record({ kind: fc.constant('packet' as const), frame: fc.uint8Array({ maxLength: 200 }) }),
  fc.record({ kind: fc.constant('entropy' as const), bytes: fc.uint8Array({ minLength: 1, maxLength: ENTROPY_BYTES_MAX }) }),
  fc.record({ kind: fc.constant('disk' as const), request: fc.maxSafeNat(), status: fc.constantFrom('ok' as const, 'error' as const) }),
  fc.record({
    kind: fc.constant('disk' as const),
    request: fc.maxSafeNat(),
    status: fc.constant('ok' as const),
    data: fc.uint8Array({ maxLength: 300 }),
  }),
  fc.record({ kind: fc.constantFrom('power-off' as const, 'reboot' as const) }),
  fc.record({
    kind: fc.constant('control' as const),
    operation: fc.constantFrom('alive' as const, 'quiesced' as const, 'finished' as const),
  }),
);
const recordings: fc.Arbitrary<Recorded> = fc.record({ at: fc.maxSafeNat(), event: events });

describe('log codec', () => {
  it('gives back every event it encoded, in at most ENTRY_BYTES_MAX bytes', () => {
    fc.assert(
      fc.property(recordings, (recorded) => {
        const bytes = encodeRecorded(recorded);
        expect(bytes.length).toBeLessThanOrEqual(ENTRY_BYTES_MAX);
        expect(decodeRecorded(bytes)).toEqual(recorded);
      }),
      { numRuns: 2000 },
    );
  });

  it('needs ENTRY_BYTES_MAX bytes for the greatest event, so the bound is exact', () => {
    const data = new Uint8Array(DISK_REQUEST_BYTES_MAX).fill(255);
    const greatest: Recorded = {
      at: Number.MAX_SAFE_INTEGER,
      event: { kind: 'disk', request: Number.MAX_SAFE_INTEGER, status: 'ok', data },
    };
    expect(encodeRecorded(greatest).length).toBe(ENTRY_BYTES_MAX);
    expect(decodeRecorded(encodeRecorded(greatest))).toEqual(greatest);
  });

  it('fits every event into a frame of the logging channel, whose payload has 16 bits for its length', () => {
    expect(ENTRY_BYTES_MAX).toBeLessThan(2 ** 16);
  });

  it('takes an interrupt without a hart for one of hart 0, so that it has one encoding', () => {
    const [absent, zero] = [{}, { hart: 0 }].map((hart) => encodeRecorded({ at: 9, event: { kind: 'interrupt', line: 7, ...hart } }));
    expect(zero).toEqual(absent);
    expect(decodeRecorded(zero!).event).toEqual({ kind: 'interrupt', line: 7 });
  });

  it('keeps version 1 as it was first written: version and kind, position, payload', () => {
    const hex = (recorded: Recorded) => Buffer.from(encodeRecorded(recorded)).toString('hex');
    expect(hex({ at: 0, event: { kind: 'clock', value: 300n } })).toBe('1000ac02');
    expect(hex({ at: 127, event: { kind: 'interrupt', line: 7 } })).toBe('117f07');
    expect(hex({ at: 128, event: { kind: 'console', byte: 255 } })).toBe('128001ff');
    expect(hex({ at: 16384, event: { kind: 'output', output: 5 } })).toBe('1380800105');
    expect(hex({ at: 1, event: { kind: 'packet', frame: Uint8Array.of(1, 2, 255) } })).toBe('1401030102ff');
    expect(hex({ at: 1, event: { kind: 'packet', frame: new Uint8Array(128) } })).toBe(`14018001${'00'.repeat(128)}`);
    expect(hex({ at: 2, event: { kind: 'power-off' } })).toBe('1502');
    expect(hex({ at: 128, event: { kind: 'reboot' } })).toBe('168001');
    expect(hex({ at: 1, event: { kind: 'interrupt', line: 3, hart: 2 } })).toBe('110123');
    expect(hex({ at: 1, event: { kind: 'entropy', bytes: Uint8Array.of(7, 8) } })).toBe('1701020708');
    expect(hex({ at: 1, event: { kind: 'disk', request: 300, status: 'ok' } })).toBe('1801ac0200');
    expect(hex({ at: 1, event: { kind: 'disk', request: 0, status: 'error' } })).toBe('18010001');
    expect(hex({ at: 1, event: { kind: 'disk', request: 0, status: 'ok', data: Uint8Array.of(9) } })).toBe('180100020109');
    expect(hex({ at: 1, event: { kind: 'disk', request: 0, status: 'ok', data: new Uint8Array(0) } })).toBe('1801000200');
    expect(hex({ at: 1, event: { kind: 'control', operation: 'alive' } })).toBe('190100');
    expect(hex({ at: 128, event: { kind: 'control', operation: 'quiesced' } })).toBe('19800101');
  });

  it('accepts no bytes but the one encoding of what it decodes', () => {
    const likely = fc
      .tuple(fc.integer({ min: 0x10, max: 0x1a }), fc.uint8Array({ maxLength: 22 }))
      .map(([head, rest]) => Uint8Array.of(head, ...rest));
    let decoded = 0;
    fc.assert(
      fc.property(fc.oneof(likely, fc.uint8Array({ maxLength: 24 })), (bytes) => {
        try {
          const recorded = decodeRecorded(bytes);
          decoded++;
          expect(encodeRecorded(recorded)).toEqual(bytes);
        } catch (error) {
          if (!(error instanceof MalformedEntry)) throw error;
        }
      }),
      { numRuns: 5000 },
    );
    expect(decoded).toBeGreaterThan(0);
  });

  it('refuses every encoding that was cut short or made longer', () => {
    fc.assert(
      fc.property(recordings, fc.integer({ min: 0, max: 255 }), (recorded, extra) => {
        const bytes = encodeRecorded(recorded);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => decodeRecorded(bytes.subarray(0, length))).toThrow(MalformedEntry);
        }
        expect(() => decodeRecorded(Uint8Array.of(...bytes, extra))).toThrow(MalformedEntry);
      }),
    );
  });

  it.each([
    ['nothing', [], 'it ends after 0 bytes, within the head'],
    ['another version', [0x20, 0, 0], 'byte 0 says version 2, this decoder knows version 1'],
    ['an unknown kind', [0x1a, 0, 0], 'byte 0 says kind 10, the kinds are 0 to 9'],
    ['a position that does not end', [0x12, 0x80], 'it ends after 2 bytes, within the position'],
    [
      'a position beyond 2^53 - 1',
      [0x12, 255, 255, 255, 255, 255, 255, 255, 16, 0],
      'the position at byte 1 is greater than 9007199254740991',
    ],
    ['a position in too many bytes', [0x12, 0x80, 0, 0], 'the position at byte 1 takes more bytes than it needs'],
    ['a position of zeros without end', [0x12, ...new Array<number>(30).fill(0x80)], 'the position at byte 1 is greater than'],
    [
      'a clock value beyond 64 bits',
      [0x10, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2],
      'the clock value at byte 2 is greater than',
    ],
    ['an interrupt line that is none', [0x11, 0, 11], 'the interrupt line is 11, the lines are 3 and 7'],
    ['an interrupt of a hart that is none', [0x11, 0, 0x43], 'the interrupt is of hart 4, harts are 0 to 3'],
    ['entropy of no bytes', [0x17, 0, 0], 'the entropy has no bytes'],
    ['too much entropy', [0x17, 0, 0x81, 0x02], 'the entropy length at byte 2 is greater than 256'],
    ['a disk request that ended in no known way', [0x18, 0, 5, 3], 'the outcome of disk request 5 is 3, outcomes are 0 to 2'],
    ['too much data of a disk read', [0x18, 0, 0, 2, 0x81, 0x80, 0x02], 'the data length at byte 4 is greater than 32768'],
    ['a failed disk request with data', [0x18, 0, 0, 1, 1, 65], 'the disk event ends at byte 4, but 6 bytes came'],
    ['a frame that is too long', [0x14, 0, 0xf7, 0x0b, 0], 'the frame length at byte 2 is greater than 1526'],
    ['a frame length in too many bytes', [0x14, 0, 0x81, 0, 65], 'the frame length at byte 2 takes more bytes than it needs'],
    ['a frame that ends early', [0x14, 0, 3, 65, 66], 'it ends after 5 bytes, within the frame'],
    ['a power-off with something behind it', [0x15, 0, 0], 'the power-off event ends at byte 2, but 3 bytes came'],
    ['a control operation that is none', [0x19, 0, 3], 'the control operation is 3, operations are 0 to 2'],
    ['a control entry without an operation', [0x19, 0], 'it ends after 2 bytes, within the control operation'],
    ['a control entry with something behind it', [0x19, 0, 1, 0], 'the control event ends at byte 3, but 4 bytes came'],
    ['a byte too many', [0x12, 0, 65, 66], 'the console event ends at byte 3, but 4 bytes came'],
  ])('says what is wrong with %s', (_, bytes, message) => {
    expect(() => decodeRecorded(Uint8Array.from(bytes))).toThrow(message);
  });

  it.each<[string, Recorded]>([
    ['a negative position', { at: -1, event: { kind: 'console', byte: 0 } }],
    ['a fractional position', { at: 0.5, event: { kind: 'console', byte: 0 } }],
    ['a negative clock value', { at: 0, event: { kind: 'clock', value: -1n } }],
    ['a clock value of 65 bits', { at: 0, event: { kind: 'clock', value: 2n ** 64n } }],
    ['a byte of 256', { at: 0, event: { kind: 'console', byte: 256 } }],
    ['an unsafe output number', { at: 0, event: { kind: 'output', output: 2 ** 53 } }],
    ['a frame of 1,527 bytes', { at: 0, event: { kind: 'packet', frame: new Uint8Array(1527) } }],
    ['hart 4', { at: 0, event: { kind: 'interrupt', line: 3, hart: 4 } }],
    ['hart -1', { at: 0, event: { kind: 'interrupt', line: 3, hart: -1 } }],
    ['no entropy', { at: 0, event: { kind: 'entropy', bytes: new Uint8Array(0) } }],
    ['257 bytes of entropy', { at: 0, event: { kind: 'entropy', bytes: new Uint8Array(257) } }],
    ['a negative disk request', { at: 0, event: { kind: 'disk', request: -1, status: 'ok' } }],
    ['a disk read of 32,769 bytes', { at: 0, event: { kind: 'disk', request: 0, status: 'ok', data: new Uint8Array(32769) } }],
    ['data of a failed disk read', { at: 0, event: { kind: 'disk', request: 0, status: 'error', data: new Uint8Array(512) } }],
    ['an unknown control operation', { at: 0, event: { kind: 'control', operation: 'paused' as 'alive' } }],
    ['interrupt line 11', { at: 0, event: { kind: 'interrupt', line: 11 as 3 } }],
  ])('does not encode %s', (_, recorded) => {
    expect(() => encodeRecorded(recorded)).toThrow(RangeError);
  });
});
