/** The network device by the rules of virtio 1.2, and as part of a machine that can be stopped, copied and run again. */
import { describe, expect, test } from 'vitest';
import type { Stop } from '../../../../labs-runtime/emulator/machine.ts';
import { Machine, NETWORK_ADDRESS } from '../../../../labs-runtime/emulator/machine.ts';
import { addi, atomics, boot, bytesOf, csrrs, li, lw, MRET, NOP, RAM, SPIN, sw, withHandler, wordAt } from '../assembler.ts';
import {
  bufferAt,
  bufferToFill,
  describeQueue,
  driverOk,
  frameToSend,
  negotiate,
  NET,
  NetworkGuest as Guest,
  notify,
  RECEIVE,
  register,
  setup,
  TRANSMIT,
} from './network-driver.ts';
import type { Store } from './virtio-driver.ts';
import {
  areas,
  bytesAt,
  codeOf,
  descriptor,
  DEVICE_WRITES,
  half,
  INDIRECT,
  NEEDS_RESET,
  NEXT,
  offer,
  REGISTER,
  SIZE,
  word,
} from './virtio-driver.ts';

const sequence = (length: number, from = 1) => Array.from({ length }, (_, index) => (from + index) & 0xff);
const framesOf = (stops: Stop[]) =>
  stops.map((stop) => (stop.reason === 'transmit' ? stop.frames.map((frame) => [...frame]) : stop.reason));

describe('what the driver finds (sections 4.2.2 and 5.1.4)', () => {
  test('a network device behind the MMIO transport, version 2', () => {
    const guest = new Guest();
    expect(guest.bytes(NET + REGISTER.configuration, 6)).toEqual([...NETWORK_ADDRESS]);
    expect([guest.register('magic'), guest.register('version'), guest.register('deviceId')]).toEqual([0x74726976, 2, 1]);
  });

  test('its address, read in any size, and zeros behind it; stores there do nothing', () => {
    const guest = new Guest();
    const start = NET + REGISTER.configuration;
    guest.store([word(start, -1), half(start + 4, -1), ...bytesAt(start + 6, [1, 2])]);
    expect([guest.load(start), guest.load(start + 4)]).toEqual([0x4c005452, 0x0153]);
    expect([guest.load(start, 2), guest.load(start + 5, 1), guest.load(start + 0xfc)]).toEqual([0x5452, 0x01, 0]);
  });

  test('no shared memory: its length has all bits set', () => {
    const guest = new Guest();
    expect([0xb0, 0xb4, 0xb8, 0xbc].map((offset) => guest.load(NET + offset))).toEqual(new Array(4).fill(0xffffffff));
  });

  test('two queues of at most 64 entries', () => {
    const guest = new Guest();
    const sizes = [0, 1, 2, 0xffffffff].map((queue) => (guest.store([register('queueSelect', queue)]), guest.register('queueSizeMax')));
    expect(sizes).toEqual([64, 64, 0, 0]);
  });

  test('registers that take whole words only, and nothing past its range', () => {
    const { bus } = new Guest();
    for (const size of [1, 2]) {
      expect(bus.load(NET + REGISTER.status, size, 0)).toBe('access-fault');
      expect(bus.store(NET + REGISTER.status, size, 1)).toBe('access-fault');
    }
    expect(bus.load(NET + 0x200, 4, 0)).toBe('access-fault');
    expect(bus.load(NET + 2, 4, 0)).toBe('access-fault');
  });
});

