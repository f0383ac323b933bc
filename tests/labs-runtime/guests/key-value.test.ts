/**
 * The key-value guests: each request answered as the model says, at most once, by the guest in memory and the one on a disk alike; what is
 * no request is dropped; and every run can be replayed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { guests } from '../../../labs-runtime/guests/index.ts';
import { decodeDatagram, encodeDatagram } from '../../../labs-runtime/guests/internet-packets.ts';
import {
  CLIENTS_MAX,
  clientEndpoint,
  decodeReply,
  decodeReplyPayload,
  encodeRequest,
  encodeRequestPayload,
  KEY_BYTES_MAX,
  KEYS_MAX,
  type KeyValueCommand,
  type KeyValueReply,
  type KeyValueRequest,
  SERVER,
  VALUE_BYTES_MAX,
} from '../../../labs-runtime/guests/key-value-protocol.ts';
import { bytes, KeyValueModel } from './key-value-model.ts';
import { ModelDisk } from './model-disk.ts';
import { RecordedGuest } from './recorded-guest.ts';

type Server = 'key-value' | 'key-value-disk';

async function booted(server: Server): Promise<RecordedGuest> {
  const { diskSectors } = guests[server];
  const guest = await RecordedGuest.boot(server, diskSectors === undefined ? {} : { disk: ModelDisk.blank(diskSectors) });
  expect(guest.settle()).toBe('wait');
  expect(guest.takeFrames().length).toBe(1); // the announcement of its address
  return guest;
}

const TEXT_OF_BOOT = {
  'key-value': 'key-value in memory at 10.0.0.1 port 7000\n',
  'key-value-disk': 'key-value on disk, 0 keys after 0 changes, at 10.0.0.1 port 7000\n',
};

/** A request by client 1 unless said otherwise. */
function request(number: number, command: KeyValueCommand, key = 'k', client = 1): KeyValueRequest {
  return { ...command, client, request: number, key: bytes(key) };
}

const get: KeyValueCommand = { op: 'get' };
const remove: KeyValueCommand = { op: 'delete' };
const put = (value: string): KeyValueCommand => ({ op: 'put', value: bytes(value) });
const append = (value: string): KeyValueCommand => ({ op: 'append', value: bytes(value) });
const compareAndSet = (expected: string, value: string): KeyValueCommand => ({
  op: 'compare-and-set',
  expected: bytes(expected),
  value: bytes(value),
});

/** The one answer to a request, or undefined for none. */
function ask(guest: RecordedGuest, asked: KeyValueRequest): KeyValueReply | undefined {
  const frames = guest.ask(encodeRequest(asked));
  expect(frames.length).toBeLessThanOrEqual(1);
  if (frames.length === 0) return undefined;
  const { from, to } = decodeDatagram(frames[0]!)!;
  expect(from).toEqual(SERVER);
  expect(to).toEqual(clientEndpoint(asked.client));
  return decodeReply(frames[0]!)!;
}

/** Status and value of an answer, as text. */
function told(guest: RecordedGuest, asked: KeyValueRequest): string | undefined {
  const answer = ask(guest, asked);
  return answer === undefined ? undefined : `${answer.status} ${Buffer.from(answer.value).toString('latin1')}`.trimEnd();
}

