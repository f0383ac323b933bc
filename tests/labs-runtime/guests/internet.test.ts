/**
 * The internet side of the key-value guests: ARP, echo and UDP as their RFCs say, seen by a host whose checksums are computed here in
 * another way; frames that break a rule are dropped, and none crashes the guest.
 */
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { NETWORK_ADDRESS } from '../../../labs-runtime/emulator/machine.ts';
import {
  decodeArp,
  decodeDatagram,
  decodeEchoReply,
  encodeArpRequest,
  encodeDatagram,
  encodeEchoRequest,
  PAYLOAD_BYTES_MAX,
} from '../../../labs-runtime/guests/internet-packets.ts';
import {
  clientEndpoint,
  decodeReply,
  encodeRequest,
  encodeRequestPayload,
  SERVER,
} from '../../../labs-runtime/guests/key-value-protocol.ts';
import { RecordedGuest } from './recorded-guest.ts';

const CLIENT = clientEndpoint(3);
const BROADCAST = [255, 255, 255, 255, 255, 255];
const KEY = Uint8Array.of(107);

/** Offsets in a frame with a header of 20 bytes. */
const INTERNET = 14;
const BODY = 34;

/** Whether bytes sum up to a multiple of 65535, which is what a right checksum in them makes of it. */
function isSummedRight(...parts: ArrayLike<number>[]): boolean {
  const all = parts.flatMap((part) => Array.from(part));
  return all.reduce((sum, byte, index) => sum + byte * (index % 2 === 0 ? 256 : 1), 0) % 65535 === 0;
}

/** Expects a frame of the guest's to be an IPv4 packet to the client that is right in all that RFC 791 asks of a sender. */
function expectRightPacket(frame: Uint8Array): void {
  expect([...frame.subarray(0, INTERNET)]).toEqual([...CLIENT.hardware, ...NETWORK_ADDRESS, 0x08, 0x00]);
  const packet = frame.subarray(INTERNET);
  expect(packet[0]).toBe(0x45);
  expect(packet[2]! * 256 + packet[3]!).toBe(packet.length);
  expect([...packet.subarray(6, 8)]).toEqual([0x40, 0]);
  expect(packet[8]).toBeGreaterThan(0);
  expect([...packet.subarray(12, 20)]).toEqual([...SERVER.internet, ...CLIENT.internet]);
  expect(isSummedRight(packet.subarray(0, 20))).toBe(true);
}

/** Makes the header's checksum right again after a change. */
function withHeaderChecksum(frame: Uint8Array): Uint8Array {
  const headerBytes = 4 * (frame[INTERNET]! & 15);
  return withChecksum(frame, INTERNET + 10, [frame.subarray(INTERNET, INTERNET + headerBytes)]);
}

/** The same for an echo's checksum, which is over the body alone. */
function withEchoChecksum(frame: Uint8Array): Uint8Array {
  return withChecksum(frame, BODY + 2, [frame.subarray(BODY)]);
}

/** Writes at `at` the checksum that makes the sum of the parts, in which the field is too, a multiple of 65535. */
function withChecksum(frame: Uint8Array, at: number, parts: ArrayLike<number>[]): Uint8Array {
  frame.set([0, 0], at);
  const sum = parts.flatMap((part) => Array.from(part)).reduce((total, byte, index) => total + byte * (index % 2 === 0 ? 256 : 1), 0);
  const checksum = 65535 - (sum % 65535);
  frame.set([checksum >> 8, checksum & 255], at);
  return frame;
}

function ping(payload: Uint8Array, identifier = 0x1234, sequence = 7): Uint8Array {
  return encodeEchoRequest(CLIENT, SERVER, { identifier, sequence, payload });
}

/** A frame with a get, the byte at `at` set to `value`, and with a right header checksum all the same. */
function changed(frame: Uint8Array, at: number, value: number): Uint8Array {
  return withHeaderChecksum(frame.with(at, value));
}

let guest: RecordedGuest;

