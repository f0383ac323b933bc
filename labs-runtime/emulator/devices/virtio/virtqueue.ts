/**
 * A split virtqueue as the device sees it: buffers that the driver offers in one ring of guest memory and gets back in another.
 * Everything read here is the guest's to choose, so each function says `broken` where a rule is broken, and none can run on without end.
 * Virtio 1.2, section 2.7.
 */
import type { Ram } from '../../ram.ts';
import { RAM_START } from '../../ram.ts';
import type { Part } from './parts.ts';

/** The most entries a ring may have: a power of two. */
export const QUEUE_SIZE_MAX = 64;

/** One queue as plain data. The driver wrote the words; each address is 64 bits in two of them. */
export interface QueueState {
  size: number;
  ready: boolean;
  /** Buffers taken from the available ring since the queue became ready, modulo 2^16. */
  taken: number;
  /** Buffers given back in the used ring since then, in any order, modulo 2^16. Those between are the device's for now. */
  returned: number;
  descriptorsLow: number;
  descriptorsHigh: number;
  /** The available ring, which the driver writes. */
  driverLow: number;
  driverHigh: number;
  /** The used ring, which the device writes. */
  deviceLow: number;
  deviceHigh: number;
}

export function initialQueue(): QueueState {
  return {
    size: 0,
    ready: false,
    taken: 0,
    returned: 0,
    descriptorsLow: 0,
    descriptorsHigh: 0,
    driverLow: 0,
    driverHigh: 0,
    deviceLow: 0,
    deviceHigh: 0,
  };
}

/** A buffer that the driver offered: one chain of descriptors. Those that the device may write follow those that it may read. */
export interface Buffer {
  /** Index of the first descriptor, by which the driver knows it. */
  head: number;
  readable: Part[];
  writable: Part[];
}

/** Bits of a descriptor's flags. */
const NEXT = 1;
const DEVICE_WRITES = 2;
const INDIRECT = 4; // a feature that no device here offers

const DESCRIPTOR_BYTES = 16;
const RING_HEADER_BYTES = 4;
const AVAILABLE_BYTES = 2;
const USED_BYTES = 8;
const NO_INTERRUPT = 1;

/** Offsets in RAM of a queue's three areas. */
interface Areas {
  descriptors: number;
  available: number;
  used: number;
}

/** The buffer that comes `ahead` buffers after those taken, without taking it; `none` if the driver has not offered that many. */
export function peekBuffer(ram: Ram, queue: Readonly<QueueState>, ahead = 0): Buffer | 'none' | 'broken' {
  const areas = areasOf(ram, queue);
  if (areas === undefined) return 'broken';
  const offered = (ram.load(areas.available + 2, 2) - queue.taken) & 0xffff;
  const outstanding = (queue.taken - queue.returned) & 0xffff;
  // A queue of a size holds that many buffers, and one is in it until it is back in the used ring.
  if (offered + outstanding > queue.size) return 'broken';
  if (ahead >= offered) return 'none';
  const head = ram.load(areas.available + RING_HEADER_BYTES + AVAILABLE_BYTES * ((queue.taken + ahead) % queue.size), 2);
  return readChain(ram, queue, areas.descriptors, head);
}

/** Takes the buffer that `peekBuffer` shows with nothing ahead of it. */
export function takeBuffer(queue: QueueState): void {
  queue.taken = (queue.taken + 1) & 0xffff;
}

/**
 * Gives a buffer that was taken back to the driver, which knows it by its `head`; `written` counts the new bytes from its first writable one.
 * Precondition: the queue has been ready since the buffer was taken.
 */
export function returnBuffer(ram: Ram, queue: QueueState, head: number, written: number): void {
  const { used } = areasOf(ram, queue)!;
  const element = used + RING_HEADER_BYTES + USED_BYTES * (queue.returned % queue.size);
  ram.store(element, 4, head);
  ram.store(element + 4, 4, written);
  queue.returned = (queue.returned + 1) & 0xffff;
  ram.store(used + 2, 2, queue.returned);
}

/** Whether the driver wants an interrupt for buffers returned. Precondition: as for `returnBuffer`. */
export function wantsInterrupt(ram: Ram, queue: QueueState): boolean {
  return (ram.load(areasOf(ram, queue)!.available, 2) & NO_INTERRUPT) === 0;
}

/** The areas, if the queue is ready, its size is one that a queue can have, and every area is aligned and inside RAM. */
function areasOf(ram: Ram, queue: Readonly<QueueState>): Areas | undefined {
  const { size, ready } = queue;
  if (!ready || size === 0 || size > QUEUE_SIZE_MAX || (size & (size - 1)) !== 0) return undefined;
  const descriptors = offsetOf(ram, queue.descriptorsLow, queue.descriptorsHigh, DESCRIPTOR_BYTES * size);
  const available = offsetOf(ram, queue.driverLow, queue.driverHigh, RING_HEADER_BYTES + AVAILABLE_BYTES * size);
  const used = offsetOf(ram, queue.deviceLow, queue.deviceHigh, RING_HEADER_BYTES + USED_BYTES * size);
  const isInRam = descriptors >= 0 && available >= 0 && used >= 0;
  const isAligned = descriptors % 16 === 0 && available % 2 === 0 && used % 4 === 0;
  return isInRam && isAligned ? { descriptors, available, used } : undefined;
}

/** Follows a chain. A chain of more parts than the table has descriptors goes in a circle. */
function readChain(ram: Ram, queue: Readonly<QueueState>, descriptors: number, head: number): Buffer | 'broken' {
  const readable: Part[] = [];
  const writable: Part[] = [];
  for (let index = head; index < queue.size && readable.length + writable.length < queue.size;) {
    const descriptor = descriptors + DESCRIPTOR_BYTES * index;
    const length = ram.load(descriptor + 8, 4) >>> 0;
    const flags = ram.load(descriptor + 12, 2);
    const offset = offsetOf(ram, ram.load(descriptor, 4) >>> 0, ram.load(descriptor + 4, 4), length);
    if (offset < 0 || (flags & INDIRECT) !== 0) return 'broken';
    if ((flags & DEVICE_WRITES) !== 0) writable.push({ offset, length });
    else if (writable.length === 0) readable.push({ offset, length });
    else return 'broken';
    if ((flags & NEXT) === 0) return { head, readable, writable };
    index = ram.load(descriptor + 14, 2);
  }
  return 'broken';
}

/** Offset in RAM of `length` bytes at a 64-bit physical address, or -1 if they are not all inside. */
function offsetOf(ram: Ram, low: number, high: number, length: number): number {
  const offset = low - RAM_START;
  return high === 0 && offset >= 0 && offset + length <= ram.sizeBytes ? offset : -1;
}
