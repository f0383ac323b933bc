/**
 * Drivers for the virtio devices as lists of stores, for the tests: the same list is performed on a bus at once, or compiled to a program that
 * a machine runs. Register offsets and layouts are written from the virtio specification (1.2, sections 2.7 and 4.2.2), not from the devices.
 */
import { Bus } from '../../../../labs-runtime/emulator/bus.ts';
import type { Stop } from '../../../../labs-runtime/emulator/machine.ts';
import { li, RAM, stores } from '../assembler.ts';

export const REGISTER = {
  magic: 0x000,
  version: 0x004,
  deviceId: 0x008,
  deviceFeatures: 0x010,
  deviceFeaturesSelect: 0x014,
  driverFeatures: 0x020,
  driverFeaturesSelect: 0x024,
  queueSelect: 0x030,
  queueSizeMax: 0x034,
  queueSize: 0x038,
  queueReady: 0x044,
  queueNotify: 0x050,
  interruptStatus: 0x060,
  interruptAcknowledge: 0x064,
  status: 0x070,
  descriptors: 0x080,
  descriptorsHigh: 0x084,
  driver: 0x090,
  driverHigh: 0x094,
  device: 0x0a0,
  deviceHigh: 0x0a4,
  configuration: 0x100,
} as const;

export type RegisterName = keyof typeof REGISTER;

/** The bit of the status register that the device sets when a driver has broken a rule. */
export const NEEDS_RESET = 64;

export const NEXT = 1;
export const DEVICE_WRITES = 2;
export const INDIRECT = 4;

/** Queues have SIZE entries unless a test says otherwise. */
export const SIZE = 4;

/** Where the tests lay the areas of a queue, each with room for the largest ring. */
export const areas = (queue: number) => {
  const start = RAM + 0x4000 + 0x1000 * queue;
  return { descriptors: start, available: start + 0x400, used: start + 0x800 };
};

export interface Store {
  address: number;
  size: 1 | 2 | 4;
  value: number;
}

export const word = (address: number, value: number): Store => ({ address, size: 4, value });
export const half = (address: number, value: number): Store => ({ address, size: 2, value });

export const bytesAt = (address: number, bytes: ArrayLike<number>): Store[] =>
  Array.from(bytes, (value, index) => ({ address: address + index, size: 1 as const, value }));

/** The driver of the device at an address. */
export interface Driver {
  register(name: RegisterName, value: number): Store;
  notify(queue: number): Store;
  /** Reset, ACKNOWLEDGE, DRIVER, the features with version 1, FEATURES_OK. */
  negotiate: Store[];
  describeQueue(queue: number, size?: number): Store[];
  driverOk: Store;
  /** All of it, for every queue. */
  setup: Store[];
}

export interface DriverOptions {
  /** Address of the device's first register. */
  start: number;
  /** Features 0 to 31 that the driver accepts. */
  features: number;
  queues: number;
  /** Entries of each queue. */
  queueSize?: number;
}

export function createDriver({ start, features, queues, queueSize = SIZE }: DriverOptions): Driver {
  const register = (name: RegisterName, value: number) => word(start + REGISTER[name], value);
  const negotiate = [
    register('status', 0),
    register('status', 1),
    register('status', 3),
    register('driverFeaturesSelect', 0),
    register('driverFeatures', features),
    register('driverFeaturesSelect', 1),
    register('driverFeatures', 1),
    register('status', 11),
  ];
  const describeQueue = (queue: number, size = queueSize) => {
    const { descriptors, available, used } = areas(queue);
    return [
      register('queueSelect', queue),
      register('queueSize', size),
      register('descriptors', descriptors),
      register('driver', available),
      register('device', used),
      register('queueReady', 1),
    ];
  };
  const driverOk = register('status', 15);
  const described = Array.from({ length: queues }, (_, queue) => describeQueue(queue)).flat();
  return {
    register,
    notify: (queue) => register('queueNotify', queue),
    negotiate,
    describeQueue,
    driverOk,
    setup: [...negotiate, ...described, driverOk],
  };
}

export interface Descriptor {
  address: number;
  length: number;
  flags?: number;
  next?: number;
}

export function descriptor(queue: number, index: number, { address, length, flags = 0, next = 0 }: Descriptor): Store[] {
  const at = areas(queue).descriptors + 16 * index;
  return [word(at, address), word(at + 4, 0), word(at + 8, length), half(at + 12, flags), half(at + 14, next)];
}

/** Describes a chain from descriptor `head` on, in descriptors that follow each other. */
export function chain(queue: number, head: number, parts: Descriptor[]): Store[] {
  return parts.flatMap((part, index) => {
    const flags = (part.flags ?? 0) | (index < parts.length - 1 ? NEXT : 0);
    return descriptor(queue, head + index, { ...part, flags, next: head + index + 1 });
  });
}

/** Offers chains: those with these heads follow the first `before` that were offered. */
export function offer(queue: number, heads: number[], before = 0, size = SIZE): Store[] {
  const { available } = areas(queue);
  const entries = heads.map((head, index) => half(available + 4 + 2 * ((before + index) % size), head));
  return [...entries, half(available + 2, (before + heads.length) & 0xffff)];
}

/** A bus with the devices on it, as the guest sees one of them. */
export class Guest {
  readonly bus: Bus;
  readonly #start: number;

  /** `start` is the address of the device whose registers the tests read. */
  constructor(start: number, diskSectors: number, ...before: Store[][]) {
    this.bus = new Bus({ ramBytes: 65536, harts: 1, diskSectors });
    this.#start = start;
    this.store(...before);
  }

  /** Performs stores, none of which may fault; returns the stops that they made. */
  store(...lists: Store[][]): Stop[] {
    return lists.flat().flatMap(({ address, size, value }) => {
      const stored = this.bus.store(address, size, value);
      if (stored === 'access-fault') throw new Error(`a store to 0x${address.toString(16)} faulted`);
      return stored === 'stored' ? [] : [stored];
    });
  }

  /** Loads `size` bytes, unsigned. */
  load(address: number, size = 4): number {
    const loaded = this.bus.load(address, size, 0);
    if (typeof loaded !== 'number') throw new Error(`a load from 0x${address.toString(16)} ended in ${loaded}`);
    return loaded >>> 0;
  }

  register(name: RegisterName): number {
    return this.load(this.#start + REGISTER[name]);
  }

  bytes(address: number, length: number): number[] {
    return Array.from({ length }, (_, index) => this.load(address + index, 1));
  }

  /** The used ring: its index, and the elements that count. */
  used(queue: number, size = SIZE): { index: number; elements: [head: number, length: number][] } {
    const { used } = areas(queue);
    const index = this.load(used + 2, 2);
    const count = Math.min(index, size);
    return { index, elements: Array.from({ length: count }, (_, at) => [this.load(used + 4 + 8 * at), this.load(used + 8 + 8 * at)]) };
  }
}

/** Instructions that perform the stores; they use x5 and x6. */
export function codeOf(...lists: Store[][]): number[] {
  return lists.flat().flatMap(({ address, size, value }) => {
    const store = { 1: stores.sb, 2: stores.sh, 4: stores.sw }[size];
    return [...li(5, address), ...li(6, value), store(6, 5, 0)];
  });
}
