/** The entropy device's driver, for the tests: buffers for the device to fill, as virtio 1.2, section 5.4.6 says. */
import { RAM } from '../assembler.ts';
import type { Store } from './virtio-driver.ts';
import { createDriver, descriptor, DEVICE_WRITES } from './virtio-driver.ts';

export const ENTROPY = 0x10003000;
export const QUEUE = 0;

export const entropy = createDriver({ start: ENTROPY, features: 0, queues: 1 });

export const bufferAt = (index: number) => RAM + 0x6000 + 0x800 * index;

/** Describes buffer `index` of the queue. */
export const buffer = (index: number, length: number): Store[] =>
  descriptor(QUEUE, index, { address: bufferAt(index), length, flags: DEVICE_WRITES });
