/** The entropy device by the rules of virtio 1.2, section 5.4; what it gives the guest is an input (VMware FT, section 2.1). */
import { describe, expect, test } from 'vitest';
import { Machine } from '../../../../labs-runtime/emulator/machine.ts';
import { bytesOf, RAM, SPIN } from '../assembler.ts';
import { buffer, bufferAt, ENTROPY, entropy, QUEUE } from './entropy-driver.ts';
import type { Store } from './virtio-driver.ts';
import { areas, chain, codeOf, descriptor, DEVICE_WRITES, Guest, half, INDIRECT, NEEDS_RESET, offer, SIZE } from './virtio-driver.ts';

const { register, notify, setup, negotiate, describeQueue, driverOk } = entropy;

const bytes = (length: number, from = 1) => Uint8Array.from({ length }, (_, index) => from + index);
const guestWith = (...stores: Store[][]) => new Guest(ENTROPY, 0, ...stores);
const offered = [setup, buffer(0, 16), buffer(1, 2000), offer(QUEUE, [0, 1])];

test('the driver finds an entropy device with one queue, version 1 and no configuration', () => {
  const guest = guestWith();
  expect([guest.register('magic'), guest.register('version'), guest.register('deviceId')]).toEqual([0x74726976, 2, 4]);
  const sizes = [0, 1].map((queue) => (guest.store([register('queueSelect', queue)]), guest.register('queueSizeMax')));
  const features = [0, 1].map((word) => (guest.store([register('deviceFeaturesSelect', word)]), guest.register('deviceFeatures')));
  expect([sizes, features, guest.register('configuration')]).toEqual([[64, 0], [0, 1], 0]);
});

describe('a notification', () => {
  test('stops with what the next buffer takes, and nothing has happened to the guest', () => {
    const guest = guestWith(...offered);
    expect(guest.store([notify(QUEUE)])).toEqual([{ reason: 'entropy', byteCount: 16 }]);
    expect([guest.bus.entropy.wanted, guest.used(QUEUE).index, guest.bus.entropy.interruptPending]).toEqual([16, 0, false]);
  });

  test('asks for at most 256 bytes, however large the buffer', () => {
    expect(guestWith(setup, buffer(0, 256), offer(QUEUE, [0])).store([notify(QUEUE)])).toEqual([{ reason: 'entropy', byteCount: 256 }]);
    expect(guestWith(setup, buffer(0, 257), offer(QUEUE, [0])).store([notify(QUEUE)])).toEqual([{ reason: 'entropy', byteCount: 256 }]);
  });

  test('without a buffer, or before the driver is up, does nothing', () => {
    expect(guestWith(setup).store([notify(QUEUE)])).toEqual([]);
    const early = guestWith(negotiate, describeQueue(QUEUE), buffer(0, 16), offer(QUEUE, [0]));
    expect([early.store([notify(QUEUE)]), early.bus.entropy.wanted]).toEqual([[], 0]);
    expect(early.store([driverOk, notify(QUEUE)])).toEqual([{ reason: 'entropy', byteCount: 16 }]);
  });

  test.each<[string, Store[]]>([
    ['offers what the device could read', descriptor(QUEUE, 1, { address: bufferAt(1), length: 16 })],
    [
      'offers what the device could read before what it may write',
      chain(QUEUE, 1, [
        { address: bufferAt(1), length: 16 },
        { address: bufferAt(1), length: 16, flags: DEVICE_WRITES },
      ]),
    ],
    ['offers a buffer of no bytes', buffer(1, 0)],
    ['lays a buffer outside RAM', descriptor(QUEUE, 1, { address: RAM - 8, length: 16, flags: DEVICE_WRITES })],
    ['uses an indirect table', descriptor(QUEUE, 1, { address: bufferAt(1), length: 16, flags: DEVICE_WRITES | INDIRECT })],
    ['offers more than the queue holds', [half(areas(QUEUE).available + 2, SIZE + 1)]],
  ])('by a driver that %s tells it to reset', (_, fault) => {
    const guest = guestWith(...offered, fault);
    expect(guest.store([notify(QUEUE)])).toEqual([]);
    expect([guest.register('status'), guest.register('interruptStatus')]).toEqual([15 | NEEDS_RESET, 2]);
    expect([guest.bus.entropy.wanted, guest.bus.entropy.provide(bytes(1))]).toEqual([0, false]);
  });
});

