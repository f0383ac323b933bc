/** What the measurements of `paper.ts` have their guests do: requests to the key-value store, and datagrams that it only takes in. */
import type { KeyValueCommand } from '../labs-runtime/guests/key-value-protocol.ts';
import { clientEndpoint, encodeRequest, SERVER } from '../labs-runtime/guests/key-value-protocol.ts';
import { encodeDatagram, PAYLOAD_BYTES_MAX } from '../labs-runtime/guests/internet-packets.ts';
import type { Prng } from '../labs-runtime/sim/prng.ts';

const KEYS = 64;
const VALUE_BYTES = 64;
const LONG_VALUE_BYTES = 128;

export type Command = KeyValueCommand & { key: Uint8Array };

function keyOf(number: number): Uint8Array {
  return Uint8Array.of(0x6b, 0x30 + number);
}

/** Half reads, half writes of 64 bytes, over 64 keys. */
export function mixed(prng: Prng): Command {
  const key = keyOf(prng.int(KEYS));
  return prng.int(2) === 0 ? { op: 'get', key } : { op: 'put', key, value: new Uint8Array(VALUE_BYTES).fill(prng.int(256)) };
}

/** Writes of 128 bytes: the guest receives. */
export function writes(prng: Prng): Command {
  return { op: 'put', key: keyOf(prng.int(KEYS)), value: new Uint8Array(LONG_VALUE_BYTES).fill(prng.int(256)) };
}

/** Once each key has a value of 128 bytes, only reads: the guest transmits. */
export function readsAfterWrites(): (prng: Prng) => Command {
  let written = 0;
  return (prng) =>
    written < KEYS
      ? { op: 'put', key: keyOf(written++), value: new Uint8Array(LONG_VALUE_BYTES).fill(written) }
      : { op: 'get', key: keyOf(prng.int(KEYS)) };
}

/** A request by turns a write of 64 bytes and a read, as a frame. */
export function storeRequest(client: number, request: number): Uint8Array {
  const key = keyOf((client * 5 + request) % KEYS);
  const command: Command =
    (client + request) % 2 === 0 ? { op: 'get', key } : { op: 'put', key, value: new Uint8Array(VALUE_BYTES).fill(request) };
  return encodeRequest({ ...command, client, request });
}

/** The reads of `readsAfterWrites` as frames: the guest transmits. */
export function readFrames(count: number, prng: Prng): Uint8Array[] {
  const next = readsAfterWrites();
  return Array.from({ length: count }, (_, index) => encodeRequest({ ...next(prng), client: 0, request: 1 + index }));
}

/** As long a datagram as a frame carries, to a port on which nobody listens: the guest takes it in, checks it and drops it. */
export const datagram = encodeDatagram({
  from: clientEndpoint(0),
  to: { ...SERVER, port: 9 },
  payload: new Uint8Array(PAYLOAD_BYTES_MAX).map((_, index) => index),
});