describe.each<Server>(['key-value', 'key-value-disk'])('%s', (server) => {
  it('prints where it is at boot, and nothing else ever', async () => {
    const guest = await booted(server);
    told(guest, request(1, put('v')));
    told(guest, request(2, get));
    expect(guest.text).toBe(TEXT_OF_BOOT[server]);
    await guest.expectReplay();
  });

  it('keeps a value under its key, and says what is not there', async () => {
    const guest = await booted(server);
    expect(told(guest, request(1, get))).toBe('not found');
    expect(told(guest, request(2, put('one')))).toBe('ok');
    expect(told(guest, request(3, get))).toBe('ok one');
    expect(told(guest, request(4, get, 'K'))).toBe('not found');
    expect(told(guest, request(5, get, 'kk'))).toBe('not found');
    expect(told(guest, request(6, put('')))).toBe('ok');
    expect(told(guest, request(7, get))).toBe('ok');
    expect(told(guest, request(8, remove))).toBe('ok');
    expect(told(guest, request(9, remove))).toBe('not found');
    expect(told(guest, request(10, get))).toBe('not found');
    await guest.expectReplay();
  });

  it('sets a value only if it is the expected one, and else tells it', async () => {
    const guest = await booted(server);
    expect(told(guest, request(1, compareAndSet('', 'a')))).toBe('not found');
    expect(told(guest, request(2, put('a')))).toBe('ok');
    expect(told(guest, request(3, compareAndSet('b', 'c')))).toBe('differs a');
    expect(told(guest, request(4, compareAndSet('ab', 'c')))).toBe('differs a');
    expect(told(guest, request(5, compareAndSet('a', 'c')))).toBe('ok');
    expect(told(guest, request(6, get))).toBe('ok c');
  });

  it('appends up to the longest value, also to a key that is not there', async () => {
    const guest = await booted(server);
    const half = 'h'.repeat(VALUE_BYTES_MAX / 2);
    expect(told(guest, request(1, append(half)))).toBe('ok');
    expect(told(guest, request(2, append(half)))).toBe('ok');
    expect(told(guest, request(3, append('x')))).toBe('too long');
    expect(told(guest, request(4, append('')))).toBe('ok');
    expect(told(guest, request(5, get))).toBe(`ok ${half}${half}`);
  });

  it('takes the longest key and values there are', async () => {
    const guest = await booted(server);
    const key = 'k'.repeat(KEY_BYTES_MAX);
    const [first, second] = ['1'.repeat(VALUE_BYTES_MAX), '2'.repeat(VALUE_BYTES_MAX)];
    expect(told(guest, request(1, put(first), key))).toBe('ok');
    expect(told(guest, request(2, compareAndSet(first, second), key))).toBe('ok');
    expect(told(guest, request(3, get, key))).toBe(`ok ${second}`);
    expect(told(guest, request(4, get, key.slice(1)))).toBe('not found');
  });

  it('carries a request out once, however often it comes, and answers each time the same', async () => {
    const guest = await booted(server);
    expect(told(guest, request(1, append('x')))).toBe('ok');
    const frames = guest.ask(encodeRequest(request(1, append('x'))), encodeRequest(request(1, append('x'))));
    expect(frames.map((frame) => decodeReply(frame)!.status)).toEqual(['ok', 'ok']);
    expect(frames[0]).toEqual(frames[1]);
    // By its number it is the same request, whatever else it says.
    expect(ask(guest, request(1, get))).toMatchObject({ op: 'append', status: 'ok', request: 1 });
    expect(told(guest, request(2, get))).toBe('ok x');
    expect(told(guest, request(1, append('x')))).toBeUndefined();
    expect(told(guest, request(3, get))).toBe('ok x');
  });

  it('tells what it got before to a get that comes again, though another client has changed it since', async () => {
    const guest = await booted(server);
    told(guest, request(1, put('old')));
    expect(told(guest, request(2, get))).toBe('ok old');
    expect(told(guest, request(1, put('new'), 'k', 2))).toBe('ok');
    expect(told(guest, request(2, get))).toBe('ok old');
    expect(told(guest, request(3, get))).toBe('ok new');
  });

  it('tells 16 clients apart by numbers of any size, and does nothing for a 17th', async () => {
    const guest = await booted(server);
    const clients = Array.from({ length: CLIENTS_MAX }, (_, index) => (index === 0 ? 0 : 2 ** 32 - index));
    for (const client of clients) expect(told(guest, request(5, append('x'), 'k', client))).toBe('ok');
    expect(ask(guest, request(1, append('x'), 'k', 77))).toEqual({
      op: 'append',
      status: 'too many clients',
      client: 77,
      request: 1,
      value: bytes(''),
    });
    for (const client of clients) expect(told(guest, request(5, append('x'), 'k', client))).toBe('ok');
    expect(told(guest, request(6, get, 'k', 0))).toBe(`ok ${'x'.repeat(CLIENTS_MAX)}`);
  });

  it('holds 128 keys, refuses one more, and has room again after a delete', async () => {
    const guest = await booted(server);
    let number = 0;
    for (let index = 0; index < KEYS_MAX; index++) expect(told(guest, request(++number, put(`${index}`), `key ${index}`))).toBe('ok');
    expect(told(guest, request(++number, put('x'), 'one more'))).toBe('no room');
    expect(told(guest, request(++number, append('x'), 'one more'))).toBe('no room');
    expect(told(guest, request(++number, append('!'), 'key 127'))).toBe('ok');
    expect(told(guest, request(++number, remove, 'key 3'))).toBe('ok');
    expect(told(guest, request(++number, append('x'), 'one more'))).toBe('ok');
    expect(told(guest, request(++number, get, 'one more'))).toBe('ok x');
    expect(told(guest, request(++number, get, 'key 127'))).toBe('ok 127!');
    await guest.expectReplay();
  });

  it('serves requests that come together in their order, eight at most', async () => {
    const guest = await booted(server);
    const requests = Array.from({ length: 8 }, (_, index) => encodeRequest(request(1, append(`${index}`), 'k', index)));
    for (const frame of requests) expect(guest.recorder.packet(frame)).toBe(true);
    expect(guest.recorder.packet(requests[0]!)).toBe(false);
    expect(guest.settle()).toBe('wait');
    expect(guest.takeFrames().map((frame) => decodeReply(frame)!.client)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(told(guest, request(2, get, 'k', 3))).toBe('ok 01234567');
    await guest.expectReplay();
  });

  it('keeps its timer going, with one clock read and no output a tick', async () => {
    const guest = await booted(server);
    for (let tick = 1n; tick <= 3n; tick++) {
      const due = guest.machine.interruptTimer();
      expect(due).toBe(10_000n * tick);
      guest.ticks = due;
      const { clockReads } = guest;
      const { outputs } = guest.recorder;
      guest.recorder.interrupt(7);
      expect(guest.settle()).toBe('wait');
      expect(guest.clockReads).toBe(clockReads + 1);
      expect(guest.recorder.outputs).toBe(outputs);
    }
    await guest.expectReplay();
  });

  it('is woken by a frame at whatever attempt it comes, also just before it goes to sleep', async () => {
    const guest = await booted(server);
    guest.recorder.interrupt(7); // so that it runs on from its sleep, around its loop and to sleep again
    const asleep = guest.machine.snapshot();
    const frame = encodeRequest(request(1, get));
    let attempts = 0;
    for (let end = 'position'; end === 'position'; attempts++) {
      guest.machine.restore(asleep);
      const awake = new RecordedGuest(server, guest.machine);
      end = awake.recorder.run(guest.machine.position + attempts);
      expect(awake.ask(frame).length, `after ${attempts} attempts`).toBe(1);
    }
    expect(attempts).toBeGreaterThan(50);
  });

  it('answers any requests as the model does, in any order, again and late', async () => {
    const text = (maxLength: number) => fc.string({ unit: fc.constantFrom('a', 'b'), maxLength });
    const command: fc.Arbitrary<KeyValueCommand> = fc.oneof(
      fc.constantFrom(get, remove),
      text(80).map(append),
      text(VALUE_BYTES_MAX).map(put),
      fc.tuple(text(2), text(2)).map(([expected, value]) => compareAndSet(expected, value)),
    );
    const any = fc
      .tuple(fc.integer({ min: 1, max: 12 }), command, fc.constantFrom('a', 'b', 'ab'), fc.integer({ min: 0, max: 17 }))
      .map((parts) => request(...parts));
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: 20, maxLength: 60 }), async (requests) => {
        const guest = await booted(server);
        const model = new KeyValueModel();
        for (const asked of requests) {
          const expected = model.ask(asked);
          expect(ask(guest, asked)).toEqual(expected);
          if (expected !== undefined) answered++;
        }
        await guest.expectReplay();
      }),
      { numRuns: 20 },
    );
    expect(answered).toBeGreaterThan(200);
  });

  it('drops every change of a byte count or an op that breaks the rules', async () => {
    const guest = await booted(server);
    const right = encodeRequestPayload(request(1, compareAndSet('old', 'new')));
    const wrong: Record<string, Uint8Array> = {
      'op 0': right.with(0, 0),
      'op 6': right.with(0, 6),
      'op 6 without a value': encodeRequestPayload(request(1, get)).with(0, 6),
      'an op of a reply': right.with(0, 0x84),
      'a get with a value': right.with(0, 1),
      'a put with an expected value': right.with(0, 2),
      'no key': Uint8Array.from([4, 0, 3, 3, ...right.subarray(4, 12), ...right.subarray(13)]),
      'a key of 33 bytes': Uint8Array.from([1, 33, 0, 0, ...right.subarray(4, 12), ...bytes('k'.repeat(33))]),
      'a value of 129 bytes': Uint8Array.from([2, 1, 129, 0, ...right.subarray(4, 12), ...bytes('k'.repeat(130))]),
      'a key length that leads beyond the end': right.with(1, 32),
      'a value length that leads beyond the end': right.with(2, 128),
      'an expected length that leads beyond the end': right.with(3, 128),
      'a byte too many': Uint8Array.from([...right, 0]),
      'a byte too few': right.subarray(0, right.length - 1),
      'half a header': right.subarray(0, 11),
      nothing: bytes(''),
      'request 0': right.with(11, 0),
    };
    for (const [what, payload] of Object.entries(wrong)) {
      expect(guest.ask(encodeDatagram({ from: clientEndpoint(1), to: SERVER, payload })), what).toEqual([]);
    }
    expect(told(guest, request(1, get))).toBe('not found');
  });

  it('is not crashed by any bytes in place of a request', async () => {
    const guest = await booted(server);
    const header = fc.tuple(
      fc.integer({ min: 0, max: 7 }),
      fc.integer({ min: 0, max: 40 }),
      fc.constantFrom(0, 1, 127, 128, 129, 255),
      fc.constantFrom(0, 1, 127, 128, 129, 255),
    );
    const payload = fc.tuple(header, fc.uint8Array({ maxLength: 400 })).map(([first, rest]) => Uint8Array.from([...first, ...rest]));
    fc.assert(
      fc.property(payload, (anything) => {
        guest.ask(encodeDatagram({ from: clientEndpoint(1), to: SERVER, payload: anything }));
      }),
      { numRuns: 300 },
    );
    // Its numbers may be taken up by now; it still says so.
    expect(guest.ask(encodeRequest(request(2 ** 32 - 1, get, 'k', 1))).length).toBe(1);
    await guest.expectReplay();
  });
});

