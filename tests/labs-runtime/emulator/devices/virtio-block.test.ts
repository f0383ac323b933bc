/** The block device by the rules of virtio 1.2, and as part of a machine whose disk is another's affair (VMware FT, sections 3.4 and 3.5). */
import { describe, expect, test } from 'vitest';
import { Machine } from '../../../../labs-runtime/emulator/machine.ts';
import { atomics, boot, bne, bytesOf, li, lw, RAM, SPIN, wordAt } from '../assembler.ts';
import {
  BLOCK,
  block,
  BlockGuest as Guest,
  DISK_SECTORS,
  ENTRIES,
  ERROR,
  FEATURES,
  FLUSH,
  flush,
  header,
  headOf,
  IDENTIFY,
  OK,
  parts,
  places,
  QUEUE,
  READ,
  read,
  request,
  UNSUPPORTED,
  WRITE,
  write,
} from './block-driver.ts';
import type { Store } from './virtio-driver.ts';
import {
  areas,
  bytesAt,
  chain,
  codeOf,
  createDriver,
  descriptor,
  DEVICE_WRITES,
  half,
  NEEDS_RESET,
  NEXT,
  offer,
  REGISTER,
} from './virtio-driver.ts';

const { register, notify, setup } = block;

const sequence = (length: number, from = 1) => Uint8Array.from({ length }, (_, index) => from + index);
const UNTOUCHED = 0xee;

/** Everything that a call could have changed. */
const stateOf = ({ bus }: Guest) => [bus.block.save(), Buffer.from(bus.ram.unsignedBytes).toString('base64')];

describe('what the driver finds (sections 4.2.2, 5.2.3 and 5.2.4)', () => {
  const config = (guest: Guest, offset: number) => guest.load(BLOCK + REGISTER.configuration + offset);

  test('a block device with one queue of at most 64 entries', () => {
    const guest = new Guest();
    expect([guest.register('magic'), guest.register('version'), guest.register('deviceId')]).toEqual([0x74726976, 2, 2]);
    const sizes = [0, 1].map((queue) => (guest.store([register('queueSelect', queue)]), guest.register('queueSizeMax')));
    expect(sizes).toEqual([64, 0]);
  });

  test('limits of a segment and of how many, the size of a sector, flushes and version 1', () => {
    const guest = new Guest();
    const words = [0, 1, 2].map((select) => {
      guest.store([register('deviceFeaturesSelect', select)]);
      return guest.register('deviceFeatures');
    });
    expect(words).toEqual([FEATURES.segmentBytes | FEATURES.segments | FEATURES.sectorBytes | FEATURES.flush, 1, 0]);
    expect([8, 12, 16, 20, 24].map((offset) => config(guest, offset))).toEqual([4096, 8, 0, 512, 0]);
  });

  test.each([1, 100, 2 ** 32 - 1, 2 ** 32])('a capacity of %i sectors in 64 bits', (sectors) => {
    const guest = new Guest(sectors);
    expect([config(guest, 0), config(guest, 4)]).toEqual([sectors % 2 ** 32, Math.floor(sectors / 2 ** 32)]);
  });

  test('nothing but registers that say so, where the machine has no disk (section 4.2.2.1)', () => {
    const guest = new Guest(0);
    expect([guest.register('magic'), guest.register('deviceId'), guest.register('queueSizeMax'), config(guest, 0)]).toEqual([
      0x74726976, 0, 0, 0,
    ]);
    expect(guest.store(setup, [notify(QUEUE)])).toEqual([]);
    expect(guest.bus.block.pendingRequests).toEqual([]);
  });

  test.each([-1, 0.5, 2 ** 32 + 1, NaN])('a machine cannot have a disk of %d sectors', (diskSectors) => {
    expect(() => new Machine({ diskSectors })).toThrow(`diskSectors is ${diskSectors}: it must be an integer from 0 to 4294967296.`);
  });
});

