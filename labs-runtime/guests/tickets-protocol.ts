/**
 * The client's side of the guest `tickets`: its requests and replies as Ethernet frames. The simulated clients of walk one speak it; the guest's
 * side, with the same layout, is `src/tickets.c`.
 */
import { SERVER_ADDRESS } from './network-address.ts';

/** IEEE 802: local experimental. */
const ETHERNET_TYPE = 0x88b5;

const ETHERNET_HEADER_BYTES = 14;
const REQUEST_BYTES = ETHERNET_HEADER_BYTES + 6;
const REPLY_BYTES = ETHERNET_HEADER_BYTES + 14;

const OPERATIONS = { 'take ticket': 0x01, 'power off': 0x02 } as const;
const TICKET_TAKEN = 0x81;

/** Clients that the guest tells apart: their numbers are 0 to 15. */
export const CLIENTS_MAX = 16;

/** What a client asks for. */
export interface TicketRequest {
  /** `power off` switches the guest off and has no reply. */
  op: keyof typeof OPERATIONS;
  /** From 0 to 15. The guest remembers one request of each client. */
  client: number;
  /** From 1, and going up. The last one may be sent again and gets the same reply; an older one gets none. */
  request: number;
}

/** The answer to `take ticket`. */
export interface TicketReply {
  client: number;
  request: number;
  /** Numbers go up by one from 1, over all clients. */
  ticket: number;
  /** When the ticket was issued: the low 32 bits of the guest's clock, in ticks. */
  time: number;
}

/** The frame of a request. Throws a RangeError for a client or a request number that the guest would ignore. */
export function encodeRequest({ op, client, request }: TicketRequest): Uint8Array {
  if (!Number.isInteger(client) || client < 0 || client >= CLIENTS_MAX) {
    throw new RangeError(`clients are numbered 0 to ${CLIENTS_MAX - 1}, this is ${client}`);
  }
  if (!Number.isInteger(request) || request < 1 || request > 0xffffffff) {
    throw new RangeError(`requests are numbered 1 to 2^32 - 1, this is ${request}`);
  }
  const frame = new Uint8Array(REQUEST_BYTES);
  frame.set([...SERVER_ADDRESS, ...clientAddress(client)]);
  const view = new DataView(frame.buffer);
  view.setUint16(12, ETHERNET_TYPE);
  view.setUint8(14, OPERATIONS[op]);
  view.setUint8(15, client);
  view.setUint32(16, request);
  return frame;
}

/** What a frame of the guest's says; undefined if it is no reply. */
export function decodeReply(frame: Uint8Array): TicketReply | undefined {
  if (frame.length < REPLY_BYTES) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
  if (view.getUint16(12) !== ETHERNET_TYPE || view.getUint8(14) !== TICKET_TAKEN) return undefined;
  return { client: view.getUint8(15), request: view.getUint32(16), ticket: view.getUint32(20), time: view.getUint32(24) };
}

/** A locally administered address for each client. */
function clientAddress(client: number): number[] {
  return [0x02, 0, 0, 0, 0, client];
}