describe('setup (sections 2.1, 2.2 and 3.1.1)', () => {
  test('offers VIRTIO_NET_F_MAC and VIRTIO_F_VERSION_1 and nothing else', () => {
    const guest = new Guest();
    const words = [0, 1, 2, 0xffffffff].map((select) => {
      guest.store([register('deviceFeaturesSelect', select)]);
      return guest.register('deviceFeatures');
    });
    expect(words).toEqual([1 << 5, 1, 0, 0]);
  });

  test.each([
    ['version 1 and the address', 1 << 5, 1, true],
    ['version 1 alone', 0, 1, true],
    ['the address alone, as a legacy driver would', 1 << 5, 0, false],
    ['a feature in the first word that was not offered', (1 << 5) | 1, 1, false],
    ['a feature in the second word that was not offered', 1 << 5, 3, false],
  ])('%s: FEATURES_OK stays or not', (_, low, high, isAccepted) => {
    const accept = [
      register('driverFeaturesSelect', 0),
      register('driverFeatures', low),
      register('driverFeaturesSelect', 1),
      register('driverFeatures', high),
    ];
    const guest = new Guest([register('status', 3)], accept, [register('status', 11)]);
    expect(guest.register('status')).toBe(isAccepted ? 11 : 3);
  });

  test('features are settled once FEATURES_OK stands', () => {
    const late = new Guest(negotiate, [register('driverFeatures', 0xff), register('status', 15)]);
    expect(late.register('status')).toBe(15);
    expect(late.bus.net.save().driverFeatures).toEqual([1 << 5, 1]);
  });

  test('a bit of the status is never taken back but by writing zero, which resets the device whole', () => {
    const guest = new Guest();
    const fresh = guest.bus.net.save();
    guest.store(setup, [register('status', 1)]);
    expect(guest.register('status')).toBe(15);
    guest.store([notify(7)]);
    expect(guest.bus.net.interruptPending).toBe(true);
    guest.store([register('status', 0)]);
    expect(guest.bus.net.save()).toEqual(fresh);
    expect(guest.bus.net.interruptPending).toBe(false);
  });

  test('the driver cannot set DEVICE_NEEDS_RESET', () => {
    expect(new Guest([register('status', NEEDS_RESET | 1)]).register('status')).toBe(1);
  });

  test('a queue keeps its description while it is ready', () => {
    const guest = new Guest(setup);
    const before = guest.bus.net.save();
    guest.store([register('queueSize', 8), register('descriptors', RAM), register('deviceHigh', 1)]);
    expect(guest.bus.net.save()).toEqual(before);
    expect(guest.register('queueReady')).toBe(1);
    guest.store([register('queueReady', 0), register('queueSize', 8)]);
    expect(guest.register('queueReady')).toBe(0);
    expect(guest.bus.net.save().queues[TRANSMIT]!.size).toBe(8);
  });

  test('a queue that is made ready anew begins at the first entries of its rings', () => {
    const send = [...frameToSend(0, [1]), ...offer(TRANSMIT, [0]), notify(TRANSMIT)];
    const guest = new Guest(setup, send, [register('queueReady', 0), register('queueReady', 1)]);
    expect(framesOf(guest.store(send))).toEqual([[[1]]]);
    expect(guest.used(TRANSMIT).index).toBe(1);
  });
});