describe("the key-value protocol's client side", () => {
  it('lays a request out as the guest reads it', () => {
    const payload = encodeRequestPayload({ ...compareAndSet('ab', 'c'), client: 0x01020304, request: 0x05060708, key: bytes('xyz') });
    expect(Buffer.from(payload).toString('hex')).toBe('04030102' + '01020304' + '05060708' + '78797a' + '63' + '6162');
  });

  it.each<[string, Partial<KeyValueRequest>]>([
    ['client -1', { client: -1 }],
    ['client 2^32', { client: 2 ** 32 }],
    ['request 0', { request: 0 }],
    ['half a request', { request: 1.5 }],
    ['an empty key', { key: bytes('') }],
    ['a key of 33 bytes', { key: bytes('k'.repeat(33)) }],
    ['a value of 129 bytes', put('v'.repeat(129))],
    ['an expected value of 129 bytes', compareAndSet('v'.repeat(129), '')],
  ])('refuses %s', (_, change) => {
    expect(() => encodeRequest({ ...request(1, get), ...change } as KeyValueRequest)).toThrow(RangeError);
  });

  it('reads a reply, and takes nothing else for one', () => {
    const payload = Uint8Array.from([0x81, 0, 2, 0, 0, 0, 0, 9, 0, 0, 0, 3, 104, 105]);
    const reply = { op: 'get', status: 'ok', client: 9, request: 3, value: bytes('hi') };
    expect(decodeReplyPayload(payload)).toEqual(reply);
    expect(decodeReplyPayload(Uint8Array.of(7, ...payload).subarray(1))).toEqual(reply);
    expect(decodeReplyPayload(payload.with(0, 0x80))).toBeUndefined();
    expect(decodeReplyPayload(payload.with(0, 0x01))).toBeUndefined();
    expect(decodeReplyPayload(payload.with(1, 6))).toBeUndefined();
    expect(decodeReplyPayload(payload.with(2, 1))).toBeUndefined();
    expect(decodeReplyPayload(payload.subarray(0, 11))).toBeUndefined();
    const client = clientEndpoint(9);
    expect(decodeReply(encodeDatagram({ from: SERVER, to: client, payload }))).toEqual(reply);
    expect(decodeReply(encodeDatagram({ from: { ...SERVER, port: 7001 }, to: client, payload }))).toBeUndefined();
    expect(decodeReply(encodeRequest(request(1, get)))).toBeUndefined();
  });

  it('gives clients endpoints of their own, none of them the server', () => {
    const clients = [0, 1, 2, 15, 16, 255, 256, 65535, 2 ** 32 - 1];
    const endpoints = clients.map(clientEndpoint);
    expect(new Set(endpoints.map(({ hardware }) => hardware.join())).size).toBe(clients.length);
    for (const { internet, port } of endpoints) {
      expect(internet).not.toEqual(SERVER.internet);
      expect(port).toBeGreaterThanOrEqual(49152);
      expect(port).toBeLessThanOrEqual(65535);
    }
  });
});
