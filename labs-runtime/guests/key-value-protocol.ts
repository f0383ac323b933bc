/**
 * The client's side of the guests `key-value` and `key-value-disk`: requests and replies as Ethernet frames that carry UDP. The guest's side,
 * with the same layout, is `src/key-value.h`.
 */
import { decodeDatagram, encodeDatagram, type Endpoint } from './internet-packets.ts';
import { SERVER_ADDRESS } from './network-address.ts';

/** Where both guests serve. */
export const SERVER: Endpoint = { hardware: SERVER_ADDRESS, internet: [10, 0, 0, 1], port: 7000 };

/** Limits of the guest: a key has 1 to 32 bytes, a value 0 to 128. */
export const KEY_BYTES_MAX = 32;
export const VALUE_BYTES_MAX = 128;
/** Keys that the guest has room for. */
export const KEYS_MAX = 128;
/** Clients that the guest tells apart, by any number of 32 bits. It keeps the last answer of each. */
export const CLIENTS_MAX = 16;

const OPERATIONS = { get: 1, put: 2, delete: 3, 'compare-and-set': 4, append: 5 } as const;
const STATUSES = ['ok', 'not found', 'differs', 'no room', 'too long', 'too many clients'] as const;
const HEADER_BYTES = 12;
const REPLY_BIT = 0x80;

export type Operation = keyof typeof OPERATIONS;

/** What a client asks for, besides of whom and about which key. */
export type KeyValueCommand =
  | { op: 'get' | 'delete' }
  /** Appending to a key that is not there makes it. */
  | { op: 'put' | 'append'; value: Uint8Array }
  /** Sets the value if it is the expected one; a key that is not there has none. */
  | { op: 'compare-and-set'; expected: Uint8Array; value: Uint8Array };

export type KeyValueRequest = KeyValueCommand & {
  /** 0 to 2^32 - 1. */
  client: number;
  /** From 1, and going up. The last one may be sent again and gets the same reply; an older one gets none. */
  request: number;
  key: Uint8Array;
};

/**
 * - `ok`: done;
 * - `not found`: there is no such key;
 * - `differs`: the value is not the expected one, and nothing has changed;
 * - `no room`: there are as many keys as the guest can hold;
 * - `too long`: the value appended to would be longer than 128 bytes, and nothing has changed;
 * - `too many clients`: the guest knows as many clients as it can, and does nothing for this one.
 */
export type Status = (typeof STATUSES)[number];

export interface KeyValueReply {
  op: Operation;
  status: Status;
  client: number;
  request: number;
  /** What was got, or what it is if it differs; else empty. */
  value: Uint8Array;
}

/** A frame with a request, from that endpoint. Throws a RangeError for one that the guest would drop. */
export function encodeRequest(request: KeyValueRequest, from: Endpoint = clientEndpoint(request.client)): Uint8Array {
  return encodeDatagram({ from, to: SERVER, payload: encodeRequestPayload(request) });
}

/** What the datagram of a request carries. Throws a RangeError for one that the guest would drop. */
export function encodeRequestPayload(request: KeyValueRequest): Uint8Array {
  const { op, key } = request;
  const value = 'value' in request ? request.value : new Uint8Array(0);
  const expected = 'expected' in request ? request.expected : new Uint8Array(0);
  checkNumber('a client', request.client, 0);
  checkNumber('a request', request.request, 1);
  checkLength('a key', key, 1, KEY_BYTES_MAX);
  checkLength('a value', value, 0, VALUE_BYTES_MAX);
  checkLength('an expected value', expected, 0, VALUE_BYTES_MAX);
  const payload = new Uint8Array(HEADER_BYTES + key.length + value.length + expected.length);
  payload.set([OPERATIONS[op], key.length, value.length, expected.length]);
  const view = new DataView(payload.buffer);
  view.setUint32(4, request.client);
  view.setUint32(8, request.request);
  payload.set(key, HEADER_BYTES);
  payload.set(value, HEADER_BYTES + key.length);
  payload.set(expected, HEADER_BYTES + key.length + value.length);
  return payload;
}

/** What a frame of the guest's says; undefined if it is no reply. */
export function decodeReply(frame: Uint8Array): KeyValueReply | undefined {
  const datagram = decodeDatagram(frame);
  return datagram?.from.port === SERVER.port ? decodeReplyPayload(datagram.payload) : undefined;
}

/** What the datagram of a reply carries; undefined if it is none. */
export function decodeReplyPayload(payload: Uint8Array): KeyValueReply | undefined {
  if (payload.length < HEADER_BYTES) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const code = view.getUint8(0);
  const op = (Object.keys(OPERATIONS) as Operation[]).find((name) => code === (OPERATIONS[name] | REPLY_BIT));
  const status = STATUSES[view.getUint8(1)];
  if (op === undefined || status === undefined || payload.length !== HEADER_BYTES + view.getUint8(2)) return undefined;
  return { op, status, client: view.getUint32(4), request: view.getUint32(8), value: payload.slice(HEADER_BYTES) };
}

/** An endpoint for a client by its number: a locally administered hardware address, and a port among the dynamic ones (RFC 6335). */
export function clientEndpoint(client: number): Endpoint {
  const [highest, high, low, lowest] = [24, 16, 8, 0].map((shift) => (client >>> shift) & 0xff) as [number, number, number, number];
  return { hardware: [2, 0, highest, high, low, lowest], internet: [10, 1, low, lowest], port: 49152 + (client % 16384) };
}

function checkNumber(what: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least || value > 0xffffffff) {
    throw new RangeError(`${what} is numbered ${least} to 2^32 - 1, this is ${value}`);
  }
}

function checkLength(what: string, bytes: Uint8Array, least: number, most: number): void {
  if (bytes.length < least || bytes.length > most) {
    throw new RangeError(`${what} has ${least} to ${most} bytes, this one has ${bytes.length}`);
  }
}