describe('sending (sections 2.7 and 5.1.6.2)', () => {
  const offered = [...frameToSend(0, sequence(20)), ...offer(TRANSMIT, [0])];

  test('a notification takes the frame without its header, and returns the buffer with an interrupt', () => {
    const guest = new Guest(setup, offered);
    expect(framesOf(guest.store([notify(TRANSMIT)]))).toEqual([[sequence(20)]]);
    expect(guest.used(TRANSMIT)).toEqual({ index: 1, elements: [[0, 0]] });
    expect([guest.register('interruptStatus'), guest.bus.net.interruptPending]).toEqual([1, true]);
    guest.store([register('interruptAcknowledge', 2)]);
    expect(guest.bus.net.interruptPending).toBe(true);
    guest.store([register('interruptAcknowledge', 1)]);
    expect([guest.register('interruptStatus'), guest.bus.net.interruptPending]).toEqual([0, false]);
  });

  test('without an interrupt if the driver asked for none', () => {
    const guest = new Guest(setup, offered, [half(areas(TRANSMIT).available, 1)]);
    expect(framesOf(guest.store([notify(TRANSMIT)]))).toEqual([[sequence(20)]]);
    expect(guest.bus.net.interruptPending).toBe(false);
  });

  test('a notification with nothing new does nothing', () => {
    const guest = new Guest(setup, offered);
    guest.store([notify(TRANSMIT)], [register('interruptAcknowledge', 1)]);
    expect(guest.store([notify(TRANSMIT)])).toEqual([]);
    expect(new Guest(setup).store([notify(TRANSMIT)])).toEqual([]);
    expect(guest.bus.net.interruptPending).toBe(false);
  });

  test('nothing is sent before DRIVER_OK, nor after the driver gave up', () => {
    const early = new Guest(negotiate, describeQueue(TRANSMIT), offered);
    expect(early.store([notify(TRANSMIT)])).toEqual([]);
    expect(framesOf(early.store([driverOk, notify(TRANSMIT)]))).toEqual([[sequence(20)]]);
    expect(new Guest(setup, offered, [register('status', 128)]).store([notify(TRANSMIT)])).toEqual([]);
    expect(new Guest([...describeQueue(TRANSMIT), register('status', 7)], offered).store([notify(TRANSMIT)])).toEqual([]);
  });

  test('one notification takes all frames offered, in the order of the available ring', () => {
    const guest = new Guest(setup, frameToSend(0, [1, 2]), frameToSend(2, [3]), frameToSend(3, sequence(100)), offer(TRANSMIT, [3, 0, 2]));
    expect(framesOf(guest.store([notify(TRANSMIT)]))).toEqual([[sequence(100), [1, 2], [3]]]);
    expect(guest.used(TRANSMIT).elements.map(([head]) => head)).toEqual([3, 0, 2]);
  });

  test('a frame may lie in several parts, with its header cut anywhere', () => {
    const lengths = [5, 0, 10, 17];
    const address = bufferAt(TRANSMIT, 0);
    const parts = lengths.flatMap((length, index) =>
      descriptor(TRANSMIT, index, {
        address: address + lengths.slice(0, index).reduce((sum, each) => sum + each, 0),
        length,
        flags: index < 3 ? NEXT : 0,
        next: index + 1,
      }),
    );
    const guest = new Guest(setup, bytesAt(address, sequence(32)), parts, offer(TRANSMIT, [0]));
    expect(framesOf(guest.store([notify(TRANSMIT)]))).toEqual([[sequence(20, 13)]]);
    expect(guest.used(TRANSMIT).elements).toEqual([[0, 0]]);
  });

  test('the rings go round, and their indexes wrap at 2^16', () => {
    const guest = new Guest(
      setup,
      [0, 1, 2, 3].flatMap((index) => frameToSend(index, [index])),
    );
    for (let count = 0; count < 0x10000 + 10; count++) {
      const head = (count * 3) % SIZE;
      const stops = guest.store(offer(TRANSMIT, [head], count), [notify(TRANSMIT)]);
      if (count % 1000 === 0 || count > 0xfff0) expect(framesOf(stops)).toEqual([[[head]]]);
      else if (stops.length !== 1) throw new Error(`no frame at ${count}`);
    }
    expect(guest.used(TRANSMIT).index).toBe(10);
    expect(guest.register('status')).toBe(15);
  });
});

