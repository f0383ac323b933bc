/** The network device's driver, for the tests: frames and buffers laid out as virtio 1.2, section 5.1.6 says. */
import { RAM } from '../assembler.ts';
import type { Store } from './virtio-driver.ts';
import { bytesAt, createDriver, descriptor, DEVICE_WRITES, Guest } from './virtio-driver.ts';

export const NET = 0x10001000;
export const RECEIVE = 0;
export const TRANSMIT = 1;

export const { register, notify, negotiate, describeQueue, driverOk, setup } = createDriver({ start: NET, features: 1 << 5, queues: 2 });

export const bufferAt = (queue: number, index: number) => RAM + 0x6000 + 0x1000 * queue + 0x200 * index;

/** Puts a frame behind an empty header into buffer `index` of the transmit queue, described by the descriptor of that number. */
export function frameToSend(index: number, frame: ArrayLike<number>): Store[] {
  const address = bufferAt(TRANSMIT, index);
  return [...bytesAt(address + 12, frame), ...descriptor(TRANSMIT, index, { address, length: 12 + frame.length })];
}

/** Describes buffer `index` of the receive queue. */
export const bufferToFill = (index: number, length = 256): Store[] =>
  descriptor(RECEIVE, index, { address: bufferAt(RECEIVE, index), length, flags: DEVICE_WRITES });

/** A bus with the network device on it, as the guest sees it. */
export class NetworkGuest extends Guest {
  constructor(...before: Store[][]) {
    super(NET, 0, ...before);
  }

  receive(frame: ArrayLike<number>): boolean {
    return this.bus.net.receive(Uint8Array.from(frame));
  }
}