/** Expects no answer to a frame, though every buffer of the guest's still holds a right one that would make a short one whole. */
function expectDropped(frame: Uint8Array, right: Uint8Array): void {
  for (let buffer = 0; buffer < 8; buffer++) expect(guest.ask(right).length).toBe(1);
  expect(guest.ask(frame)).toEqual([]);
  expect(guest.ask(right).length).toBe(1);
}

beforeEach(async () => {
  guest = await RecordedGuest.boot('key-value');
  expect(guest.settle()).toBe('wait');
});

describe('ARP', () => {
  it('announces the address at boot, to everybody (RFC 5227, section 2.3)', async () => {
    const [frame, ...others] = guest.takeFrames();
    expect(others).toEqual([]);
    expect([...frame!.subarray(0, 12)]).toEqual([...BROADCAST, ...NETWORK_ADDRESS]);
    expect(decodeArp(frame!)).toEqual({
      operation: 'request',
      sender: { hardware: [...NETWORK_ADDRESS], internet: [10, 0, 0, 1] },
      target: { hardware: [0, 0, 0, 0, 0, 0], internet: [10, 0, 0, 1] },
    });
    await guest.expectReplay();
  });

  it('answers who asks for its address, asked of everybody or of itself', () => {
    guest.takeFrames();
    const question = encodeArpRequest(CLIENT, SERVER.internet);
    const direct = Uint8Array.from([...NETWORK_ADDRESS, ...question.subarray(6)]);
    const answers = guest.ask(question, direct);
    expect(answers.length).toBe(2);
    for (const answer of answers) {
      expect([...answer.subarray(0, 12)]).toEqual([...CLIENT.hardware, ...NETWORK_ADDRESS]);
      expect(decodeArp(answer)).toEqual({
        operation: 'reply',
        sender: { hardware: [...NETWORK_ADDRESS], internet: [10, 0, 0, 1] },
        target: { hardware: CLIENT.hardware, internet: CLIENT.internet },
      });
    }
  });

  it('takes a question with padding up to the shortest frame there is', () => {
    guest.takeFrames();
    const padded = new Uint8Array(60);
    padded.set(encodeArpRequest(CLIENT, SERVER.internet));
    expect(guest.ask(padded).length).toBe(1);
  });

  it.each<[string, (frame: Uint8Array) => Uint8Array]>([
    ['for another address', (frame) => frame.with(41, 2)],
    ['that is an answer', (frame) => frame.with(21, 2)],
    ['of other hardware', (frame) => frame.with(15, 6)],
    ['for another protocol', (frame) => frame.with(17, 1)],
    ['with hardware addresses of another length', (frame) => frame.with(18, 8)],
    ['with protocol addresses of another length', (frame) => frame.with(19, 16)],
    ['from a group of machines', (frame) => frame.with(22, 1)],
    ['in a frame from a group of machines', (frame) => frame.with(6, 1)],
    ['to another machine', (frame) => frame.with(0, 2)],
    ['that is cut short', (frame) => frame.subarray(0, 41)],
  ])('says nothing to a question %s', (_, change) => {
    guest.takeFrames();
    const question = encodeArpRequest(CLIENT, SERVER.internet);
    expectDropped(change(question.slice()), question);
  });
});