describe('receiving (sections 2.7 and 5.1.6.3)', () => {
  const offered = [...bufferToFill(0), ...bufferToFill(1), ...offer(RECEIVE, [1, 0])];

  test('a notification with buffers stops, one without does not', () => {
    const guest = new Guest(setup);
    expect(guest.store([notify(RECEIVE)])).toEqual([]);
    expect(guest.store(offered, [notify(RECEIVE)])).toEqual([{ reason: 'receive-buffers' }]);
    expect([guest.used(RECEIVE).index, guest.bus.net.interruptPending]).toEqual([0, false]);
  });

  test('a frame comes behind a header that says one buffer, into the buffer offered first, with an interrupt', () => {
    const guest = new Guest(setup, bytesAt(bufferAt(RECEIVE, 1), new Array(12).fill(0xee)), offered);
    expect(guest.receive(sequence(30))).toBe(true);
    expect(guest.bytes(bufferAt(RECEIVE, 1), 43)).toEqual([...new Array<number>(10).fill(0), 1, 0, ...sequence(30), 0]);
    expect(guest.used(RECEIVE)).toEqual({ index: 1, elements: [[1, 42]] });
    expect(guest.register('interruptStatus')).toBe(1);
    expect([guest.receive([7]), guest.receive([8])]).toEqual([true, false]);
    expect(guest.used(RECEIVE).elements).toEqual([
      [1, 42],
      [0, 13],
    ]);
  });

  test('without an interrupt if the driver asked for none', () => {
    const guest = new Guest(setup, offered, [half(areas(RECEIVE).available, 1)]);
    expect(guest.receive([1])).toBe(true);
    expect(guest.bus.net.interruptPending).toBe(false);
  });

  test('a buffer may have several parts, and no more of it is written than the frame needs', () => {
    const parts = [3, 12, 100].flatMap((length, index) =>
      descriptor(RECEIVE, index, {
        address: bufferAt(RECEIVE, index),
        length,
        flags: index < 2 ? DEVICE_WRITES | NEXT : DEVICE_WRITES,
        next: index + 1,
      }),
    );
    const guest = new Guest(setup, parts, offer(RECEIVE, [0]));
    expect(guest.receive(sequence(10))).toBe(true);
    expect(guest.bytes(bufferAt(RECEIVE, 1) + 9, 3)).toEqual([1, 2, 3]);
    expect(guest.bytes(bufferAt(RECEIVE, 2), 8)).toEqual([...sequence(7, 4), 0]);
  });

  test.each<[string, Store[], number, boolean]>([
    ['fits exactly', [...setup, ...bufferToFill(0, 112), ...offer(RECEIVE, [0])], 100, true],
    [
      'is one byte too long for the next buffer',
      [...setup, ...bufferToFill(0, 111), ...bufferToFill(1), ...offer(RECEIVE, [0, 1])],
      100,
      false,
    ],
    ['is as long as a frame may be', [...setup, ...bufferToFill(0, 4000), ...offer(RECEIVE, [0])], 1526, true],
    ['is longer than a frame may be', [...setup, ...bufferToFill(0, 4000), ...offer(RECEIVE, [0])], 1527, false],
    ['finds no buffer', setup, 1, false],
    ['comes before DRIVER_OK', [...negotiate, ...describeQueue(RECEIVE), ...offered], 1, false],
    ['comes after the driver gave up', [...setup, ...offered, register('status', 128)], 1, false],
    ['finds a queue that is not ready', [...negotiate, ...offered, driverOk], 1, false],
    [
      'finds a buffer that the device may only read',
      [...setup, ...bufferToFill(0), ...descriptor(RECEIVE, 0, { address: RAM, length: 99 }), ...offer(RECEIVE, [0])],
      1,
      false,
    ],
    ['finds a broken ring', [...setup, ...offered, half(areas(RECEIVE).available + 2, 99)], 1, false],
  ])('a frame that %s is taken or not, as canReceive said; if not, nothing changes', (_, stores, length, isTaken) => {
    const guest = new Guest(stores);
    const state = () => [guest.bus.net.save(), Buffer.from(guest.bus.ram.unsignedBytes).toString('base64')];
    const before = state();
    expect(guest.bus.net.canReceive(length)).toBe(isTaken);
    expect(state()).toEqual(before);
    expect(guest.receive(sequence(length))).toBe(isTaken);
    if (!isTaken) expect(state()).toEqual(before);
  });
});