describe('requests (section 5.2.6)', () => {
  test('a read is handed out, and nothing has happened to the guest until it is completed', () => {
    const guest = new Guest(DISK_SECTORS, setup, read(0, 7, 1024));
    expect(guest.submit(0)).toEqual([{ id: 0, kind: 'read', sector: 7, byteCount: 1024 }]);
    expect([guest.status(0), guest.returned, guest.bus.block.interruptPending]).toEqual([UNTOUCHED, [], false]);
    expect(guest.bus.block.complete(0, 'ok', sequence(1024))).toBe(true);
    expect(guest.bytes(places(0).data, 1025)).toEqual([...sequence(1024), 0]);
    expect([guest.status(0), guest.returned]).toEqual([OK, [[0, 1025]]]);
    expect([guest.register('interruptStatus'), guest.bus.block.interruptPending]).toEqual([1, true]);
    guest.store([register('interruptAcknowledge', 1)]);
    expect(guest.bus.block.interruptPending).toBe(false);
  });

  test('a write is handed out with a copy of its data', () => {
    const guest = new Guest(DISK_SECTORS, setup, write(0, 99, sequence(512, 9)));
    const [handedOut] = guest.submit(0);
    guest.store(bytesAt(places(0).data, [1, 2, 3]));
    expect(handedOut).toEqual({ id: 0, kind: 'write', sector: 99, byteCount: 512, data: sequence(512, 9) });
    expect(guest.bus.block.complete(0, 'ok')).toBe(true);
    expect([guest.status(0), guest.returned]).toEqual([OK, [[0, 1]]]);
  });

  test('a flush has no data, and neither its sector nor any data with it count', () => {
    const withData = [...header(1, FLUSH, 12345), ...chain(QUEUE, headOf(1), parts(1, 100, 0))];
    const guest = new Guest(DISK_SECTORS, setup, flush(0), withData);
    expect(guest.submit(0, 1)).toEqual([0, 1].map((id) => ({ id, kind: 'flush', sector: 0, byteCount: 0 })));
    expect([guest.bus.block.complete(0, 'ok'), guest.status(0), guest.returned]).toEqual([true, OK, [[0, 1]]]);
  });

  test('the name is told at once, padded with zeros to 20 bytes', () => {
    const guest = new Guest(DISK_SECTORS, setup, request(0, IDENTIFY, 0, 20));
    expect(guest.submit(0)).toEqual([]);
    expect(guest.bytes(places(0).data, 20)).toEqual([...Buffer.from('lockstep'), ...new Array<number>(12).fill(0)]);
    expect([guest.status(0), guest.returned, guest.bus.block.interruptPending]).toEqual([OK, [[0, 21]], true]);
  });

  test('one notification hands out all that are offered, numbered in the order of the ring', () => {
    const guest = new Guest(DISK_SECTORS, setup, read(0, 10), write(1, 11, sequence(512)), flush(2), request(3, IDENTIFY, 0, 20));
    const handedOut = guest.submit(2, 0, 3, 1);
    expect(handedOut.map(({ id, kind, sector }) => [id, kind, sector])).toEqual([
      [0, 'flush', 0],
      [1, 'read', 10],
      [2, 'write', 11],
    ]);
    expect(guest.bus.block.pendingRequests).toEqual(handedOut);
  });

  test('several are pending at a time, and each comes back when it is completed, in any order', () => {
    const guest = new Guest(DISK_SECTORS, setup, ...[0, 1, 2, 3, 4].map((index) => read(index, index)));
    guest.submit(0, 1);
    guest.submit(2, 3, 4);
    const order = [3, 0, 4, 1, 2];
    for (const id of order) expect(guest.bus.block.complete(id, 'ok', sequence(512, id))).toBe(true);
    expect(guest.returned).toEqual(order.map((id) => [headOf(id), 513]));
    for (const id of order) expect(guest.bytes(places(id).data, 512)).toEqual([...sequence(512, id)]);
    expect(guest.bus.block.pendingRequests).toEqual([]);
  });

  test('no interrupt comes if the driver asked for none', () => {
    const guest = new Guest(DISK_SECTORS, setup, read(0, 1), [half(areas(QUEUE).available, 1)]);
    guest.submit(0);
    guest.bus.block.complete(0, 'ok', sequence(512));
    expect([guest.returned.length, guest.bus.block.interruptPending]).toEqual([1, false]);
  });

  test('one that failed says so and leaves the data alone', () => {
    const guest = new Guest(DISK_SECTORS, setup, read(0, 1), write(1, 1, sequence(512)), flush(2), bytesAt(places(0).data, [7, 7, 7]));
    guest.submit(0, 1, 2);
    for (const id of [0, 1, 2]) expect(guest.bus.block.complete(id, 'error')).toBe(true);
    expect([0, 1, 2].map((index) => guest.status(index))).toEqual([ERROR, ERROR, ERROR]);
    expect(guest.bytes(places(0).data, 4)).toEqual([7, 7, 7, 0]);
    // Of the read, none of the bytes before the status are new (section 2.7.8.2).
    expect(guest.returned.map(([, length]) => length)).toEqual([0, 1, 1]);
  });

  test('the driver may cut a request into parts wherever it likes (section 2.7.4)', () => {
    const { header: at, data, status } = places(0);
    const guest = new Guest(
      DISK_SECTORS,
      setup,
      header(0, READ, 3),
      chain(QUEUE, 0, [
        { address: at, length: 5 },
        { address: at + 5, length: 11 },
        { address: data, length: 0, flags: DEVICE_WRITES },
        { address: data + 1000, length: 300, flags: DEVICE_WRITES },
        { address: data, length: 212 + 1, flags: DEVICE_WRITES },
      ]),
    );
    expect(guest.submit(0)).toEqual([{ id: 0, kind: 'read', sector: 3, byteCount: 512 }]);
    guest.bus.block.complete(0, 'ok', sequence(512));
    expect(guest.bytes(data + 1000, 300)).toEqual([...sequence(300)]);
    expect(guest.bytes(data, 213)).toEqual([...sequence(212, 301), OK]);
    guest.store(
      header(1, WRITE, 4),
      bytesAt(at + 16, sequence(1024)),
      bytesAt(places(1).header + 16, sequence(12)),
      chain(QUEUE, 6, [
        { address: places(1).header, length: 16 + 12 },
        { address: at + 16, length: 500 },
        { address: status + 0x700, length: 1, flags: DEVICE_WRITES },
      ]),
    );
    expect(guest.submitHeads([6])[0]!.data).toEqual(Uint8Array.of(...sequence(12), ...sequence(500)));
  });

  test('the queue goes round for ever', () => {
    const guest = new Guest(DISK_SECTORS, setup, read(0, 1), read(1, 2));
    for (let id = 0; id < 2 ** 16 + 10; id += 2) {
      guest.submit(0, 1);
      guest.bus.block.complete(id + 1, 'error');
      guest.bus.block.complete(id, 'error');
    }
    expect([guest.used(QUEUE, ENTRIES).index, guest.register('status')]).toEqual([10, 15]);
  });
});