describe('echo', () => {
  beforeEach(() => void guest.takeFrames());

  it.each([0, 1, 2, 55, 56, 1471, PAYLOAD_BYTES_MAX])('sends %i bytes back as they came', async (payloadBytes) => {
    const payload = Uint8Array.from({ length: payloadBytes }, (_, index) => (index * 7 + 255) & 255);
    const [frame, ...others] = guest.ask(ping(payload));
    expect(others).toEqual([]);
    expectRightPacket(frame!);
    expect(frame![BODY]).toBe(0);
    expect(isSummedRight(frame!.subarray(BODY))).toBe(true);
    const { hardware, internet } = SERVER;
    expect(decodeEchoReply(frame!)).toEqual({ identifier: 0x1234, sequence: 7, payload, from: { hardware, internet } });
    await guest.expectReplay();
  });

  it('carries twice in a sum that asks for it', () => {
    // 200 words of 0xffff and 1 are 0xc7ff39: 0xff39 and 0xc7 are 0x10000.
    const [frame] = guest.ask(ping(new Uint8Array(400).fill(255), 0, 1));
    expect(isSummedRight(frame!.subarray(BODY))).toBe(true);
  });

  it('sends any payload back, with checksums that are right', () => {
    let sent = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(0xffff), fc.nat(0xffff), (payload, identifier, sequence) => {
        const [frame] = guest.ask(ping(payload, identifier, sequence));
        expectRightPacket(frame!);
        expect(isSummedRight(frame!.subarray(BODY))).toBe(true);
        expect(decodeEchoReply(frame!)).toMatchObject({ identifier, sequence, payload });
        sent++;
      }),
    );
    expect(sent).toBeGreaterThan(50);
  });

  it.each<[string, (frame: Uint8Array) => Uint8Array]>([
    ['with a wrong checksum', (frame) => frame.with(BODY + 2, frame[BODY + 2]! ^ 1)],
    ['with a payload that was damaged', (frame) => frame.with(frame.length - 1, frame.at(-1)! ^ 1)],
    ['of type reply', (frame) => withEchoChecksum(frame.with(BODY, 0))],
    ['of code 1', (frame) => withEchoChecksum(frame.with(BODY + 1, 1))],
    ['of half a header', (frame) => withEchoChecksum(changed(frame, INTERNET + 3, 24).slice(0, BODY + 4))],
  ])('says nothing to a request %s', (_, change) => {
    const request = ping(Uint8Array.of(1, 2, 3, 4));
    expectDropped(change(request.slice()), request);
  });
});