describe('a driver that breaks a rule (section 2.1.2)', () => {
  const chain = (queue: number, change: Partial<Parameters<typeof descriptor>[2]>) => {
    const flags = queue === RECEIVE ? DEVICE_WRITES : 0;
    return [...descriptor(queue, 0, { address: bufferAt(queue, 0), length: 100, flags, ...change }), ...offer(queue, [0])];
  };
  const good = (queue: number) => chain(queue, {});
  const writes = (queue: number) => (queue === RECEIVE ? DEVICE_WRITES : 0);
  const redescribed = (name: keyof typeof REGISTER, value: number) => (queue: number) => [
    register('queueSelect', queue),
    register('queueReady', 0),
    register(name, value),
    register('queueReady', 1),
    ...good(queue),
  ];

  const cases: [string, (queue: number) => Store[]][] = [
    ['offers more buffers than the ring holds', (queue) => [...good(queue), half(areas(queue).available + 2, SIZE + 1)]],
    ['goes back in the ring', (queue) => [...good(queue), half(areas(queue).available + 2, 0xffff)]],
    ['names a descriptor that there is not', (queue) => [...good(queue), half(areas(queue).available + 4, SIZE)]],
    ['lets a chain end outside the table', (queue) => chain(queue, { flags: NEXT | writes(queue), next: SIZE })],
    ['lets a chain run in a circle', (queue) => chain(queue, { flags: NEXT | writes(queue), next: 0 })],
    ['lays a buffer below RAM', (queue) => chain(queue, { address: 0x1000 })],
    ['lays a buffer over the end of RAM', (queue) => chain(queue, { address: RAM + 65536 - 99 })],
    ['lays a buffer past 2^32', (queue) => [...good(queue), word(areas(queue).descriptors + 4, 1)]],
    ['claims 4 GiB for a buffer', (queue) => chain(queue, { length: -1 })],
    ['makes a buffer of less than a header and a byte', (queue) => chain(queue, { length: 12 })],
    ['gives the device the wrong right', (queue) => chain(queue, { flags: writes(queue) ^ DEVICE_WRITES })],
    ['uses an indirect table', (queue) => chain(queue, { flags: writes(queue) | INDIRECT })],
    ['makes the ring of a size that is no power of two', redescribed('queueSize', 3)],
    ['makes the ring too large', redescribed('queueSize', 128)],
    ['makes the ring empty', redescribed('queueSize', 0)],
    ['lays the descriptors outside RAM', redescribed('descriptors', RAM + 65536 - 16)],
    ['lays the descriptors past 2^32', redescribed('descriptorsHigh', 1)],
    ['lays the descriptors unaligned', redescribed('descriptors', RAM + 0x4008)],
    ['lays the available ring outside RAM', redescribed('driver', 0)],
    ['lays the available ring unaligned', redescribed('driver', RAM + 0x4401)],
    ['lays the used ring outside RAM', redescribed('device', 0xfffffffc)],
    ['lays the used ring unaligned', redescribed('device', RAM + 0x4802)],
    ['has not made the queue ready', (queue) => [register('queueSelect', queue), register('queueReady', 0)]],
  ];

  describe.each([
    ['transmit', TRANSMIT],
    ['receive', RECEIVE],
  ])('in the %s queue', (_, queue) => {
    test('control: the same driver without the fault is served', () => {
      expect(new Guest(setup, good(queue)).store([notify(queue)]).length).toBe(1);
    });

    test.each(cases)('and %s is told to reset, by an interrupt, and then ignored until it does', (_, fault) => {
      const guest = new Guest(setup, fault(queue));
      expect(guest.store([notify(queue)])).toEqual([]);
      expect([guest.register('status'), guest.register('interruptStatus')]).toEqual([15 | NEEDS_RESET, 2]);
      const other = queue === TRANSMIT ? RECEIVE : TRANSMIT;
      expect(guest.store(good(other), [notify(other)])).toEqual([]);
      expect(guest.bus.net.canReceive(1)).toBe(false);
      guest.store(setup, good(TRANSMIT));
      for (const each of [RECEIVE, TRANSMIT]) guest.store([half(areas(each).used + 2, 0)]);
      expect(framesOf(guest.store([notify(TRANSMIT)]))).toEqual([[new Array(88).fill(0)]]);
    });
  });

  test('and notifies a queue that there is not is told to reset', () => {
    const guest = new Guest(setup, [notify(2)]);
    expect([guest.register('status'), guest.register('interruptStatus')]).toEqual([15 | NEEDS_RESET, 2]);
  });

  test('and offers a frame that is too long to send is told to reset', () => {
    const send = (length: number) => new Guest(setup, chain(TRANSMIT, { length })).store([notify(TRANSMIT)]).length;
    expect([send(12 + 1526), send(12 + 1527)]).toEqual([1, 0]);
  });

  test('has sent the frames before the fault', () => {
    const fault = descriptor(TRANSMIT, 1, { address: 0, length: 100 });
    const guest = new Guest(setup, frameToSend(0, [1, 2, 3]), fault, offer(TRANSMIT, [0, 1]));
    expect(framesOf(guest.store([notify(TRANSMIT)]))).toEqual([[[1, 2, 3]]]);
    expect([guest.register('status'), guest.register('interruptStatus')]).toEqual([15 | NEEDS_RESET, 3]);
  });

  test('and lays its rings over each other comes to an end', () => {
    const guest = new Guest(setup, [register('queueReady', 0), register('device', areas(TRANSMIT).available), register('queueReady', 1)]);
    const stops = guest.store(frameToSend(0, [1]), offer(TRANSMIT, [0]), [notify(TRANSMIT)]);
    expect(stops.length).toBeLessThanOrEqual(1);
  });
});