describe('a request that breaks a rule is answered at once, and is not handed out', () => {
  /** A read to the start of RAM, which nothing carries out. */
  const large = (byteCount: number) => [
    ...header(0, READ, 0),
    ...chain(
      QUEUE,
      0,
      parts(0, byteCount, DEVICE_WRITES).map((part) => (part.length === byteCount ? { ...part, address: RAM } : part)),
    ),
  ];
  const withFlags = (type: number, flags: number) => [...header(0, type, 0), ...chain(QUEUE, 0, parts(0, 512, flags))];

  test.each<[string, Store[], number]>([
    ['of no whole sector', read(0, 0, 511), ERROR],
    ['of more than whole sectors', write(0, 0, sequence(513)), ERROR],
    ['that begins behind the last sector', read(0, DISK_SECTORS), ERROR],
    ['that ends behind the last sector', read(0, DISK_SECTORS - 1, 1024), ERROR],
    ['of a sector past 2^32', read(0, 2n ** 32n), ERROR],
    ['of the last sector that 64 bits can name', write(0, 2n ** 64n - 1n, sequence(512)), ERROR],
    ['of more than 32 KiB', large(32768 + 512), ERROR],
    ['to read into what the device must not write', withFlags(READ, 0), ERROR],
    ['to write from what the device should not read', withFlags(WRITE, DEVICE_WRITES), ERROR],
    ['to flush into what the device would have to write', withFlags(FLUSH, DEVICE_WRITES), ERROR],
    [
      'without a whole header',
      chain(QUEUE, 0, [
        { address: places(0).header, length: 15 },
        { address: places(0).status, length: 1, flags: DEVICE_WRITES },
      ]),
      ERROR,
    ],
    ['without a header', chain(QUEUE, 0, [{ address: places(0).status, length: 1, flags: DEVICE_WRITES }]), ERROR],
    ['for the name in 19 bytes', request(0, IDENTIFY, 0, 19), ERROR],
    ['for the name in 21 bytes', request(0, IDENTIFY, 0, 21), ERROR],
    ['to discard', request(0, 11, 0, 0), UNSUPPORTED],
    ['to write zeros', request(0, 13, 0, 0), UNSUPPORTED],
    ['of a type that there is not', request(0, 2, 0, 512), UNSUPPORTED],
    ['of a type beyond 2^31', request(0, 0x80000001, 0, 512), UNSUPPORTED],
  ])('%s', (_, stores, status) => {
    const guest = new Guest(DISK_SECTORS, setup, stores, read(1, 1));
    expect(guest.submit(0, 1).map(({ id, sector }) => [id, sector])).toEqual([[0, 1]]);
    expect([guest.status(0), guest.register('status'), guest.register('interruptStatus')]).toEqual([status, 15, 1]);
    expect(guest.returned.map(([head]) => head)).toEqual([0]);
  });

  test('a flush by a driver that has not accepted flushes', () => {
    const other = createDriver({ start: BLOCK, features: 0, queues: 1, queueSize: ENTRIES });
    const guest = new Guest(DISK_SECTORS, other.setup, flush(0), read(1, 0));
    expect(guest.submit(0, 1).map(({ kind }) => kind)).toEqual(['read']);
    expect(guest.status(0)).toBe(UNSUPPORTED);
  });

  test.each<[string, Store[], number]>([
    ['the last sector', read(0, DISK_SECTORS - 1), 512],
    ['no sector at all, at the end of the disk', [...header(0, READ, DISK_SECTORS), ...chain(QUEUE, 0, parts(0, 0, 0))], 0],
    ['32 KiB', large(32768), 32768],
  ])('control: a read of %s is handed out', (_, stores, byteCount) => {
    expect(new Guest(DISK_SECTORS, setup, stores).submit(0)).toMatchObject([{ id: 0, kind: 'read', byteCount }]);
  });
});