describe('IPv4', () => {
  const request = ping(Uint8Array.of(1, 2, 3, 4));

  beforeEach(() => void guest.takeFrames());

  it('takes options in a header, and padding behind a packet', () => {
    const header = [...request.subarray(INTERNET, BODY), 1, 1, 1, 0];
    const longer = Uint8Array.from([...request.subarray(0, INTERNET), ...header, ...request.subarray(BODY), 9, 9, 9]);
    const frame = withHeaderChecksum(longer.with(INTERNET, 0x46).with(INTERNET + 3, 36));
    const [answer] = guest.ask(frame);
    expectRightPacket(answer!);
    expect(decodeEchoReply(answer!)!.payload).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it('lets a packet be marked not to be cut, and live as short as it may', () => {
    expect(guest.ask(changed(request, INTERNET + 6, 0x40)).length).toBe(1);
    expect(guest.ask(changed(request, INTERNET + 8, 1)).length).toBe(1);
  });

  /** The source address is 8.0 and the checksum of an echo request that begins with it. */
  function echoInHeader(frame: Uint8Array): Uint8Array {
    const source = INTERNET + 12;
    const bytes = frame
      .with(INTERNET, 0x43)
      .with(source, 8)
      .with(source + 1, 0);
    return withHeaderChecksum(withChecksum(bytes, source + 2, [bytes.subarray(source)]));
  }

  it.each<[string, (frame: Uint8Array) => Uint8Array]>([
    ['with a wrong header checksum', (frame) => frame.with(INTERNET + 10, frame[INTERNET + 10]! ^ 1)],
    ['of version 6', (frame) => changed(frame, INTERNET, 0x65)],
    ['with a header of 4 words', (frame) => changed(frame, INTERNET, 0x44)],
    ['with a header of 3 words, behind which an echo would begin', echoInHeader],
    ['with a header longer than the packet', (frame) => changed(frame, INTERNET, 0x4f)],
    ['longer than its frame', (frame) => changed(frame, INTERNET + 3, frame.length - INTERNET + 1)],
    ['shorter than its header', (frame) => changed(frame, INTERNET + 3, 19)],
    ['that is a first fragment', (frame) => changed(frame, INTERNET + 6, 0x20)],
    ['that is a last fragment', (frame) => changed(frame, INTERNET + 7, 1)],
    ['to another address', (frame) => changed(frame, INTERNET + 19, 2)],
    ['to everybody', (frame) => withHeaderChecksum(Uint8Array.from([...frame.subarray(0, 30), 255, 255, 255, 255, ...frame.subarray(34)]))],
    ['from address 0', (frame) => changed(frame, INTERNET + 12, 0)],
    ['from a loopback address', (frame) => changed(frame, INTERNET + 12, 127)],
    ['from a group of machines', (frame) => changed(frame, INTERNET + 12, 224)],
    ['from its own address', (frame) => changed(changed(frame, INTERNET + 13, 0), INTERNET + 15, 1)],
    ['of another protocol', (frame) => changed(frame, INTERNET + 9, 6)],
    ['in a frame to everybody', (frame) => Uint8Array.from([...BROADCAST, ...frame.subarray(6)])],
    ['in a frame to another machine', (frame) => frame.with(5, 9)],
    ['in a frame from a group of machines', (frame) => frame.with(6, 1)],
    ['in a frame of another type', (frame) => frame.with(12, 0x86)],
    ['that ends inside its header', (frame) => frame.subarray(0, INTERNET + 19)],
    ['in half a frame header', (frame) => frame.subarray(0, 13)],
    ['in an empty frame', (frame) => frame.subarray(0, 0)],
  ])('drops a packet %s', (_, change) => {
    expectDropped(change(request.slice()), request);
  });

  it('has no buffer for a frame of more than 1514 bytes', () => {
    expect(guest.machine.canReceive(1514)).toBe(true);
    expect(guest.machine.canReceive(1515)).toBe(false);
  });
});

describe('UDP', () => {
  const get = encodeRequest({ op: 'get', client: 3, request: 1, key: KEY });

  /** Whether a frame's datagram has a checksum that is right together with the pseudo-header of RFC 768. */
  function hasRightChecksum(frame: Uint8Array): boolean {
    const datagram = frame.subarray(BODY);
    return isSummedRight(frame.subarray(INTERNET + 12, BODY), [0, 17, datagram.length >> 8, datagram.length & 255], datagram);
  }

  beforeEach(() => void guest.takeFrames());

  it('answers from its port to the port and the machine that asked', () => {
    const from = { hardware: CLIENT.hardware, internet: CLIENT.internet, port: 1 };
    const [frame, ...others] = guest.ask(encodeRequest({ op: 'get', client: 3, request: 1, key: KEY }, from));
    expect(others).toEqual([]);
    expectRightPacket(frame!);
    expect(decodeDatagram(frame!)).toMatchObject({ from: SERVER, to: from });
  });

  /** The checksum in a frame. */
  const checksumIn = (frame: Uint8Array) => frame[BODY + 6]! * 256 + frame[BODY + 7]!;

  it('sends a right checksum, and all ones where it would be zero', () => {
    const [first] = guest.ask(get);
    expect(hasRightChecksum(first!)).toBe(true);
    // The number of the request is in the sum: with this one the complement of the sum is zero.
    const request = 1 + checksumIn(first!);
    const [second] = guest.ask(encodeRequest({ op: 'get', client: 3, request, key: KEY }));
    expect(hasRightChecksum(second!)).toBe(true);
    expect(checksumIn(second!)).toBe(0xffff);
  });

  it('takes a datagram without a checksum, and one with padding behind it inside its packet', () => {
    expect(guest.ask(get.with(BODY + 6, 0).with(BODY + 7, 0)).length).toBe(1);
    const padded = Uint8Array.from([...get, 0, 0, 0]);
    expect(guest.ask(changed(padded, INTERNET + 3, get.length - INTERNET + 3)).length).toBe(1);
  });

  it('takes a datagram whose checksum is all ones, which stands for zero', () => {
    const frame = encodeRequest({ op: 'get', client: 3, request: 1 + checksumIn(get), key: KEY });
    expect(checksumIn(frame)).toBe(0xffff);
    expect(guest.ask(frame).length).toBe(1);
    expect(guest.ask(frame.with(BODY + 6, 0xfe)).length).toBe(0);
  });

  it.each<[string, (frame: Uint8Array) => Uint8Array]>([
    ['with a wrong checksum', (frame) => frame.with(BODY + 6, frame[BODY + 6]! ^ 1)],
    ['with a payload that was damaged', (frame) => frame.with(frame.length - 1, frame.at(-1)! ^ 1)],
    ['whose source was changed on the way', (frame) => changed(frame, INTERNET + 15, frame[INTERNET + 15]! ^ 1)],
    [
      'longer than its packet',
      (frame) =>
        frame
          .with(BODY + 5, frame[BODY + 5]! + 1)
          .with(BODY + 6, 0)
          .with(BODY + 7, 0),
    ],
    [
      'shorter than its header',
      (frame) =>
        frame
          .with(BODY + 5, 7)
          .with(BODY + 6, 0)
          .with(BODY + 7, 0),
    ],
    ['of half a header', (frame) => changed(frame, INTERNET + 3, 27)],
    [
      'to another port',
      (frame) =>
        frame
          .with(BODY + 3, frame[BODY + 3]! ^ 1)
          .with(BODY + 6, 0)
          .with(BODY + 7, 0),
    ],
    [
      'from port 0',
      (frame) =>
        frame
          .with(BODY, 0)
          .with(BODY + 1, 0)
          .with(BODY + 6, 0)
          .with(BODY + 7, 0),
    ],
  ])('drops a datagram %s', (_, change) => {
    expectDropped(change(get.slice()), get);
  });

  it('takes as long a datagram as fits into a packet, and drops it for what it says', () => {
    const payload = new Uint8Array(PAYLOAD_BYTES_MAX);
    payload.set(encodeRequestPayload({ op: 'get', client: 3, request: 1, key: KEY }));
    expect(guest.ask(encodeDatagram({ from: CLIENT, to: SERVER, payload }))).toEqual([]);
    expect(guest.ask(get).length).toBe(1);
  });
});

describe('frames that nobody should send', () => {
  const right: Uint8Array[] = [
    encodeArpRequest(CLIENT, SERVER.internet),
    ping(Uint8Array.of(1, 2, 3)),
    encodeRequest({ op: 'compare-and-set', client: 3, request: 9, key: KEY, value: KEY, expected: KEY }),
  ];

  /** A right frame with some bytes changed, and cut or made longer; sometimes with its header checksum made right again. */
  const spoiled = fc
    .record({
      frame: fc.constantFrom(...right),
      changes: fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 }),
      length: fc.option(fc.nat(120), { nil: undefined }),
      isMadeRight: fc.boolean(),
    })
    .map(({ frame, changes, length, isMadeRight }) => {
      const bytes = new Uint8Array(length ?? frame.length);
      bytes.set(frame.subarray(0, bytes.length));
      for (const [at, value] of changes) if (at >= 12 && at < bytes.length) bytes[at] = value;
      return isMadeRight && bytes.length >= BODY ? withHeaderChecksum(bytes) : bytes;
    });

  it('do not crash the guest, nor keep it from answering the next right one', async () => {
    let frames = 0;
    guest.takeFrames();
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: spoiled }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 1514 }) }), (frame) => {
        guest.ask(frame);
        frames++;
      }),
      { numRuns: 500 },
    );
    expect(frames).toBeGreaterThanOrEqual(500);
    expect(guest.text).toBe('key-value in memory at 10.0.0.1 port 7000\n');
    const [answer] = guest.ask(encodeRequest({ op: 'get', client: 3, request: 2 ** 32 - 1, key: KEY }));
    expect(decodeReply(answer!)).toMatchObject({ client: 3, request: 2 ** 32 - 1 });
    await guest.expectReplay();
  });
});