describe('in a machine', () => {
  const received = sequence(16, 0x80);

  test('the run stops once the notification has retired, with nothing of it left to do', () => {
    const code = codeOf(setup, frameToSend(0, [1, 2, 3]), offer(TRANSMIT, [0]), [notify(TRANSMIT)]);
    const machine = boot([...code, SPIN]);
    const stop = machine.run(10_000);
    expect([framesOf([stop]), machine.position]).toEqual([[[[1, 2, 3]]], code.length]);
    expect(machine.run(10_000)).toEqual({ reason: 'position' });
  });

  test('frames of a stop are copies that the guest cannot change any more', () => {
    const machine = boot([
      ...codeOf(setup, frameToSend(0, [1, 2, 3]), offer(TRANSMIT, [0]), [notify(TRANSMIT)], frameToSend(0, [9, 9, 9])),
      SPIN,
    ]);
    const stop = machine.run(10_000);
    machine.run(10_000);
    expect(framesOf([stop])).toEqual([[[1, 2, 3]]]);
  });

  test('the interrupt line is that of the UART, machine external, and goes down with the acknowledgement', () => {
    const enable = [...li(1, 0x800), csrrs(0, 0x304, 1), addi(1, 0, 8), csrrs(0, 0x300, 1)];
    const before = codeOf(setup, bufferToFill(0), offer(RECEIVE, [0]));
    const program = withHandler([...before, ...enable, SPIN]);
    program.splice(-1, 1, csrrs(10, 0x342, 0), ...codeOf([register('interruptAcknowledge', 1)]), addi(11, 11, 1), MRET);
    const machine = boot(program);
    machine.run(1000);
    expect([machine.csr(0x344), machine.registers[11]]).toEqual([0, 0]);
    expect(machine.receiveFrame(Uint8Array.from(received))).toBe(true);
    expect(machine.csr(0x344)).toBe(0x800);
    machine.run(2000);
    expect([machine.registers[10], machine.registers[11], machine.csr(0x344)]).toEqual([0x8000000b, 1, 0]);
  });

  test('a frame that lies over code which has run already is the code that runs next', () => {
    const target = RAM + 0x800;
    const buffer = [...descriptor(RECEIVE, 0, { address: target - 12, length: 100, flags: DEVICE_WRITES }), ...offer(RECEIVE, [0])];
    const call = [...li(7, target), 0x000380e7]; // jalr ra, x7
    const code = [...codeOf(setup, buffer), ...call, ...call, SPIN];
    const image = new Uint8Array(0x808);
    image.set(bytesOf(code));
    image.set(bytesOf([addi(10, 10, 1), 0x00008067]), 0x800);
    const machine = new Machine();
    machine.load(image);
    machine.run(code.length - 4 + 2);
    expect(machine.registers[10]).toBe(1);
    machine.receiveFrame(bytesOf([addi(10, 10, 100)]));
    machine.run(machine.position + 10);
    expect(machine.registers[10]).toBe(101);
  });

  test('a reservation ends when the device writes over the word: with a frame that comes, or to the used ring', () => {
    const [frameWord, used] = [bufferAt(RECEIVE, 0) + 20, areas(TRANSMIT).used];
    const reserve = (address: number) => [...li(7, address), atomics.lr(8, 7, 0)];
    const reservations = (machine: Machine) => machine.snapshot().core.reservations;
    const receives = (address: number) => {
      const machine = boot([...codeOf(setup, bufferToFill(0), offer(RECEIVE, [0])), ...reserve(address), SPIN]);
      machine.run(1000);
      expect(reservations(machine)).toEqual([(address - RAM) / 4]);
      expect(machine.receiveFrame(new Uint8Array(300))).toBe(false);
      expect(reservations(machine)).toEqual([(address - RAM) / 4]);
      expect(machine.receiveFrame(Uint8Array.from(received))).toBe(true);
      return reservations(machine);
    };
    expect(receives(frameWord)).toEqual([-1]);
    expect(receives(RAM + 0xf00)).toEqual([0xf00 / 4]);
    const sends = boot([
      ...codeOf(setup, frameToSend(0, [1]), offer(TRANSMIT, [0])),
      ...reserve(used),
      ...codeOf([notify(TRANSMIT)]),
      SPIN,
    ]);
    expect(sends.run(1000).reason).toBe('transmit');
    expect(reservations(sends)).toEqual([-1]);
  });

  test('what the device writes is in snapshots and state hashes', () => {
    // The buffer lies over the end of a page.
    const address = RAM + 0x8000 - 16;
    const buffer = descriptor(RECEIVE, 0, { address, length: 100, flags: DEVICE_WRITES });
    const machine = boot([...codeOf(setup, buffer, offer(RECEIVE, [0])), SPIN]);
    machine.run(1000);
    const before = machine.snapshot();
    const hash = machine.stateHash();
    machine.receiveFrame(Uint8Array.from(received));
    const after = machine.snapshot();
    const hashAfter = machine.stateHash();
    expect(hashAfter).not.toBe(hash);
    const other = new Machine();
    other.restore(structuredClone(after));
    expect(other.stateHash()).toBe(hashAfter);
    expect([wordAt(other, address + 12), wordAt(other, address + 16)]).toEqual([0x83828180, 0x87868584]);
    machine.restore(before);
    expect(machine.stateHash()).toBe(hash);
    expect(machine.receiveFrame(Uint8Array.from(received))).toBe(true);
    expect(machine.stateHash()).toBe(hashAfter);
    machine.reset();
    expect(machine.receiveFrame(Uint8Array.from(received))).toBe(false);
    expect(machine.snapshot().core.net).toEqual(boot([NOP]).snapshot().core.net);
  });

  test('a guest reads the address through its registers', () => {
    const machine = boot([...li(1, NET + 0x100), lw(2, 1, 0), sw(2, 1, 0), lw(3, 1, 4), SPIN]);
    machine.run(100);
    expect([machine.registers[2], machine.registers[3]]).toEqual([0x4c005452, 0x0153]);
  });
});