describe('a driver whose fault leaves no way to answer is told to reset (section 2.1.2)', () => {
  const cases: [string, Store[]][] = [
    ['has no byte for the status', chain(QUEUE, 0, [{ address: places(0).header, length: 16 }])],
    [
      'has an empty part for the status',
      chain(QUEUE, 0, [
        { address: places(0).header, length: 16 },
        { address: places(0).status, length: 0, flags: DEVICE_WRITES },
      ]),
    ],
    [
      'lets a part to read follow one to write',
      chain(QUEUE, 0, [
        { address: places(0).header, length: 16 },
        { address: places(0).data, length: 512, flags: DEVICE_WRITES },
        { address: places(0).data, length: 512 },
        { address: places(0).status, length: 1, flags: DEVICE_WRITES },
      ]),
    ],
    ['lays the status outside RAM', descriptor(QUEUE, 0, { address: RAM - 1, length: 1, flags: DEVICE_WRITES })],
    ['lets the chain run in a circle', descriptor(QUEUE, 0, { address: RAM, length: 16, flags: NEXT, next: 0 })],
  ];

  test.each(cases)('one that %s', (_, stores) => {
    const guest = new Guest(DISK_SECTORS, setup, read(2, 1), read(3, 2), stores);
    guest.submit(2);
    expect(guest.submit(3, 0)).toEqual([]);
    expect([guest.register('status'), guest.register('interruptStatus')]).toEqual([15 | NEEDS_RESET, 2]);
    expect(guest.bus.block.pendingRequests).toEqual([]);
    expect([guest.submit(3), guest.returned]).toEqual([[], []]);
  });

  test('one that offers more than the queue holds, with those that are pending', () => {
    const guest = new Guest(DISK_SECTORS, setup, read(0, 1));
    for (let count = 0; count < ENTRIES; count++) expect(guest.submit(0).length).toBe(1);
    expect(guest.register('status')).toBe(15);
    expect(guest.submit(0)).toEqual([]);
    expect(guest.register('status')).toBe(15 | NEEDS_RESET);
  });

  test('but one that waits for a completion first is served', () => {
    const guest = new Guest(DISK_SECTORS, setup, read(0, 1));
    for (let count = 0; count < ENTRIES; count++) guest.submit(0);
    guest.bus.block.complete(5, 'error');
    expect(guest.submit(0).map(({ id }) => id)).toEqual([ENTRIES]);
  });
});