describe('the bytes', () => {
  test('fill the buffer offered first, as many as there are, with an interrupt', () => {
    const guest = guestWith(...offered);
    expect(guest.bus.entropy.provide(bytes(10))).toBe(true);
    expect(guest.bytes(bufferAt(0), 11)).toEqual([...bytes(10), 0]);
    expect([guest.used(QUEUE), guest.register('interruptStatus')]).toEqual([{ index: 1, elements: [[0, 10]] }, 1]);
    expect([guest.bus.entropy.wanted, guest.bus.entropy.provide(bytes(256))]).toEqual([256, true]);
    expect([guest.bytes(bufferAt(1), 256), guest.bus.entropy.wanted]).toEqual([[...bytes(256)], 0]);
  });

  test('come without an interrupt if the driver asked for none', () => {
    const guest = guestWith(...offered, [half(areas(QUEUE).available, 1)]);
    expect([guest.bus.entropy.provide(bytes(1)), guest.bus.entropy.interruptPending]).toEqual([true, false]);
  });

  test('may go into several parts', () => {
    const parts = [3, 0, 5].map((length, index) => ({ address: bufferAt(index), length, flags: DEVICE_WRITES }));
    const guest = guestWith(setup, chain(QUEUE, 0, parts), offer(QUEUE, [0]));
    expect([guest.bus.entropy.wanted, guest.bus.entropy.provide(bytes(7))]).toEqual([8, true]);
    expect([guest.bytes(bufferAt(0), 4), guest.bytes(bufferAt(2), 5)]).toEqual([
      [1, 2, 3, 0],
      [4, 5, 6, 7, 0],
    ]);
  });

  test.each<[string, Store[][], number]>([
    ['there are none', offered, 0],
    ['there are more than the buffer takes', offered, 17],
    ['there are more than 256', [setup, buffer(1, 2000), offer(QUEUE, [1])], 257],
    ['the driver offers no buffer', [setup], 1],
    ['the driver gave up', [...offered, [register('status', 128)]], 1],
    ['the queue has stopped', [...offered, [register('queueSelect', QUEUE), register('queueReady', 0)]], 1],
    ['the device was reset', [...offered, [register('status', 0)]], 1],
    ['the ring was broken since the notification', [...offered, [notify(QUEUE), half(areas(QUEUE).available + 2, 99)]], 1],
  ])('are not taken, and nothing changes, if %s', (_, stores, length) => {
    const guest = guestWith(...stores);
    const state = () => [guest.bus.entropy.save(), Buffer.from(guest.bus.ram.unsignedBytes).toString('base64')];
    const before = state();
    expect(guest.bus.entropy.provide(bytes(length))).toBe(false);
    expect(state()).toEqual(before);
  });
});

describe('in a machine', () => {
  const code = codeOf(...offered, [notify(QUEUE)]);
  const running = () => {
    const machine = new Machine();
    machine.load(bytesOf([...code, SPIN]));
    expect(machine.run(100_000)).toEqual({ reason: 'entropy', byteCount: 16 });
    return machine;
  };

  test('the run stops once the notification has retired, and the bytes come between two attempts', () => {
    const machine = running();
    expect([machine.position, machine.entropyWanted, machine.csr(0x344)]).toEqual([code.length, 16, 0]);
    expect(machine.provideEntropy(bytes(16))).toBe(true);
    expect([machine.position, machine.entropyWanted, machine.csr(0x344)]).toEqual([code.length, 256, 0x800]);
    expect(machine.readRam(bufferAt(0), 16)).toEqual(bytes(16));
  });

  test('a copy with the same bytes is the same machine, and with others another', () => {
    const machine = running();
    const snapshot = structuredClone(machine.snapshot());
    machine.provideEntropy(bytes(16));
    const hashes = [bytes(16), bytes(16, 2), bytes(15)].map((given) => {
      const copy = new Machine();
      copy.restore(snapshot);
      expect([copy.entropyWanted, copy.provideEntropy(given)]).toEqual([16, true]);
      return copy.stateHash();
    });
    expect(hashes.map((hash) => hash === machine.stateHash())).toEqual([true, false, false]);
    machine.reset();
    expect(machine.entropyWanted).toBe(0);
  });
});
