/**
 * Frames that a client of a guest on the internet protocols sends and receives: ARP (RFC 826), echo (RFC 792) and UDP (RFC 768) over IPv4
 * (RFC 791) over Ethernet. The guest's side is `src/internet.h`. What is decoded has been checked; a frame that is something else, or is
 * damaged, decodes to undefined.
 */

/** Where a frame comes from or goes to. */
export interface Host {
  /** Ethernet address, 6 bytes. */
  readonly hardware: readonly number[];
  /** IPv4 address, 4 bytes. */
  readonly internet: readonly number[];
}

/** One end of an exchange of datagrams. */
export interface Endpoint extends Host {
  /** UDP port, 1 to 65535. */
  readonly port: number;
}

/** Who has an address, or who asks for one. */
export interface ArpMessage {
  operation: 'request' | 'reply';
  sender: Host;
  /** In a request its hardware address is zero. */
  target: Host;
}

/** An echo request, or the reply to one, which repeats all of it. */
export interface Echo {
  /** 16 bits that say whose request it is, and which. */
  identifier: number;
  sequence: number;
  payload: Uint8Array;
}

/** What one UDP datagram carries, and from where to where. */
export interface Datagram {
  from: Endpoint;
  to: Endpoint;
  payload: Uint8Array;
}

/** The longest payload of a datagram or an echo that is not cut into fragments, in bytes. */
export const PAYLOAD_BYTES_MAX = 1472;

const FRAME_HEADER_BYTES = 14;
const TYPE_INTERNET = 0x0800;
const TYPE_ARP = 0x0806;
const BROADCAST = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

const ARP_BYTES = 28;
/** Hardware is Ethernet, the protocol IPv4, with addresses of 6 and 4 bytes. */
const ARP_KIND = [0, 1, 0x08, 0x00, 6, 4];
const ARP_OPERATIONS = { request: 1, reply: 2 } as const;

const PACKET_HEADER_BYTES = 20;
const TIME_TO_LIVE = 64;
const PROTOCOL_ICMP = 1;
const PROTOCOL_UDP = 17;
const FRAGMENT_BITS = 0x3fff;

const ECHO_HEADER_BYTES = 8;
const ECHO_TYPES = { request: 8, reply: 0 } as const;
const DATAGRAM_HEADER_BYTES = 8;

/** The checksum of RFC 1071 over bytes: of the sum of their 16-bit words the complement; zero over bytes that hold a right one. */
export function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  bytes.forEach((byte, index) => (sum += index % 2 === 0 ? byte << 8 : byte));
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** Asks everybody who has an IPv4 address. */
export function encodeArpRequest(sender: Host, internet: readonly number[]): Uint8Array {
  const target = [0, 0, 0, 0, 0, 0, ...internet];
  const body = [...ARP_KIND, 0, ARP_OPERATIONS.request, ...sender.hardware, ...sender.internet, ...target];
  return Uint8Array.from([...frameHeader(BROADCAST, sender.hardware, TYPE_ARP), ...body]);
}

/** What an ARP frame says; undefined if it is none. */
export function decodeArp(frame: Uint8Array): ArpMessage | undefined {
  const body = frame.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + ARP_BYTES);
  if (body.length < ARP_BYTES || typeOf(frame) !== TYPE_ARP || !ARP_KIND.every((byte, index) => body[index] === byte)) return undefined;
  const code = (body[6]! << 8) | body[7]!;
  if (code !== ARP_OPERATIONS.request && code !== ARP_OPERATIONS.reply) return undefined;
  return { operation: code === ARP_OPERATIONS.request ? 'request' : 'reply', sender: hostAt(body, 8), target: hostAt(body, 18) };
}

/** Asks a host to send all of this back. */
export function encodeEchoRequest(from: Host, to: Host, { identifier, sequence, payload }: Echo): Uint8Array {
  const body = new Uint8Array(ECHO_HEADER_BYTES + payload.length);
  body.set(payload, ECHO_HEADER_BYTES);
  const view = viewOf(body);
  view.setUint8(0, ECHO_TYPES.request);
  view.setUint16(4, identifier);
  view.setUint16(6, sequence);
  view.setUint16(2, internetChecksum(body));
  return encodePacket(from, to, PROTOCOL_ICMP, body);
}

/** What an echo reply brings back, and from whom; undefined if the frame is none. */
export function decodeEchoReply(frame: Uint8Array): (Echo & { from: Host }) | undefined {
  const packet = decodePacket(frame);
  if (packet?.protocol !== PROTOCOL_ICMP || packet.body.length < ECHO_HEADER_BYTES) return undefined;
  const view = viewOf(packet.body);
  if (view.getUint16(0) !== ECHO_TYPES.reply << 8 || internetChecksum(packet.body) !== 0) return undefined;
  const payload = packet.body.slice(ECHO_HEADER_BYTES);
  return { identifier: view.getUint16(4), sequence: view.getUint16(6), payload, from: packet.from };
}