describe('completions', () => {
  const pending = () => {
    const guest = new Guest(DISK_SECTORS, setup, read(0, 1), write(1, 2, sequence(512)), flush(2));
    guest.submit(0, 1, 2);
    return guest;
  };

  test.each<[string, number, 'ok' | 'error', number | undefined]>([
    ['a read without data', 0, 'ok', undefined],
    ['a read with too little', 0, 'ok', 511],
    ['a read with too much', 0, 'ok', 513],
    ['a failed read with data', 0, 'error', 512],
    ['a write with data', 1, 'ok', 512],
    ['a flush with data', 2, 'ok', 0],
  ])('of %s is refused, and changes nothing', (_, id, status, bytes) => {
    const guest = pending();
    const before = stateOf(guest);
    const data = bytes === undefined ? undefined : new Uint8Array(bytes);
    expect(guest.bus.block.canComplete(id, status, data)).toBe(false);
    expect(() => guest.bus.block.complete(id, status, data)).toThrow(/^Disk request \d, a (read|write|flush), ends (ok|error) with /);
    expect(stateOf(guest)).toEqual(before);
  });

  test.each([3, -1, 0.5, NaN])('of request %d, which the guest never made, is refused', (id) => {
    const guest = pending();
    expect(guest.bus.block.canComplete(id, 'error')).toBe(false);
    expect(() => guest.bus.block.complete(id, 'error')).toThrow(`The guest has made no disk request ${id} so far.`);
    expect(() => guest.bus.block.writeAhead(id, 0, sequence(1))).toThrow(`The guest has made no disk request ${id} so far.`);
  });

  test('of one that was completed changes nothing', () => {
    const guest = pending();
    expect([guest.bus.block.canComplete(1, 'ok'), guest.bus.block.complete(1, 'ok')]).toEqual([true, true]);
    const before = stateOf(guest);
    expect([guest.bus.block.canComplete(1, 'ok'), guest.bus.block.complete(1, 'error')]).toEqual([false, false]);
    expect(stateOf(guest)).toEqual(before);
  });

  test.each<[string, Store[]]>([
    ['resets the device', [register('status', 0)]],
    ['resets the device and sets it up again', setup],
    ['stops the queue', [register('queueSelect', QUEUE), register('queueReady', 0)]],
    ['stops the queue and starts it again', [register('queueSelect', QUEUE), register('queueReady', 0), register('queueReady', 1)]],
    ['gives up', [register('status', 128)]],
    ['notifies a queue that there is not', [notify(1)]],
  ])('of requests that the guest has abandoned, as it %s, change nothing', (_, stores) => {
    const guest = pending();
    guest.store(stores);
    const before = stateOf(guest);
    expect(guest.bus.block.pendingRequests).toEqual([]);
    expect(guest.bus.block.canComplete(0, 'ok', sequence(512))).toBe(false);
    expect([guest.bus.block.complete(0, 'ok', sequence(512)), guest.bus.block.complete(1, 'error')]).toEqual([false, false]);
    guest.bus.block.writeAhead(0, 0, sequence(512));
    expect(stateOf(guest)).toEqual(before);
  });

  test('a number never comes twice, so that a late completion cannot meet another request', () => {
    const guest = pending();
    guest.store(setup, [half(areas(QUEUE).available + 2, 0)]);
    expect(guest.store(offer(QUEUE, [0], 0, ENTRIES), [notify(QUEUE)])).toMatchObject([{ reason: 'disk', requests: [{ id: 3 }] }]);
    expect(guest.bus.block.complete(0, 'ok', sequence(512))).toBe(false);
    expect(guest.bus.block.complete(3, 'ok', sequence(512))).toBe(true);
    guest.bus.block.reset();
    expect(guest.bus.block.save().nextId).toBe(0);
  });
});

