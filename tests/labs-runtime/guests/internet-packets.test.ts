/** The host's side of the internet protocols against examples written out by hand, and its refusal of damaged frames. */
import { describe, expect, it } from 'vitest';
import {
  decodeArp,
  decodeDatagram,
  decodeEchoReply,
  encodeArpRequest,
  encodeDatagram,
  encodeEchoRequest,
  type Endpoint,
  internetChecksum,
  PAYLOAD_BYTES_MAX,
} from '../../../labs-runtime/guests/internet-packets.ts';

const HERE: Endpoint = { hardware: [2, 0, 0, 0, 0, 1], internet: [10, 0, 0, 2], port: 0x1234 };
const THERE: Endpoint = { hardware: [2, 0, 0, 0, 0, 9], internet: [10, 0, 0, 1], port: 7000 };

const fromHex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const toHex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

/** From the second host to the first, carrying "hi". */
const DATAGRAM_FRAME = fromHex(
  '020000000001 020000000009 0800' + '4500 001e 0000 0000 4011 66cd 0a000001 0a000002' + '1b58 1234 000a 55e2' + '6869',
);

describe('the internet checksum', () => {
  it('is that of the example of RFC 1071, section 3', () => {
    expect(internetChecksum(fromHex('0001f203f4f5f6f7'))).toBe(~0xddf2 & 0xffff);
  });

  it('counts an odd last byte as the first of a word, and carries more than once', () => {
    expect(internetChecksum(fromHex('0102 03'))).toBe(~(0x0102 + 0x0300) & 0xffff);
    expect(internetChecksum(fromHex('ffff ffff 0001'))).toBe(~1 & 0xffff);
    expect(internetChecksum(new Uint8Array(0))).toBe(0xffff);
  });
});

describe('frames to send', () => {
  it('asks everybody for an address', () => {
    expect(toHex(encodeArpRequest(HERE, THERE.internet))).toBe(
      'ffffffffffff0200000000010806' + '0001080006040001' + '020000000001' + '0a000002' + '000000000000' + '0a000001',
    );
  });

  it('asks for an echo, with both checksums', () => {
    const frame = encodeEchoRequest(HERE, THERE, { identifier: 1, sequence: 2, payload: Uint8Array.of(0xff) });
    expect(toHex(frame.subarray(0, 34))).toBe(
      '0200000000090200000000010800' + '4500001d' + '00000000' + '4001' + '66de' + '0a000002' + '0a000001',
    );
    expect(toHex(frame.subarray(34))).toBe('0800' + 'f8fb' + '0001' + '0002' + 'ff');
  });

  it('sends a datagram, with a checksum over addresses, ports and payload', () => {
    expect(toHex(encodeDatagram({ from: THERE, to: HERE, payload: fromHex('6869') }))).toBe(toHex(DATAGRAM_FRAME));
  });

  it('refuses a payload that does not fit into one packet', () => {
    const longest = encodeDatagram({ from: HERE, to: THERE, payload: new Uint8Array(PAYLOAD_BYTES_MAX) });
    expect(longest.length).toBe(1514);
    expect(() => encodeDatagram({ from: HERE, to: THERE, payload: new Uint8Array(PAYLOAD_BYTES_MAX + 1) })).toThrow('at most 1472 bytes');
  });
});

describe('frames received', () => {
  it('reads a datagram, also from the middle of a longer array and with padding behind it', () => {
    const expected = { from: THERE, to: HERE, payload: fromHex('6869') };
    expect(decodeDatagram(DATAGRAM_FRAME)).toEqual(expected);
    expect(decodeDatagram(Uint8Array.of(9, ...DATAGRAM_FRAME, 0, 0).subarray(1))).toEqual(expected);
  });

  it('takes no frame for a datagram in which one bit is wrong where it counts', () => {
    // Behind the hardware addresses every bit is covered by one of the two checksums, or is part of what the frame must be.
    let damaged = 0;
    for (let at = 12; at < DATAGRAM_FRAME.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        expect(decodeDatagram(DATAGRAM_FRAME.with(at, DATAGRAM_FRAME[at]! ^ (1 << bit))), `bit ${bit} of byte ${at}`).toBeUndefined();
        damaged++;
      }
    }
    expect(damaged).toBe(8 * (DATAGRAM_FRAME.length - 12));
  });

  it('takes none that is cut short', () => {
    for (let length = 0; length < DATAGRAM_FRAME.length; length++)
      expect(decodeDatagram(DATAGRAM_FRAME.subarray(0, length))).toBeUndefined();
  });

  it('takes a datagram without a checksum', () => {
    expect(decodeDatagram(DATAGRAM_FRAME.with(40, 0).with(41, 0))?.payload).toEqual(fromHex('6869'));
  });

  it('tells ARP, echo and datagram apart', () => {
    const echo = encodeEchoRequest(HERE, THERE, { identifier: 1, sequence: 2, payload: Uint8Array.of(1) });
    const arp = encodeArpRequest(HERE, THERE.internet);
    expect(decodeArp(arp)).toMatchObject({ operation: 'request', sender: { hardware: HERE.hardware, internet: HERE.internet } });
    for (const frame of [echo, DATAGRAM_FRAME, arp.subarray(0, 41), arp.with(21, 3), arp.with(15, 2)])
      expect(decodeArp(frame)).toBeUndefined();
    for (const frame of [echo, arp, DATAGRAM_FRAME]) expect(decodeEchoReply(frame)).toBeUndefined();
    for (const frame of [echo, arp]) expect(decodeDatagram(frame)).toBeUndefined();
  });

  it('reads the reply to an echo, unless it is damaged', () => {
    const spoiled = encodeEchoRequest(THERE, HERE, { identifier: 1, sequence: 2, payload: Uint8Array.of(0xff) }).with(34, 0);
    expect(decodeEchoReply(spoiled)).toBeUndefined();
    // A request's type is 8, a reply's 0: the sum is 0x0800 less, and the checksum as much more.
    const reply = spoiled.with(36, 0x00).with(37, 0xfc);
    expect(decodeEchoReply(reply)).toMatchObject({ identifier: 1, sequence: 2, payload: Uint8Array.of(0xff) });
  });
});