/** The frame of one UDP datagram, with its checksum. Throws a RangeError if the payload is too long for one. */
export function encodeDatagram({ from, to, payload }: Datagram): Uint8Array {
  const body = new Uint8Array(DATAGRAM_HEADER_BYTES + payload.length);
  body.set(payload, DATAGRAM_HEADER_BYTES);
  const view = viewOf(body);
  view.setUint16(0, from.port);
  view.setUint16(2, to.port);
  view.setUint16(4, body.length);
  // Zero would mean that there is none; both are the same number in this arithmetic.
  view.setUint16(6, datagramChecksum(from, to, body) || 0xffff);
  return encodePacket(from, to, PROTOCOL_UDP, body);
}

/** The datagram in a frame; undefined if it is none. A checksum of zero means that it has none. */
export function decodeDatagram(frame: Uint8Array): Datagram | undefined {
  const packet = decodePacket(frame);
  if (packet?.protocol !== PROTOCOL_UDP || packet.body.length < DATAGRAM_HEADER_BYTES) return undefined;
  const { from, to } = packet;
  const view = viewOf(packet.body);
  const byteCount = view.getUint16(4);
  if (byteCount < DATAGRAM_HEADER_BYTES || byteCount > packet.body.length) return undefined;
  const body = packet.body.subarray(0, byteCount);
  if (view.getUint16(6) !== 0 && datagramChecksum(from, to, body) !== 0) return undefined;
  const payload = body.slice(DATAGRAM_HEADER_BYTES);
  return { from: { ...from, port: view.getUint16(0) }, to: { ...to, port: view.getUint16(2) }, payload };
}

/** An IPv4 packet of one piece. Throws a RangeError if it is longer than the 1500 bytes that an Ethernet frame carries. */
function encodePacket(from: Host, to: Host, protocol: number, body: Uint8Array): Uint8Array {
  const payloadBytes = body.length - DATAGRAM_HEADER_BYTES; // the header of an echo is as long
  if (payloadBytes > PAYLOAD_BYTES_MAX) {
    throw new RangeError(`a packet carries at most ${PAYLOAD_BYTES_MAX} bytes, this payload has ${payloadBytes}: cut it into several`);
  }
  const packet = new Uint8Array(PACKET_HEADER_BYTES + body.length);
  packet.set([0x45, 0]);
  packet.set([TIME_TO_LIVE, protocol], 8);
  packet.set([...from.internet, ...to.internet], 12);
  packet.set(body, PACKET_HEADER_BYTES);
  const view = viewOf(packet);
  view.setUint16(2, packet.length);
  view.setUint16(10, internetChecksum(packet.subarray(0, PACKET_HEADER_BYTES)));
  return Uint8Array.from([...frameHeader(to.hardware, from.hardware, TYPE_INTERNET), ...packet]);
}

/** A packet taken apart, if it is whole and its header right. What follows it in its frame is padding. */
function decodePacket(frame: Uint8Array): { from: Host; to: Host; protocol: number; body: Uint8Array } | undefined {
  const packet = frame.subarray(FRAME_HEADER_BYTES);
  if (typeOf(frame) !== TYPE_INTERNET || packet.length < PACKET_HEADER_BYTES) return undefined;
  const view = viewOf(packet);
  const version = view.getUint8(0) >>> 4;
  const headerBytes = 4 * (view.getUint8(0) & 15);
  const packetBytes = view.getUint16(2);
  if (version !== 4 || headerBytes < PACKET_HEADER_BYTES || packetBytes < headerBytes || packetBytes > packet.length) return undefined;
  if (internetChecksum(packet.subarray(0, headerBytes)) !== 0 || (view.getUint16(6) & FRAGMENT_BITS) !== 0) return undefined;
  return {
    from: { hardware: [...frame.subarray(6, 12)], internet: [...packet.subarray(12, 16)] },
    to: { hardware: [...frame.subarray(0, 6)], internet: [...packet.subarray(16, 20)] },
    protocol: view.getUint8(9),
    body: packet.subarray(headerBytes, packetBytes),
  };
}

/** Over the datagram and what UDP counts besides: both addresses, the protocol and the length. */
function datagramChecksum(from: Host, to: Host, body: Uint8Array): number {
  const pseudoHeader = [...from.internet, ...to.internet, 0, PROTOCOL_UDP, body.length >>> 8, body.length & 0xff];
  return internetChecksum(Uint8Array.from([...pseudoHeader, ...body]));
}

function frameHeader(destination: readonly number[], source: readonly number[], type: number): number[] {
  return [...destination, ...source, type >>> 8, type & 0xff];
}

/** The type of a frame; undefined if it has no whole header. */
function typeOf(frame: Uint8Array): number | undefined {
  return frame.length < FRAME_HEADER_BYTES ? undefined : (frame[12]! << 8) | frame[13]!;
}

function hostAt(body: Uint8Array, offset: number): Host {
  return { hardware: [...body.subarray(offset, offset + 6)], internet: [...body.subarray(offset + 6, offset + 10)] };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