describe('data that comes before its completion (VMware FT, section 3.5)', () => {
  const pending = () => {
    const guest = new Guest(DISK_SECTORS, setup, header(0, READ, 1));
    const { data, status } = places(0);
    guest.store(
      chain(QUEUE, 0, [
        { address: places(0).header, length: 16 },
        { address: data + 0x300, length: 500, flags: DEVICE_WRITES },
        { address: data, length: 524, flags: DEVICE_WRITES },
        { address: status, length: 1, flags: DEVICE_WRITES },
      ]),
      write(2, 1, sequence(512)),
      bytesAt(status, [UNTOUCHED]),
    );
    guest.submit(0, 2);
    return guest;
  };

  test('lies where the completion will put it, and nothing else has happened', () => {
    const guest = pending();
    guest.bus.block.writeAhead(0, 490, sequence(20));
    expect(guest.bytes(places(0).data + 0x300 + 489, 11)).toEqual([0, ...sequence(10)]);
    expect(guest.bytes(places(0).data, 11)).toEqual([...sequence(10, 11), 0]);
    expect([guest.status(0), guest.returned, guest.bus.block.interruptPending]).toEqual([UNTOUCHED, [], false]);
    expect(guest.bus.block.pendingRequests.length).toBe(2);
    guest.bus.block.writeAhead(0, 1023, Uint8Array.of(9));
    guest.bus.block.writeAhead(0, 1024, new Uint8Array(0));
    expect(guest.bytes(places(0).data + 523, 2)).toEqual([9, 0]);
  });

  test.each<[string, number, number, number]>([
    ['behind the end', 0, 1020, 5],
    ['before the beginning', 0, -1, 1],
    ['between two bytes', 0, 0.5, 1],
    ['of a write', 1, 0, 1],
  ])('is refused %s', (_, id, offset, length) => {
    const guest = pending();
    const before = stateOf(guest);
    expect(() => guest.bus.block.writeAhead(id, offset, new Uint8Array(length).fill(1))).toThrow(/are not inside the data of disk request/);
    expect(stateOf(guest)).toEqual(before);
  });
});

describe('in a machine', () => {
  /** Performs the stores and spins. */
  function running(...lists: Store[][]): Machine {
    const code = codeOf(...lists);
    const machine = bootWithDisk([...code, SPIN]);
    const stop = machine.run(code.length);
    expect(stop.reason).toBe('disk');
    return machine;
  }

  function bootWithDisk(code: number[]): Machine {
    const machine = new Machine({ diskSectors: DISK_SECTORS });
    machine.load(bytesOf(code));
    return machine;
  }

  const pair = [setup, read(0, 5), write(1, 6, [...sequence(8), ...new Uint8Array(504)]), offer(QUEUE, [headOf(0), headOf(1)], 0, ENTRIES)];

  test('the run stops once the notification has retired', () => {
    const code = codeOf(...pair, [notify(QUEUE)]);
    const machine = bootWithDisk([...code, SPIN]);
    const stop = machine.run(100_000);
    expect(stop).toMatchObject({ reason: 'disk', requests: [{ id: 0 }, { id: 1 }] });
    expect(machine.position).toBe(code.length);
    expect(stop.reason === 'disk' && stop.requests).toEqual(machine.pendingDiskRequests);
    expect(machine.run(code.length)).toEqual({ reason: 'position' });
  });

  test('a completion happens between two attempts and raises the external interrupt', () => {
    const machine = running(...pair, [notify(QUEUE)]);
    const { position } = machine;
    expect(machine.csr(0x344)).toBe(0);
    expect(machine.completeDisk(0, 'ok', sequence(512))).toBe(true);
    expect([machine.position, machine.csr(0x344), machine.readRam(places(0).status, 1)[0]]).toEqual([position, 0x800, OK]);
    expect(machine.readRam(places(0).data, 512)).toEqual(sequence(512));
  });

  test('what is pending is in snapshots and hashes; the copy asks for the same and ends the same', () => {
    const machine = running(...pair, [notify(QUEUE)]);
    const idle = machine.stateHash();
    const snapshot = structuredClone(machine.snapshot());
    expect(machine.completeDisk(1, 'ok')).toBe(true);
    expect(machine.stateHash()).not.toBe(idle);
    machine.completeDisk(0, 'ok', sequence(512));
    const other = new Machine({ diskSectors: DISK_SECTORS });
    other.restore(snapshot);
    expect(other.stateHash()).toBe(idle);
    expect(other.pendingDiskRequests).toEqual([
      { id: 0, kind: 'read', sector: 5, byteCount: 512 },
      { id: 1, kind: 'write', sector: 6, byteCount: 512, data: Uint8Array.of(...sequence(8), ...new Uint8Array(504)) },
    ]);
    expect(other.canCompleteDisk(0, 'ok', sequence(512))).toBe(true);
    other.completeDisk(1, 'ok');
    other.completeDisk(0, 'ok', sequence(512));
    expect(other.stateHash()).toBe(machine.stateHash());
    expect(other.snapshot().core).toEqual(machine.snapshot().core);
  });

  test('a snapshot is not changed by completions, and fits only a disk of the same size', () => {
    const machine = running(...pair, [notify(QUEUE)]);
    const snapshot = machine.snapshot();
    const copy = structuredClone(snapshot.core);
    machine.completeDisk(0, 'error');
    expect(snapshot.core).toEqual(copy);
    const other = new Machine({ diskSectors: DISK_SECTORS + 1 });
    const untouched = other.stateHash();
    expect(() => other.restore(snapshot)).toThrow('The snapshot has a disk of 100 sectors, this machine 101.');
    expect(other.stateHash()).toBe(untouched);
  });

  test('a reset of the machine forgets the requests and their numbers', () => {
    const machine = running(...pair, [notify(QUEUE)]);
    machine.reset();
    expect(machine.pendingDiskRequests).toEqual([]);
    expect(() => machine.completeDisk(0, 'error')).toThrow('no disk request 0');
    expect(machine.stateHash()).toBe(bootWithDisk([...codeOf(...pair, [notify(QUEUE)]), SPIN]).stateHash());
  });

  test('a guest that polls its buffer sees what a device writes ahead, where one that waits would not', () => {
    const code = codeOf(...pair, [notify(QUEUE)]);
    // Loads the first word of the data into x7 until it is not zero.
    const machine = bootWithDisk([...code, ...li(8, places(0).data), lw(7, 8, 0), bne(7, 0, 8), 0xff9ff06f, SPIN]);
    machine.run(code.length);
    machine.run(code.length + 50);
    expect(machine.registers[7]).toBe(0);
    machine.writeDiskBuffer(0, 0, Uint8Array.of(0x78, 0x56, 0x34, 0x12));
    machine.run(machine.position + 10);
    expect(machine.registers[7]).toBe(0x12345678);
    expect(machine.pendingDiskRequests.map(({ id }) => id)).toEqual([0, 1]);
  });

  test('the time at which data comes ahead of its completion is in no later event, so that it makes two runs differ', () => {
    const code = codeOf(...pair, [notify(QUEUE)]);
    // Counts in x9 how often the first word of the data was still zero.
    const counting = [...code, ...li(8, places(0).data), lw(7, 8, 0), bne(7, 0, 12), 0x00148493, 0xff5ff06f, SPIN];
    const hashes = [100, 200].map((ahead) => {
      const machine = bootWithDisk(counting);
      machine.run(code.length);
      machine.run(code.length + ahead);
      machine.writeDiskBuffer(0, 0, sequence(512));
      machine.run(code.length + 300);
      machine.completeDisk(0, 'ok', sequence(512));
      return machine.stateHash();
    });
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  test.each<[string, number, (machine: Machine) => void]>([
    ['data of a completion', places(0).data + 4, (machine) => machine.completeDisk(0, 'ok', sequence(512))],
    ['data ahead of one', places(0).data + 4, (machine) => machine.writeDiskBuffer(0, 5, sequence(1))],
    ['its status', places(0).status, (machine) => machine.completeDisk(0, 'error')],
    ['its place in the used ring', areas(QUEUE).used + 4, (machine) => machine.completeDisk(0, 'error')],
  ])('a reservation ends when the device writes over its word: %s', (_, address, happens) => {
    const code = codeOf(...pair, [notify(QUEUE)]);
    for (const [reserved, isLost] of [
      [address, true],
      [RAM + 0xff00, false],
    ] as const) {
      const machine = bootWithDisk([...code, ...li(8, reserved), atomics.lr(9, 8, 0), SPIN]);
      machine.run(code.length);
      machine.run(code.length + 3);
      expect(machine.snapshot().core.reservations).toEqual([(reserved - RAM) / 4]);
      happens(machine);
      expect(machine.snapshot().core.reservations[0] === -1).toBe(isLost);
    }
  });

  test('a machine without a disk is what it was', () => {
    const machine = boot([SPIN]);
    expect(machine.pendingDiskRequests).toEqual([]);
    expect(() => machine.completeDisk(0, 'ok')).toThrow('The guest has made no disk request 0 so far.');
    expect(wordAt(machine, RAM)).toBe(SPIN);
  });
});
